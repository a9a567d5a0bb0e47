import type { Live, Provider } from './mount.ts'

/** Names in each directory, which follow from the paths of files; the root is `''`. */
export const directoriesOf = (paths: Iterable<string>): ReadonlyMap<string, readonly string[]> => {
  const directories = new Map<string, Set<string>>([['', new Set()]])
  for (const path of paths) {
    let below = path
    while (below !== '') {
      const slash = below.lastIndexOf('/')
      const above = below.slice(0, Math.max(0, slash))
      const names = directories.get(above) ?? new Set()
      names.add(below.slice(slash + 1))
      directories.set(above, names)
      below = above
    }
  }
  return new Map([...directories].map(([path, names]) => [path, [...names]]))
}

/** A live file system from a table: paths and what they are; directories follow from the paths. */
export const tableProvider = (files: ReadonlyMap<string, Live>, mode: number): Provider => {
  const directories = directoriesOf(files.keys())
  return {
    lookup(path) {
      const names = directories.get(path)
      return files.get(path) ?? (names && { type: 'directory', mode, list: () => [...names] })
    },
  }
}

/** A file that shows text made when it is read. */
export const shows = (text: () => string, mode = 0o444): Live => ({
  type: 'file',
  mode,
  read: () => Buffer.from(text(), 'latin1'),
})

export const linksTo = (target: string): Live => ({ type: 'symlink', mode: 0o777, target })
