/** The way from a folder to a path, both without links: `../x`. */
export const relativePath = (folder: string, path: string): string => {
  const [from, to] = [folder, path].map(text => text.split('/').filter(Boolean)) as [string[], string[]]
  let shared = 0
  while (shared < from.length && shared < to.length && from[shared] === to[shared]) shared++
  return [...from.slice(shared).map(() => '..'), ...to.slice(shared)].join('/') || '.'
}
