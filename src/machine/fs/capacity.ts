import type { Host } from '../system.ts'
import type { Mount } from './mount.ts'

/** statvfs(3) of a mounted file system; in blocks of `blockSize` bytes. */
export type Capacity = {
  blockSize: number
  blocks: number
  free: number
  /** Without what is kept for root. */
  available: number
  inodes: number
  freeInodes: number
  /** f_fsid */
  id: bigint
}

const block = 4096
const mib = 1 << 20
/** In front of the first partition, and what its boot partitions take, on Debian's cloud images. */
const beforeRoot = 128 * mib
/** mke2fs's defaults: a byte count per inode, bytes of an inode, of the journal; and kept for root. */
const bytesPerInode = 16_384
const inodeBytes = 256
const journal = 64 * mib
const reserved = 0.05

/** The mount that a path without links lies in. */
export const mountAt = (mounts: readonly Mount[], path: string): Mount =>
  mounts.reduce((best, mount) => {
    const inside = mount.path === '/' || path === mount.path || path.startsWith(`${mount.path}/`)
    return inside && mount.path.length >= best.path.length ? mount : best
  }, mounts[0]!)

/** What a mounted file system holds and has left, as df(1) tells it and statvfs(3) gives it. */
export const capacityOf = ({ persona }: Pick<Host, 'persona'>, mount: Mount): Capacity => {
  const seed = persona.derive(`capacity ${mount.path}`, 16)
  const id = seed.readBigUInt64BE(8)
  if (mount.type === 'ext4') {
    const size = persona.disk - beforeRoot
    const inodes = Math.floor(size / bytesPerInode / 16) * 16
    const blocks = Math.floor((size - inodes * inodeBytes - journal) / block)
    // A small server's packages, logs and caches: 1.7 to 2.7 GiB.
    const used = Math.min(Math.floor((1.7 + seed.readUInt16BE(0) / 65_536) * 2 ** 18), Math.floor(blocks * 0.8))
    const free = blocks - used
    const available = Math.max(0, free - Math.floor(blocks * reserved))
    return { blockSize: block, blocks, free, available, inodes, freeInodes: inodes - 61_000 - (seed[2]! << 5), id }
  }
  const size = sizeOption(mount.options)
  const inodes = size === undefined ? 0 : Math.floor(persona.memory / 8600)
  const blocks = Math.floor((size ?? (mount.type === 'tmpfs' ? persona.memory / 2 : 0)) / block)
  const used = mount.path === '/run' ? Math.min(blocks, 90 + (seed[0]! >> 2)) : 0
  const usedInodes = mount.path === '/run' ? 560 : mount.type === 'devtmpfs' ? 330 : 1
  const free = blocks - used
  return { blockSize: block, blocks, free, available: free, inodes, freeInodes: Math.max(0, inodes - usedInodes), id }
}

/** `size=…k` of tmpfs, in bytes. */
const sizeOption = (options: string): number | undefined => {
  const found = /(?:^|,)size=(\d+)k/.exec(options)
  return found ? Number(found[1]) * 1024 : undefined
}
