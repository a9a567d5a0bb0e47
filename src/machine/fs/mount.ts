import type { FileType, Stat } from '../system.ts'

/** A file of proc, sysfs and their like, as it is at this moment. */
export type Live = {
  type: FileType
  mode: number
  uid?: number
  gid?: number
  /** Milliseconds since the epoch; by default when it was mounted. */
  time?: number
  nlink?: number
  /** What stat(2) says; proc's files say 0 whatever they hold. */
  size?: number
  /** Of a symbolic link. */
  target?: string
  rdev?: Stat['rdev']
  list?(): string[]
  read?(): Buffer
  /** Without it, a write that permissions allow ends in EIO. */
  write?(data: Buffer): void
}

/** Answers for everything below a mount point from live data. Paths are relative: `''` is the root, then `1/status`. */
export type Provider = {
  lookup(path: string): Live | undefined
  /** A name that is not there: proc says so even to who would create it; sysfs (`undefined`) lets the kernel refuse. */
  missing?: 'ENOENT'
}

/** A file system in the tree. Without a provider, what is below the path is ordinary, but a device of its own. */
export type Mount = {
  path: string
  /** As /proc/mounts shows it. */
  source: string
  type: string
  options: string
  dev: number
  /** Milliseconds since the epoch. */
  mountedAt: number
  /** Bytes of flash that it has, and that are taken; other kinds follow from the persona. */
  space?: { bytes: number; used: number }
  /** Mounted before the root was, by the kernel or the initial ramdisk: in which order. */
  early?: number
  provider?: Provider
}

/** As /proc/mounts lists them: what was mounted before the root comes first. */
export const inOrder = (mounts: readonly Mount[]): Mount[] =>
  mounts.toSorted((a, b) => (a.early ?? Number.POSITIVE_INFINITY) - (b.early ?? Number.POSITIVE_INFINITY) || 0)
