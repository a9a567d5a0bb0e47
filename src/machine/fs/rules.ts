import { kernel } from '../rights.ts'
import { type Credentials, type Errno, type Stat, SystemError } from '../system.ts'
import { blocksOf } from './base.ts'
import { type Inode, shownInode } from './inode.ts'
import type { Mount } from './mount.ts'
import type { Overlay } from './overlay.ts'
import {
  debianProtections,
  inGroup,
  may,
  openable,
  type Protections,
  permits,
  sealed,
  stuck,
  withoutPrivileges,
} from './permission.ts'
import { type Found, type Place, type Purpose, resolve } from './resolve.ts'

/** What a disk of one attacker is made of. The first mount is the root. */
export type DiskParts = {
  tree: Overlay
  mounts: readonly [Mount, ...Mount[]]
  /** Milliseconds since the epoch, as the machine's clock shows it. */
  now(): number
  random(bytes: number): Buffer
  protections?: Protections
  watch?: Watch
}

/** What an attacker does to contents. `ino` as in the tree. */
export type Watch = {
  written(ino: number, path: string): void
  /** Content that is about to be gone: the last name removed, overwritten from the start. */
  lost(ino: number, path: string, data: Buffer): void
}

const day = 86_400_000
/** Times of access that are remembered for what is otherwise unchanged. */
const touchedMax = 512

/** What the calls of tree.ts have in common: finding, checking, and what every change does to times and counts. */
export const rulesOf = (parts: DiskParts) => {
  const { tree, now, protections = debianProtections } = parts
  const disk = { tree, protections, root: parts.mounts[0], mounts: new Map<number, Mount>() }
  const touched = new Map<number, number>()

  const fail = (errno: Errno, path: string): never => {
    throw new SystemError(errno, path)
  }
  const need = (condition: boolean, errno: Errno, path: string): void => {
    if (!condition) fail(errno, path)
  }
  const find = (path: string, who: Credentials, purpose: Purpose): Found => {
    const found = resolve(disk, path, who, purpose)
    return found.fault ? fail(found.fault, path) : found
  }
  const existing = (path: string, who: Credentials, purpose: 'follow' | 'lookup'): Place =>
    find(path, who, purpose).place ?? fail('ENOENT', path)

  /** On what is mounted read-only; devices and pipes there are written to all the same. */
  const isReadOnly = ({ inode: { type }, mount }: Place): boolean =>
    (type === 'file' || type === 'directory' || type === 'symlink') && /^ro(,|$)/.test((mount ?? disk.root).options)
  /** mnt_want_write: that stays as it is, whoever asks. */
  const writable = (place: Place, path: string): void => need(!isReadOnly(place), 'EROFS', path)

  for (const mount of parts.mounts.slice(1)) {
    const { inode, live } = existing(mount.path, kernel, 'follow')
    // A mount inside a provider's tree (devpts in proc, say) would need no inode of ours; there is none.
    if (!live) disk.mounts.set(inode.ino, mount)
  }

  /** Who may make an entry here, and which errno a file system without that call gives. */
  const mayCreate = ({ parent }: Found, path: string, who: Credentials, refused: Errno = 'EPERM'): void => {
    if (!parent.live) writable(parent, path)
    need(!sealed(parent.inode, true), 'EPERM', path)
    need(permits(parent.inode, may.write | may.execute, who), 'EACCES', path)
    need(!parent.live, refused, path)
  }
  /** may_delete of namei.c. */
  const mayDelete = ({ parent, place }: Found, path: string, who: Credentials, directory: boolean): void => {
    const victim = place!.inode
    need(!sealed(parent.inode, true), 'EPERM', path)
    need(permits(parent.inode, may.write | may.execute, who), 'EACCES', path)
    need(!sealed(parent.inode) && !sealed(victim), 'EPERM', path)
    need(!stuck(parent.inode, victim, who), 'EPERM', path)
    if (directory) need(victim.type === 'directory', 'ENOTDIR', path)
    else need(victim.type !== 'directory', 'EISDIR', path)
    need(!parent.live, 'EPERM', path)
    need(!place!.live && !disk.mounts.has(victim.ino), 'EBUSY', path)
    tree.ensure('move')
  }
  /** filename_create: an entry that is not there yet. */
  const vacant = (path: string, who: Credentials, directory: boolean): Found => {
    const found = find(path, who, 'entry')
    need(found.last === 'name' && !found.place, 'EEXIST', path)
    need(!found.slash || directory, 'ENOENT', path)
    return found
  }
  const entered = (directory: number): void => {
    const inode = tree.change(directory)
    inode.mtime = inode.ctime = now()
    if (inode.type === 'directory') inode.size = blocksOf(tree.list(directory).keys()) * 4096
  }
  const make = (
    { parent, name }: Found,
    who: Credentials,
    fields: Pick<Inode, 'type' | 'mode'> & Partial<Inode>,
  ): Inode => {
    const time = now()
    const inherits = (parent.inode.mode & 0o2000) !== 0
    const gid = inherits ? parent.inode.gid : who.gid
    let { mode } = fields
    if (inherits && fields.type === 'directory') mode |= 0o2000
    // inode_init_owner: nobody gets to run a file with a group that is not theirs.
    else if ((mode & 0o2010) === 0o2010 && who.uid !== 0 && !inGroup(gid, who)) mode &= ~0o2000
    const inode = tree.create({
      nlink: fields.type === 'directory' ? 2 : 1,
      size: 0,
      uid: who.uid,
      atime: time,
      mtime: time,
      ctime: time,
      ...fields,
      mode,
      gid,
    })
    try {
      tree.setName(parent.inode.ino, name, inode.ino)
      if (fields.type === 'directory') tree.change(parent.inode.ino).nlink++
      entered(parent.inode.ino)
    } catch (error) {
      tree.drop(inode.ino)
      throw error
    }
    return inode
  }
  const lost = ({ ino, type, size, data }: Inode, path: string): void => {
    if (parts.watch && type === 'file' && size > 0 && data && data.length > 0)
      parts.watch.lost(ino, path, tree.read(ino, 0, Math.min(size, data.length)))
  }
  /** One name fewer. */
  const unlinked = (ino: number, path: string): void => {
    const inode = tree.change(ino)
    if (inode.nlink === 1) lost(inode, path)
    inode.nlink--
    inode.ctime = now()
    if (inode.nlink === 0 || inode.type === 'directory') tree.drop(ino)
  }
  const accessed = ({ inode, live }: Place): void => {
    if (live) return
    const { ino, mtime, ctime } = inode
    const before = touched.get(ino) ?? inode.atime
    const time = now()
    // relatime
    if (before > mtime && before > ctime && time - before < day) return
    const own = tree.nodes.get(ino)
    if (own) tree.change(ino).atime = time
    else if (touched.size < touchedMax) touched.set(ino, time)
  }
  const change = (place: Place, path: string): Inode => {
    const { inode, live } = place
    need(!live && !sealed(inode), 'EPERM', path)
    return tree.change(inode.ino)
  }
  const wrote = (inode: Inode, who: Credentials): void => {
    inode.mtime = inode.ctime = now()
    if (who.uid !== 0) inode.mode = withoutPrivileges(inode, who)
  }

  const statOf = ({ inode, dev, mount, live }: Place): Stat => {
    const { ino, type, mode, nlink, uid, gid, size, mtime, ctime, rdev } = inode
    const atime = Math.max(touched.get(ino) ?? 0, inode.atime)
    const isMountRoot = !live && mount !== undefined && disk.mounts.get(ino) === mount
    const shown = live ? ino : isMountRoot ? 1 : shownInode(ino)
    const blocks = live ? 0 : blocksTaken(inode)
    return {
      type,
      ino: shown,
      dev,
      mode,
      nlink,
      uid,
      gid,
      size,
      blocks,
      atime,
      mtime,
      ctime,
      ...(rdev ? { rdev } : {}),
    }
  }

  const openForWriting = (
    path: string,
    who: Credentials,
    { mode = 0o666, exclusive, held, append }: { mode?: number; exclusive?: true; held?: true; append?: true },
  ): Place & { made?: true } => {
    const found = resolve(disk, path, who, exclusive ? 'entry' : 'create')
    need(found.last === 'name' || !exclusive, 'EEXIST', path)
    need(found.last === 'name' && !found.slash, 'EISDIR', path)
    if (found.fault) fail(found.fault, path)
    const { place, parent } = found
    if (!place) {
      mayCreate(found, path, who, 'EACCES')
      const inode = make(found, who, { type: 'file', mode: mode & 0o7777, data: Buffer.alloc(0) })
      return { inode, dev: parent.dev, made: true }
    }
    need(!exclusive, 'EEXIST', path)
    const { inode } = place
    need(inode.type !== 'directory', 'EISDIR', path)
    if (!held && !place.live) writable(place, path)
    need(held || !sealed(inode, append), 'EPERM', path)
    need(held || openable(inode, parent.inode, who, protections), 'EACCES', path)
    need(held || permits(inode, may.write, who), 'EACCES', path)
    need(inode.type !== 'socket' && inode.type !== 'fifo', 'ENXIO', path)
    return place
  }

  return {
    tree,
    touched,
    fail,
    need,
    disk,
    find,
    existing,
    isReadOnly,
    writable,
    mayCreate,
    mayDelete,
    vacant,
    entered,
    make,
    unlinked,
    lost,
    accessed,
    change,
    wrote,
    statOf,
    openForWriting,
    protections,
  }
}

/** In units of 512 bytes; ext4 keeps short links in the inode. */
const blocksTaken = ({ type, size, data }: Readonly<Inode>): number => {
  if (type === 'symlink') return size < 60 ? 0 : 8
  if (type !== 'file' && type !== 'directory') return 0
  return Math.ceil(Math.min(size, data?.length ?? size) / 4096) * 8
}
