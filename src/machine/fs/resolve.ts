import { type Credentials, type Errno, SystemError } from '../system.ts'
import type { Inode } from './inode.ts'
import type { Live, Mount } from './mount.ts'
import type { Overlay } from './overlay.ts'
import { followable, may, type Protections, permits } from './permission.ts'

/** Where a path led. */
export type Place = {
  inode: Readonly<Inode>
  dev: number
  mount?: Mount | undefined
  /** Below a provider: its path there and what it is. */
  live?: { path: string; file: Live }
}

/**
 * A path resolved up to its last part, and that part as far as it is there. `trail` are the directories from the root
 * down to `parent`, without links.
 */
export type Found = {
  parent: Place
  trail: readonly { name: string; place: Place }[]
  name: string
  last: 'name' | 'dot' | 'dotdot' | 'root'
  /** A slash ended the path: only a directory will do. */
  slash: boolean
  place: Place | undefined
  /** The last name itself is impossible; rename(2) looks at both its directories before it says so. */
  fault?: Errno
}

/**
 * `follow` and `lookup` find what is there (stat, lstat); `entry` the name itself, as for unlink and mkdir; `create`
 * follows links to a name where a file may be made (open with O_CREAT).
 */
export type Purpose = 'follow' | 'lookup' | 'entry' | 'create'

const pathMax = 4096
const nameMax = 255
const linksMax = 40

type Disk = { tree: Overlay; mounts: ReadonlyMap<number, Mount>; root: Mount; protections: Protections }

/** path_resolution(7), for absolute paths. */
export const resolve = (disk: Disk, path: string, who: Credentials, purpose: Purpose): Found => {
  if (path === '') throw new SystemError('ENOENT', path)
  if (path.length >= pathMax) throw new SystemError('ENAMETOOLONG', path)
  const root = rootOf(disk)
  const trail: { name: string; place: Place }[] = [{ name: '', place: root }]
  const rest = partsOf(path)
  let slash = path.endsWith('/')
  let links = 0
  for (;;) {
    const here = trail.at(-1)!.place
    const name = rest.pop()
    if (name === undefined) return { parent: here, trail, name: '', last: 'root', slash, place: here }
    if (here.inode.type !== 'directory') throw new SystemError('ENOTDIR', path)
    if (!permits(here.inode, may.execute, who)) throw new SystemError('EACCES', path)
    const isLast = rest.length === 0
    if (name === '.' || name === '..') {
      if (name === '..' && trail.length > 1 && !(isLast && purpose === 'entry')) trail.pop()
      if (!isLast) continue
      const last = name === '.' ? 'dot' : 'dotdot'
      return { parent: trail.at(-1)!.place, trail, name, last, slash, place: trail.at(-1)!.place }
    }
    // O_CREAT refuses a slash at the end unseen.
    if (isLast && slash && purpose === 'create') {
      return { parent: here, trail, name, last: 'name', slash, place: undefined }
    }
    if (name.length > nameMax) {
      if (!isLast || purpose !== 'entry') throw new SystemError('ENAMETOOLONG', path)
      return { parent: here, trail, name, last: 'name', slash, place: undefined, fault: 'ENAMETOOLONG' }
    }
    const place = enter(disk, here, name)
    const found = { parent: here, trail, name, last: 'name' as const, slash, place }
    if (!place) {
      const fault = here.live && here.mount?.provider?.missing
      if (!isLast || (fault && purpose !== 'entry')) throw new SystemError('ENOENT', path)
      return fault ? { ...found, fault } : found
    }
    const follows = !isLast || purpose === 'follow' || purpose === 'create' || (purpose === 'lookup' && slash)
    if (place.inode.type === 'symlink' && follows) {
      if (links++ >= linksMax) throw new SystemError('ELOOP', path)
      if (isLast && disk.protections.symlinks && !followable(place.inode, here.inode, who)) {
        throw new SystemError('EACCES', path)
      }
      const target = place.inode.target ?? ''
      if (target.startsWith('/')) trail.length = 1
      if (isLast && target.endsWith('/')) slash = true
      const parts = partsOf(target)
      // A link to the root, or to `.`: the directory itself is what was asked for.
      rest.push(...(parts.length > 0 ? parts : ['.']))
      continue
    }
    if (isLast) {
      if (slash && place.inode.type !== 'directory' && (purpose === 'follow' || purpose === 'lookup')) {
        throw new SystemError('ENOTDIR', path)
      }
      return found
    }
    trail.push({ name, place })
  }
}

/** The parts, last first. */
const partsOf = (path: string): string[] => path.split('/').filter(Boolean).reverse()

/** The path of what was found, without links. */
export const pathOf = ({ trail, name, last }: Found): string => {
  const names = trail.slice(1).map(part => part.name)
  return `/${(last === 'name' ? [...names, name] : names).join('/')}`
}

const rootOf = ({ tree, root }: Disk): Place => ({ inode: tree.get(0)!, dev: root.dev })

/** The entry `name` of a directory, or what is mounted there. */
export const enter = ({ tree, mounts }: Disk, directory: Place, name: string): Place | undefined => {
  const { mount } = directory
  if (mount?.provider) {
    const path = directory.live?.path ? `${directory.live.path}/${name}` : name
    return livePlace(mount, path)
  }
  const ino = tree.lookup(directory.inode.ino, name)
  if (ino === undefined) return undefined
  const mounted = mounts.get(ino)
  if (mounted?.provider) return livePlace(mounted, '')
  const inode = tree.get(ino)!
  return { inode, dev: mounted?.dev ?? directory.dev, mount: mounted ?? mount }
}

/** A provider's file as an inode, so that the same rules judge it. */
const livePlace = (mount: Mount, path: string): Place | undefined => {
  const file = mount.provider?.lookup(path)
  if (!file) return undefined
  const time = file.time ?? mount.mountedAt
  const inode: Inode = {
    ino: inodeNumber(path),
    type: file.type,
    mode: file.mode,
    uid: file.uid ?? 0,
    gid: file.gid ?? 0,
    nlink: file.nlink ?? (file.type === 'directory' ? 2 : 1),
    size: file.size ?? 0,
    atime: time,
    mtime: time,
    ctime: time,
    ...(file.target === undefined ? {} : { target: file.target }),
    ...(file.rdev ? { rdev: file.rdev } : {}),
  }
  return { inode, dev: mount.dev, mount, live: { path, file } }
}

/** Stable and unlike its neighbours'; 1 for the root of a file system. */
const inodeNumber = (path: string): number => {
  let hash = path === '' ? 1 : 0
  for (let index = 0; index < path.length; index++) hash = (hash * 31 + path.charCodeAt(index)) % 0x7fffffff
  return path === '' ? 1 : 4096 + hash
}
