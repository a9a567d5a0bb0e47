import type { Process, Stat } from '../../system.ts'
import { SystemError } from '../../system.ts'
import { absolute } from '../paths.ts'

/** The last part of a path, without slashes at its end. */
export const baseName = (path: string): string => {
  const bare = withoutSlashes(path)
  return bare.slice(bare.lastIndexOf('/') + 1) || bare
}

/** What is before the last part: `.` where nothing is. */
export const folderOf = (path: string): string => {
  const bare = withoutSlashes(path)
  const slash = bare.lastIndexOf('/')
  return slash < 0 ? '.' : bare.slice(0, slash).replace(/\/+$/, '') || '/'
}

export const withoutSlashes = (path: string): string => path.replace(/(?<=.)\/+$/, '') || path

/** A name below a folder, as programs put them together for messages. */
export const below = (folder: string, name: string): string =>
  folder.endsWith('/') ? folder + name : `${folder}/${name}`

/** lstat(2) or stat(2); throws `SystemError`. */
export const look = (process: Process, path: string, follow = false): Stat => {
  process.step()
  // Only the kernel sees an empty name as such.
  if (path === '') throw new SystemError('ENOENT', path)
  return process.fs[follow ? 'stat' : 'lstat'](absolute(process, path), process.who)
}

/** The same file, whatever the name. */
export const isSame = (a: Stat, b: Stat): boolean => a.ino === b.ino && a.dev === b.dev
