import type { FileType, Stat } from '../system.ts'

/** A file, wherever a name leads to it. Times in milliseconds since the epoch. */
export type Inode = {
  ino: number
  type: FileType
  mode: number
  uid: number
  gid: number
  nlink: number
  size: number
  atime: number
  mtime: number
  ctime: number
  /** Of a symbolic link. */
  target?: string
  rdev?: Stat['rdev']
  /** Attributes of ioctl_iflags(2), where somebody changed them. */
  flags?: number
  /**
   * Content of its own; undefined: that of the layer below. Shorter than `size`: a hole follows; longer: room to grow,
   * filled with zeros.
   */
  data?: Buffer
  /** Content made when first read; `size` goes by it. */
  render?: () => Buffer
  /** Of a directory: entries that differ from the layer below; 0 (the root, never an entry) for those that are gone. */
  names?: Map<string, number>
}

/** A tree of inodes to look at. Node 0 is the root. */
export type Layer = {
  /** Of everything it is made from: what was saved on top of one version means nothing on another. */
  version: string
  /** Numbers from here on are free. */
  next: number
  get(ino: number): Readonly<Inode> | undefined
  lookup(directory: number, name: string): number | undefined
  list(directory: number): Map<string, number>
  /** At most `max` bytes from `at`. */
  read(ino: number, at: number, max: number): Buffer
}

/** ext4 keeps ten numbers for itself; its root is the second of them. */
const reserved = 11

/** The number that stat(2) shows for the tree's inode. */
export const shownInode = (ino: number): number => (ino === 0 ? 2 : ino + reserved)

/** The tree's inode behind a number that stat(2) showed. */
export const inodeOf = (shown: number): number => (shown === 2 ? 0 : shown - reserved)
