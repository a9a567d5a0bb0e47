import { zstdCompressSync, zstdDecompressSync } from 'node:zlib'
import type { FileType } from '../system.ts'
import type { Inode } from './inode.ts'
import type { Overlay } from './overlay.ts'

type Row = {
  i: [ino: number, type: FileType, mode: number, uid: number, gid: number, nlink: number, size: number]
  t: [atime: number, mtime: number, ctime: number]
  to?: string
  dev?: Inode['rdev']
  flags?: number
  /** Bytes of its own in the part after the head. */
  data?: number
  names?: [string, number][]
}
type Head = { version: string; rows: Row[] }

/** What an attacker changed, as bytes: zstd over the length of a JSON head, the head, and contents one after another. */
export const saveDelta = (tree: Overlay): Buffer => {
  const contents: Buffer[] = []
  const rows = [...tree.nodes.values()].map((inode): Row => {
    const { ino, type, mode, uid, gid, nlink, size, atime, mtime, ctime, target, rdev, flags, data, names } = inode
    const content = data?.subarray(0, size)
    if (content) contents.push(content)
    return {
      i: [ino, type, mode, uid, gid, nlink, size],
      t: [atime, mtime, ctime],
      ...(target === undefined ? {} : { to: target }),
      ...(rdev ? { dev: rdev } : {}),
      ...(flags === undefined ? {} : { flags }),
      ...(content ? { data: content.length } : {}),
      ...(names ? { names: [...names] } : {}),
    }
  })
  const head = Buffer.from(JSON.stringify({ version: tree.version, rows } satisfies Head))
  const length = Buffer.alloc(4)
  length.writeUInt32LE(head.length)
  return zstdCompressSync(Buffer.concat([length, head, ...contents]))
}

/**
 * Puts back what was saved, into a tree that has no changes; says whether it could: not when the disk below is another
 * one by now, not beyond `max` bytes unpacked. Only for what saveDelta made: its form is not checked.
 */
export const restoreDelta = (tree: Overlay, delta: Buffer, max = 64 << 20): boolean => {
  const bytes = zstdDecompressSync(delta, { maxOutputLength: max })
  const headEnd = 4 + bytes.readUInt32LE(0)
  const { version, rows } = JSON.parse(bytes.toString('utf8', 4, headEnd)) as Head
  if (version !== tree.version || tree.nodes.size > 0) return false
  let at = headEnd
  for (const { i, t, to, dev, flags, data, names } of rows) {
    const [ino, type, mode, uid, gid, nlink, size] = i
    const [atime, mtime, ctime] = t
    tree.restore({
      ino,
      type,
      mode,
      uid,
      gid,
      nlink,
      size,
      atime,
      mtime,
      ctime,
      ...(to === undefined ? {} : { target: to }),
      ...(dev ? { rdev: dev } : {}),
      ...(flags === undefined ? {} : { flags }),
      // A copy: a slice would keep everything that was unpacked.
      ...(data === undefined ? {} : { data: Buffer.from(bytes.subarray(at, at + data)) }),
      ...(names ? { names: new Map(names) } : {}),
    })
    at += data ?? 0
  }
  return true
}
