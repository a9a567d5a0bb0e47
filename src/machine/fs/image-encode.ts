import { constants, zstdCompressSync } from 'node:zlib'
import type { FileType } from '../system.ts'

/** A node on its way into the image. `mtime` in seconds; 0 where a maintainer script made it (then: when installed). */
export type Record = {
  type: FileType | 'link'
  mode: number
  uid: number
  gid: number
  mtime: number
  size: number
  /** One-based; 0: none. */
  package: number
  /** Of a symbolic link; of a hard link the other path. */
  target?: string
  content?: Buffer
  /** The first bytes, where the rest is filler. */
  head?: Buffer | undefined
  rdev?: { major: number; minor: number }
}

/** What the `extra` column of a node means. */
export const Extra = { none: 0, target: 1, content: 2, head: 3, link: 4 } as const
/** Type nibbles of st_mode, in the order of the `mode` column's upper four bits. */
export const typeBits: { [type in FileType]: number } = {
  fifo: 1,
  char: 2,
  directory: 4,
  block: 6,
  file: 8,
  symlink: 10,
  socket: 12,
}

type Node = { name: string; record: Record; children: Node[] }

/** Bytewise, as the image's binary search compares. */
const byName = (a: Node, b: Node): number => (a.name < b.name ? -1 : a.name > b.name ? 1 : 0)

const treeOf = (records: ReadonlyMap<string, Record>): Node => {
  const directory: Record = { type: 'directory', mode: 0o755, uid: 0, gid: 0, mtime: 0, size: 0, package: 0 }
  const nodes = new Map<string, Node>()
  const node = (path: string): Node => {
    const known = nodes.get(path)
    if (known) return known
    const slash = path.lastIndexOf('/')
    const made: Node = { name: path.slice(slash + 1), record: records.get(path || '/') ?? directory, children: [] }
    nodes.set(path, made)
    if (path) node(path.slice(0, slash)).children.push(made)
    return made
  }
  for (const path of [...records.keys()].sort()) if (path !== '/') node(path)
  for (const { children } of nodes.values()) children.sort(byName)
  return node('')
}

/**
 * The image: zstd over a JSON head with the length of each part, then the parts. Nodes stand in breadth-first order, so
 * that a directory's entries are neighbours and need no pointers; numbers stand column by column, each column of
 * bytes of equal weight together, which is what compresses.
 */
export const encode = (records: ReadonlyMap<string, Record>, packages: readonly string[]): Buffer => {
  const nodes: Node[] = [treeOf(records)]
  for (const { children } of nodes) nodes.push(...children)
  const paths = new Map<string, number>()
  const pathOf = new Map<Node, string>([[nodes[0]!, '']])
  nodes.forEach((node, index) => {
    const path = pathOf.get(node)!
    paths.set(path, index)
    for (const child of node.children) pathOf.set(child, `${path}/${child.name}`)
  })
  const table = <T>(key: (value: T) => string): { id: (value: T) => number; all: T[] } => {
    const ids = new Map<string, number>()
    const all: T[] = []
    return {
      all,
      id(value) {
        const id = ids.get(key(value)) ?? all.push(value) - 1
        ids.set(key(value), id)
        return id
      },
    }
  }
  const strings = table<string>(value => value)
  const blobs = table<Buffer>(value => value.toString('latin1'))
  const owners = table<string>(value => value)
  const extra = ({ record }: Node): [number, number] => {
    if (record.type === 'symlink') return [Extra.target, strings.id(record.target ?? '')]
    if (record.type === 'link') {
      const other = paths.get(record.target ?? '')
      if (other === undefined) throw new Error(`Hard link to nothing: ${record.target}`)
      return [Extra.link, other]
    }
    if (record.content) return [Extra.content, blobs.id(record.content)]
    if (record.head?.length) return [Extra.head, blobs.id(record.head)]
    return [Extra.none, 0]
  }
  const extras = nodes.map(extra)
  const column = (value: (node: Node, index: number) => number, bytes: number): Buffer => {
    const planes = Buffer.alloc(nodes.length * bytes)
    nodes.forEach((node, index) => {
      for (let weight = 0, rest = value(node, index); weight < bytes; weight++, rest = Math.floor(rest / 256)) {
        planes[weight * nodes.length + index] = rest % 256
      }
    })
    return planes
  }
  const parts: Buffer[] = [
    column(({ name }) => strings.id(name), 3),
    column(({ children }) => children.length, 2),
    column(({ record }) => typeBits[record.type === 'link' ? 'file' : record.type] * 4096 + record.mode, 2),
    column(({ record }) => owners.id(`${record.uid}:${record.gid}`), 1),
    column(({ record }) => record.size, 4),
    column(({ record }) => record.mtime, 4),
    column(({ record }) => record.package, 2),
    column((_, index) => extras[index]![0], 1),
    column((_, index) => extras[index]![1], 3),
  ]
  parts.push(Buffer.from(`${strings.all.join('\0')}\0`, 'latin1'), Buffer.concat(blobs.all))
  const head = JSON.stringify({
    format: 1,
    nodes: nodes.length,
    strings: strings.all.length,
    owners: owners.all.map(pair => pair.split(':').map(Number)),
    packages,
    blobs: blobs.all.map(blob => blob.length),
    parts: parts.map(part => part.length),
  })
  const length = Buffer.alloc(4)
  length.writeUInt32LE(Buffer.byteLength(head))
  return zstdCompressSync(Buffer.concat([length, Buffer.from(head), ...parts]), {
    params: { [constants.ZSTD_c_compressionLevel]: 19, [constants.ZSTD_c_checksumFlag]: 1 },
  })
}
