import type { Image } from './image.ts'

/**
 * /var/lib/dpkg/info/PACKAGE.list: the paths that came with each package, as dpkg -L tells. Which node is whose stands
 * in the image; texts are made when somebody reads them.
 */
export const packageListsOf = (image: Image): ((ino: number) => Buffer | undefined) => {
  const folder = ['var', 'lib', 'dpkg', 'info'].reduce<number | undefined>(
    (node, name) => (node === undefined ? undefined : image.find(node, name)),
    0,
  )
  let nodes: Map<string, number[]> | undefined
  const index = (): Map<string, number[]> => {
    const found = new Map<string, number[]>()
    for (let node = 1; node < image.count; node++) {
      const name = image.package(node)
      const list = found.get(name)
      if (list) list.push(node)
      else found.set(name, [node])
    }
    return found
  }
  const pathOf = (node: number): string => (node === 0 ? '' : `${pathOf(image.parent(node))}/${image.name(node)}`)
  return ino => {
    if (folder === undefined || ino === 0 || image.parent(ino) !== folder) return undefined
    const name = image.name(ino)
    if (!name.endsWith('.list')) return undefined
    nodes ??= index()
    const paths = new Set<string>(['/.'])
    for (const node of nodes.get(name.slice(0, -5)) ?? []) {
      const path = pathOf(node)
      for (let slash = path.indexOf('/', 1); slash > 0; slash = path.indexOf('/', slash + 1))
        paths.add(path.slice(0, slash))
      paths.add(path)
    }
    return Buffer.from(
      [...paths]
        .toSorted()
        .map(path => `${path}\n`)
        .join(''),
      'latin1',
    )
  }
}
