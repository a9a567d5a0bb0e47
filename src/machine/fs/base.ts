import { createCipheriv } from 'node:crypto'
import type { FileType } from '../system.ts'
import type { Image } from './image.ts'
import { typeBits } from './image-encode.ts'
import type { Layer } from './inode.ts'
import { packageListsOf } from './package-lists.ts'

const types = new Map<number, FileType>(
  Object.entries(typeBits).map(([type, bits]) => [bits, type as FileType] as const),
)

const day = 86_400_000

/** Numbers of accounts that are others than in the image. */
export type Owners = { uids: ReadonlyMap<number, number>; gids: ReadonlyMap<number, number> }

/**
 * The image as a disk of this machine. `key` (16 bytes) makes the filler of binaries, `installedAt` and `bootedAt`
 * (milliseconds) the times that packages do not bring; `upgradedAt` when the newest of them came.
 */
export const baseLayer = (
  image: Image,
  about: { key: Buffer; installedAt: number; bootedAt: number; upgradedAt: number; owners?: Owners },
): Layer => {
  const { installedAt, bootedAt, upgradedAt, owners } = about
  /** The image's packages are newer than this machine's may be: those were built some weeks before they came. */
  const builtAt = (mtime: number): number =>
    mtime < upgradedAt ? mtime : upgradedAt - 20 * day - ((mtime / 1000) % (40 * 86_400)) * 1000
  // Unpacking the installer's packages takes some minutes; what belongs together was written together.
  const changedAt = (ino: number): number => installedAt + ((ino * 7919) % 240_000)
  const sizes = new Map<number, number>()
  const listOf = packageListsOf(image)
  const directorySize = (ino: number): number => {
    const known = sizes.get(ino) ?? blocksOf(image.entries(ino).map(({ name }) => name)) * 4096
    sizes.set(ino, known)
    return known
  }
  return {
    version: image.version,
    next: image.count,
    get(ino) {
      if (ino >= image.count) return undefined
      const bits = image.mode(ino)
      const type = types.get(bits >> 12) ?? 'file'
      const ctime = changedAt(ino)
      const mtime = builtAt(image.mtime(ino) * 1000) || ctime
      return {
        ino,
        type,
        mode: bits & 0o7777,
        uid: owners?.uids.get(image.uid(ino)) ?? image.uid(ino),
        gid: owners?.gids.get(image.gid(ino)) ?? image.gid(ino),
        nlink: image.nlink(ino),
        size:
          type === 'directory' ? directorySize(ino) : ((image.content(ino) ?? listOf(ino))?.length ?? image.size(ino)),
        // A directory changed when its last entry came; relatime keeps an access per day at most.
        mtime: type === 'directory' ? ctime : mtime,
        ctime,
        atime: Math.max(bootedAt + (ino % 9973), ctime + day / 24),
        ...(type === 'symlink' ? { target: image.target(ino), size: image.target(ino).length } : {}),
      }
    },
    lookup: (directory, name) => image.find(directory, name),
    list: directory => new Map(image.entries(directory).map(({ name, node }) => [name, node])),
    read(ino, at, max) {
      const content = image.content(ino) ?? listOf(ino)
      if (content) return content.subarray(at, at + max)
      const head = image.head(ino)
      const length = Math.max(0, Math.min(max, image.size(ino) - at))
      const from = opening(head)
      const bytes = head && head[0] !== 0x23 ? noise(about.key, ino, at, length) : lines(at, length)
      if (at < from.length) from.subarray(at, at + length).copy(bytes)
      return bytes
    },
  }
}

/** ext4: an entry takes 8 bytes and its name, in fours; beyond one block an index comes, and leaves stay three quarters full. */
export const blocksOf = (names: Iterable<string>): number => {
  let bytes = 24
  for (const name of names) bytes += 8 + Math.ceil(name.length / 4) * 4
  return bytes <= 4084 ? 1 : 1 + Math.ceil(bytes / 3072)
}

const interpreter = '/lib64/ld-linux-x86-64.so.2\0'

/** An ELF header is followed by a program header of the interpreter, so that `file` calls it dynamically linked. */
const opening = (head: Buffer | undefined): Buffer => {
  if (!head) return Buffer.alloc(0)
  // e_type 2 and 3, e_phoff 64: an executable or shared object of the usual form.
  if (head.length !== 64 || head.readUInt16LE(16) < 2 || head.readUInt32LE(32) !== 64) return head
  const count = head.readUInt16LE(56)
  const table = Buffer.alloc(count * 56)
  const program = (index: number, type: number, flags: number, offset: number, size: number): void => {
    if (index >= count) return
    table.writeUInt32LE(type, index * 56)
    table.writeUInt32LE(flags, index * 56 + 4)
    for (const field of [8, 16, 24]) table.writeUInt32LE(offset, index * 56 + field)
    for (const field of [32, 40]) table.writeUInt32LE(size, index * 56 + field)
    table.writeUInt32LE(type === 3 ? 1 : 8, index * 56 + 48)
  }
  const after = 64 + table.length
  program(0, 6, 4, 64, table.length)
  program(1, 3, 4, after, interpreter.length)
  return Buffer.concat([head, table, Buffer.from(interpreter)])
}

/** The same bytes at the same place whenever they are read, whatever part is asked for. */
const noise = (key: Buffer, ino: number, at: number, length: number): Buffer => {
  const start = Math.floor(at / 16)
  const counter = Buffer.alloc(16)
  counter.writeUInt32BE(ino, 0)
  counter.writeUInt32BE(start, 12)
  const cipher = createCipheriv('aes-128-ctr', key, counter)
  return cipher.update(Buffer.alloc(length + (at - start * 16))).subarray(at - start * 16)
}

/** Of a script or a text that the image does not keep: comment lines. */
const lines = (at: number, length: number): Buffer => {
  const bytes = Buffer.alloc(length, 0x23)
  for (let index = 79 - (at % 80); index < length; index += 80) bytes[index] = 10
  return bytes
}
