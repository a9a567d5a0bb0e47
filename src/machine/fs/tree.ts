import type { FileSystem } from '../system.ts'
import { deviceRead, deviceWrite, endless } from './devices.ts'
import { attribute, inGroup, linkable, may, owns, permits, sealed, withoutPrivileges } from './permission.ts'
import { type Found, type Place, pathOf, resolve } from './resolve.ts'
import { type DiskParts, rulesOf } from './rules.ts'

/** What one call reads at most. */
const readMax = 16 << 20

/** The system calls on one attacker's disk, with Linux's order of checks (fs/namei.c, fs/attr.c; ext4). */
export const createFileSystem = (parts: DiskParts): FileSystem => {
  const { now } = parts
  const {
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
  } = rulesOf(parts)

  return {
    stat: (path, who) => statOf(existing(path, who, 'follow')),
    lstat: (path, who) => statOf(existing(path, who, 'lookup')),

    readFile(path, who, { at = 0, max } = {}) {
      const place = existing(path, who, 'follow')
      const { inode, live } = place
      need(permits(inode, may.read, who), 'EACCES', path)
      need(inode.type !== 'directory', 'EISDIR', path)
      need(inode.type !== 'socket' && inode.type !== 'fifo', 'ENXIO', path)
      const most = Math.min(max ?? readMax, readMax)
      if (inode.rdev) return deviceRead(inode, Math.min(max ?? endless, readMax), parts.random, path)
      if (live) return live.file.read?.().subarray(at, at + most) ?? fail('EIO', path)
      const data = tree.read(inode.ino, at, most)
      accessed(place)
      return data
    },

    writeFile(path, data, who, how = {}) {
      need((how.at ?? 0) >= 0, 'EINVAL', path)
      const place = openForWriting(path, who, how)
      const { inode, live, made } = place
      // Opening changes nothing there.
      if (data.length === 0 && (inode.rdev || live)) return
      if (inode.rdev) return deviceWrite(inode, path)
      if (live) {
        if (!live.file.write) return fail('EIO', path)
        return live.file.write(data)
      }
      const { ino } = inode
      const keeps = made || how.append || how.at !== undefined
      if (!keeps) {
        lost(inode, path)
        tree.truncate(ino, 0)
        wrote(tree.change(ino), who)
      }
      if (data.length === 0) return
      tree.write(ino, data, how.append ? inode.size : (how.at ?? 0))
      parts.watch?.written(ino, path)
      wrote(tree.change(ino), who)
    },

    truncate(path, size, who) {
      need(size >= 0, 'EINVAL', path)
      const place = existing(path, who, 'follow')
      need(place.inode.type !== 'directory', 'EISDIR', path)
      need(place.inode.type === 'file', 'EINVAL', path)
      if (!place.live) writable(place, path)
      need(permits(place.inode, may.write, who), 'EACCES', path)
      const { ino } = change(place, path)
      if (size === 0) lost(place.inode, path)
      tree.truncate(ino, size)
      wrote(tree.change(ino), who)
    },

    readdir(path, who) {
      const place = existing(path, who, 'follow')
      const { inode, live } = place
      need(inode.type === 'directory', 'ENOTDIR', path)
      need(permits(inode, may.read, who), 'EACCES', path)
      if (live) return live.file.list?.() ?? []
      accessed(place)
      // ext4 gives them in the order of a hash.
      const names = [...tree.list(inode.ino).keys()]
      const ranks = new Map(names.map(name => [name, rank(name)]))
      return names.sort((a, b) => ranks.get(a)! - ranks.get(b)! || (a < b ? -1 : 1))
    },

    mkdir(path, mode, who) {
      const found = vacant(path, who, true)
      mayCreate(found, path, who)
      make(found, who, { type: 'directory', mode: mode & 0o1777, size: 4096 })
    },

    rmdir(path, who) {
      const found = find(path, who, 'entry')
      const { last, place, parent, name } = found
      if (last !== 'name') return fail(({ dotdot: 'ENOTEMPTY', dot: 'EINVAL', root: 'EBUSY' } as const)[last], path)
      if (!parent.live) writable(parent, path)
      if (!place) return fail('ENOENT', path)
      mayDelete(found, path, who, true)
      need(tree.list(place.inode.ino).size === 0, 'ENOTEMPTY', path)
      tree.setName(parent.inode.ino, name, undefined)
      tree.change(parent.inode.ino).nlink--
      entered(parent.inode.ino)
      unlinked(place.inode.ino, path)
    },

    unlink(path, who) {
      const found = find(path, who, 'entry')
      const { last, slash, place, parent, name } = found
      need(last === 'name', 'EISDIR', path)
      if (!parent.live) writable(parent, path)
      if (!place) return fail('ENOENT', path)
      if (slash) fail(place.inode.type === 'directory' ? 'EISDIR' : 'ENOTDIR', path)
      mayDelete(found, path, who, false)
      tree.setName(parent.inode.ino, name, undefined)
      entered(parent.inode.ino)
      unlinked(place.inode.ino, path)
    },

    rename(from, to, who) {
      const old = resolve(disk, from, who, 'entry')
      const next = resolve(disk, to, who, 'entry')
      need(old.parent.dev === next.parent.dev, 'EXDEV', from)
      need(old.last === 'name' && next.last === 'name', 'EBUSY', from)
      if (!old.parent.live) writable(old.parent, from)
      const source = old.place ?? fail(old.fault ?? 'ENOENT', from)
      if (next.fault) fail(next.fault, to)
      const { ino } = source.inode
      const isDirectory = source.inode.type === 'directory'
      need(isDirectory || (!old.slash && !next.slash), 'ENOTDIR', from)
      need(!passes(next, source), 'EINVAL', from)
      const target = next.place?.inode
      need(!next.place || !passes(old, next.place), 'ENOTEMPTY', from)
      if (target?.ino === ino) return
      mayDelete(old, from, who, isDirectory)
      if (target) mayDelete(next, to, who, isDirectory)
      else mayCreate(next, to, who)
      const [oldParent, newParent] = [old.parent.inode.ino, next.parent.inode.ino]
      if (isDirectory && oldParent !== newParent) need(permits(source.inode, may.write, who), 'EACCES', from)
      if (isDirectory && target) need(tree.list(target.ino).size === 0, 'ENOTEMPTY', to)
      tree.setName(newParent, next.name, ino)
      tree.setName(oldParent, old.name, undefined)
      if (isDirectory) {
        tree.change(oldParent).nlink--
        if (!target) tree.change(newParent).nlink++
        else if (oldParent === newParent) tree.change(newParent)
      }
      if (target) unlinked(target.ino, to)
      tree.change(ino).ctime = now()
      parts.watch?.written(ino, to)
      entered(oldParent)
      entered(newParent)
    },

    link(from, to, who) {
      const { inode, dev } = existing(from, who, 'lookup')
      const found = vacant(to, who, false)
      need(found.parent.dev === dev, 'EXDEV', to)
      need(!protections.hardlinks || linkable(inode, who), 'EPERM', to)
      need(!sealed(inode), 'EPERM', to)
      mayCreate(found, to, who)
      need(inode.type !== 'directory', 'EPERM', from)
      need(inode.nlink < 65_000, 'EMLINK', from)
      tree.ensure('add')
      tree.setName(found.parent.inode.ino, found.name, inode.ino)
      entered(found.parent.inode.ino)
      const linked = tree.change(inode.ino)
      linked.nlink++
      linked.ctime = now()
    },

    symlink(target, path, who) {
      need(target !== '', 'ENOENT', path)
      need(target.length < 4096, 'ENAMETOOLONG', path)
      const found = vacant(path, who, false)
      mayCreate(found, path, who)
      make(found, who, { type: 'symlink', mode: 0o777, target, size: target.length })
    },

    readlink(path, who) {
      const place = existing(path, who, 'lookup')
      const { inode } = place
      if (inode.type !== 'symlink') return fail('EINVAL', path)
      accessed(place)
      return inode.target ?? ''
    },

    mknod(path, type, mode, who, rdev) {
      const found = vacant(path, who, false)
      mayCreate(found, path, who)
      need(who.uid === 0 || (type !== 'char' && type !== 'block'), 'EPERM', path)
      make(found, who, { type, mode: mode & 0o7777, ...(rdev ? { rdev } : {}) })
    },

    chmod(path, mode, who) {
      const place = existing(path, who, 'follow')
      if (!place.live) writable(place, path)
      need(owns(place.inode, who), 'EPERM', path)
      const inode = change(place, path)
      const keepsGroup = who.uid === 0 || inGroup(inode.gid, who)
      inode.mode = mode & (keepsGroup ? 0o7777 : 0o5777)
      inode.ctime = now()
    },

    chown(path, uid, gid, who, follow = true) {
      const place = existing(path, who, follow ? 'follow' : 'lookup')
      const { inode } = place
      if (!place.live) writable(place, path)
      const mine = who.uid === inode.uid
      need(who.uid === 0 || uid === -1 || (mine && uid === inode.uid), 'EPERM', path)
      need(who.uid === 0 || gid === -1 || (mine && (gid === inode.gid || inGroup(gid, who))), 'EPERM', path)
      const changed = change(place, path)
      if (changed.type !== 'directory') changed.mode = withoutPrivileges(changed, who)
      if (uid !== -1) changed.uid = uid
      if (gid !== -1) changed.gid = gid
      changed.ctime = now()
    },

    utimes(path, atime, mtime, who, follow = true) {
      const place = existing(path, who, follow ? 'follow' : 'lookup')
      if (!place.live) writable(place, path)
      if (atime === 'now' && mtime === 'now') {
        need(owns(place.inode, who) || permits(place.inode, may.write, who), 'EACCES', path)
      } else if (atime !== undefined || mtime !== undefined) need(owns(place.inode, who), 'EPERM', path)
      else return
      const inode = change(place, path)
      const time = now()
      touched.delete(inode.ino)
      if (atime !== undefined) inode.atime = atime === 'now' ? time : atime
      if (mtime !== undefined) inode.mtime = mtime === 'now' ? time : mtime
      inode.ctime = time
    },

    access(path, mask, who) {
      const place = existing(path, who, 'follow')
      if (mask & may.write && !place.live && isReadOnly(place)) return false
      return permits(place.inode, mask, who)
    },

    flags(path, who) {
      const { inode, live, mount } = existing(path, who, 'lookup')
      need(keepsFlags(inode, live, mount), 'ENOTTY', path)
      return inode.flags ?? attribute.extents
    },

    setFlags(path, flags, who) {
      const { inode, live, mount } = existing(path, who, 'lookup')
      need(keepsFlags(inode, live, mount), 'ENOTTY', path)
      need(owns(inode, who), 'EPERM', path)
      const guarded = attribute.immutable | attribute.append
      need(who.uid === 0 || ((flags ^ (inode.flags ?? 0)) & guarded) === 0, 'EPERM', path)
      const changed = tree.change(inode.ino)
      changed.flags = flags
      changed.ctime = now()
    },

    realpath(path, who) {
      const found = find(path, who, 'follow')
      return found.place ? pathOf(found) : fail('ENOENT', path)
    },
  }
}

/** ext4 does, tmpfs and what is live do not. */
const keepsFlags = ({ type }: Place['inode'], live: Place['live'], mount: Place['mount']): boolean =>
  (type === 'file' || type === 'directory') && !live && (mount === undefined || mount.type === 'ext4')

/** One lies above the other, or is it. */
const passes = ({ trail }: Found, { inode, dev }: Place): boolean =>
  trail.some(({ place }) => place.inode.ino === inode.ino && place.dev === dev)

const rank = (name: string): number => {
  let hash = 0x811c9dc5
  for (let index = 0; index < name.length; index++) hash = Math.imul(hash ^ name.charCodeAt(index), 0x01000193)
  return Math.imul(hash ^ (hash >>> 15), 0x2c1b3c6d) >>> 0
}
