/** A bounded file system in memory: what one attacker sees, and what they made of it. Sizes in bytes, times in ms. */

type Stat = { mode: number; uid: number; gid: number; mtime: number }
export type File = Stat & { size: number; bytes?: Buffer }
export type Dir = Stat & { entries: Map<string, Entry> }
export type Entry = File | Dir
export const isDir = (entry: Entry): entry is Dir => 'entries' in entry

export type Tree = {
  root: Dir
  /** Entries that may still be made; a full disk afterwards. */
  room: number
}
export const makeTree = (root: Dir, room = 400): Tree => ({ root, room })

/** The `errno` a real file system would set; its text as glibc's strerror has it. */
export const errors = {
  ENOENT: 'No such file or directory',
  ENOTDIR: 'Not a directory',
  EISDIR: 'Is a directory',
  EEXIST: 'File exists',
  ENOTEMPTY: 'Directory not empty',
  EACCES: 'Permission denied',
  EPERM: 'Operation not permitted',
  EINVAL: 'Invalid argument',
  EBUSY: 'Device or resource busy',
  ENOSPC: 'No space left on device',
  ENAMETOOLONG: 'File name too long',
} as const
export type Errno = keyof typeof errors
export type Outcome<T> = { ok: T; error?: undefined } | { error: Errno; ok?: undefined }
const done: Outcome<true> = { ok: true }
const failed = (error: Errno) => ({ error })

const MAX_DEPTH = 32
const MAX_NAME = 255

/** An absolute, normalised path from what a client said in directory `cwd`: `..` above the root stays there. */
export function resolve(cwd: string, said: string): string {
  const parts: string[] = []
  for (const part of `${said.startsWith('/') ? '' : `${cwd}/`}${said}`.split('/')) {
    if (part === '..') parts.pop()
    else if (part !== '' && part !== '.') parts.push(part)
  }
  return `/${parts.join('/')}`
}

export function find(tree: Tree, path: string): Outcome<Entry> {
  let at: Entry = tree.root
  for (const part of path.split('/')) {
    if (part === '') continue
    if (!isDir(at)) return failed('ENOTDIR')
    const next: Entry | undefined = at.entries.get(part)
    if (!next) return failed('ENOENT')
    at = next
  }
  return { ok: at }
}

/** The directory that holds (or would hold) `path`, and the last name in it. */
export function findParent(tree: Tree, path: string): Outcome<{ dir: Dir; name: string }> {
  const cut = path.lastIndexOf('/')
  const name = path.slice(cut + 1)
  if (name === '') return failed('EBUSY')
  if (name.length > MAX_NAME) return failed('ENAMETOOLONG')
  const parent = find(tree, path.slice(0, cut))
  if (parent.error) return parent
  if (!isDir(parent.ok)) return failed('ENOTDIR')
  return { ok: { dir: parent.ok, name } }
}

/** Puts a new entry in place; a file of that name gives way, a directory does not. */
export function put(tree: Tree, path: string, entry: Entry): Outcome<true> {
  const parent = findParent(tree, path)
  if (parent.error) return parent
  const { dir, name } = parent.ok
  const old = dir.entries.get(name)
  if (old && (isDir(old) || isDir(entry))) return failed(isDir(entry) ? 'EEXIST' : 'EISDIR')
  if (!old) {
    if (tree.room <= 0 || path.split('/').length > MAX_DEPTH) return failed('ENOSPC')
    tree.room--
    dir.mtime = entry.mtime
  }
  dir.entries.set(name, entry)
  return done
}

export function removeFile(tree: Tree, path: string, now: number): Outcome<true> {
  return take(tree, path, now, entry => (isDir(entry) ? 'EISDIR' : undefined))
}

export function removeDir(tree: Tree, path: string, now: number): Outcome<true> {
  return take(tree, path, now, entry => (!isDir(entry) ? 'ENOTDIR' : entry.entries.size > 0 ? 'ENOTEMPTY' : undefined))
}

export function rename(tree: Tree, from: string, to: string, now: number): Outcome<true> {
  const source = findParent(tree, from)
  if (source.error) return source
  const entry = source.ok.dir.entries.get(source.ok.name)
  if (!entry) return failed('ENOENT')
  if (to === from) return done
  if (to.startsWith(`${from}/`)) return failed('EINVAL')
  const target = findParent(tree, to)
  if (target.error) return target
  if (to.split('/').length + depth(entry) > MAX_DEPTH) return failed('ENAMETOOLONG')
  const old = target.ok.dir.entries.get(target.ok.name)
  if (old && isDir(old) && !isDir(entry)) return failed('EISDIR')
  if (old && !isDir(old) && isDir(entry)) return failed('ENOTDIR')
  if (old && isDir(old) && old.entries.size > 0) return failed('ENOTEMPTY')
  source.ok.dir.entries.delete(source.ok.name)
  if (old) tree.room++
  target.ok.dir.entries.set(target.ok.name, entry)
  source.ok.dir.mtime = target.ok.dir.mtime = now
  return done
}

function take(tree: Tree, path: string, now: number, refuse: (entry: Entry) => Errno | undefined): Outcome<true> {
  const parent = findParent(tree, path)
  if (parent.error) return parent
  const { dir, name } = parent.ok
  const entry = dir.entries.get(name)
  if (!entry) return failed('ENOENT')
  const why = refuse(entry)
  if (why) return failed(why)
  dir.entries.delete(name)
  dir.mtime = now
  tree.room++
  return done
}

// Bounded by MAX_DEPTH: nothing deeper can be made.
function depth(entry: Entry): number {
  if (!isDir(entry)) return 0
  let deepest = 0
  for (const child of entry.entries.values()) deepest = Math.max(deepest, 1 + depth(child))
  return deepest
}
