import { zstdDecompressSync } from 'node:zlib'
import { Extra } from './image-encode.ts'

/**
 * A disk as packages left it, shared by every attacker and never changed. Nodes are numbers from 0, the root; a
 * directory's entries are neighbours, sorted bytewise. Columns are typed arrays and names stay bytes, so that 22,000
 * nodes cost about a megabyte.
 */
export type Image = {
  count: number
  /** Of the data: what was saved against one image means nothing on another. */
  version: string
  packages: readonly string[]
  /** st_mode with its type bits. */
  mode(node: number): number
  uid(node: number): number
  gid(node: number): number
  size(node: number): number
  /** Seconds; 0 where a maintainer script made it. */
  mtime(node: number): number
  nlink(node: number): number
  /** The package it belongs to; `''` for none. */
  package(node: number): string
  parent(node: number): number
  name(node: number): string
  find(directory: number, name: string): number | undefined
  entries(directory: number): { name: string; node: number }[]
  target(node: number): string
  /** The whole content, where the image keeps it. */
  content(node: number): Buffer | undefined
  /** The first bytes, where the rest is filler. */
  head(node: number): Buffer | undefined
}

/** Stands for the kernel's release in names, so that one image serves every persona. */
const placeholder = '@KERNEL@'

/** What another release calls differently, and what it has not. */
export type ImageChanges = {
  /** Parts of names, and what stands in their place, one after another; no two names of a folder may become the same. */
  names: readonly (readonly [from: string, to: string])[]
  /** Packages whose files are not there. */
  without: ReadonlySet<string>
  /** Packages whose files belong to another. */
  into: ReadonlyMap<string, string>
}
const unchanged: ImageChanges = { names: [], without: new Set(), into: new Map() }

/**
 * Reads what image-encode.ts wrote; `kernel` is `uname -r`. Trusted input: a file of the repository. With `changes` it
 * is the disk of a release that is like the image's but for these.
 */
export const loadImage = (
  file: Buffer,
  kernel: string,
  { names: changed, without, into }: ImageChanges = unchanged,
): Image => {
  const data = zstdDecompressSync(file, { maxOutputLength: 1 << 26 })
  const headLength = data.readUInt32LE(0)
  const head = JSON.parse(data.toString('utf8', 4, 4 + headLength)) as {
    nodes: number
    strings: number
    owners: [number, number][]
    packages: string[]
    blobs: number[]
    parts: number[]
  }
  const { nodes: count, owners, packages } = head
  const partAt = offsets(head.parts)
  const parts = head.parts.map((_, part) =>
    data.subarray(4 + headLength + partAt[part]!, 4 + headLength + partAt[part + 1]!),
  )
  const column = (part: number, bytes: number): Uint32Array => {
    const planes = parts[part]!
    const values = new Uint32Array(count)
    for (let weight = 0; weight < bytes; weight++) {
      for (let node = 0; node < count; node++) values[node]! += planes[weight * count + node]! * 256 ** weight
    }
    return values
  }
  const names = column(0, 3)
  const lengths = column(1, 2)
  const modes = Uint16Array.from(column(2, 2))
  const owner = Uint8Array.from(column(3, 1))
  const sizes = column(4, 4)
  const mtimes = column(5, 4)
  const from = Uint16Array.from(column(6, 2))
  const kinds = Uint8Array.from(column(7, 1))
  const extras = column(8, 3)
  // Copies: a slice would keep the whole of what was unpacked.
  const text = Buffer.from(parts[9]!)
  const blobs = Buffer.from(parts[10]!)
  const blobAt = offsets(head.blobs)
  const stringAt = new Uint32Array(head.strings + 1)
  for (let string = 0, end = 0; string < head.strings; string++) {
    end = text.indexOf(0, end) + 1
    stringAt[string + 1] = end
  }
  const string = (id: number): string => text.toString('latin1', stringAt[id]!, stringAt[id + 1]! - 1)
  const firsts = new Uint32Array(count)
  const parents = new Uint32Array(count)
  for (let node = 0, next = 1; node < count; node++) {
    firsts[node] = next
    parents.fill(node, next, next + lengths[node]!)
    next += lengths[node]!
  }
  const gone = without.size + into.size > 0 ? absent() : undefined
  const links = new Uint16Array(count)
  for (let node = 0; node < count; node++) {
    if (gone?.[node]) continue
    if (isDirectory(modes[node]!)) {
      links[node]! += 2
      if (node > 0) links[parents[node]!]!++
    } else links[kinds[node] === Extra.link ? extras[node]! : node]!++
  }
  /** Nodes of packages that are not there: their files, folders that nothing else is in, and what dpkg noted of them. */
  function absent(): Uint8Array {
    const flags = new Uint8Array(count)
    const present = new Uint32Array(count)
    const known = new Set(packages.map(bareName))
    // Backwards: what is in a folder comes behind it.
    for (let node = count - 1; node > 0; node--) {
      const directory = isDirectory(modes[node]!)
      const note = bareName(noted(node))
      const owner = bareName(packages[from[node]! - 1] ?? note)
      const absorbed = known.has(into.get(note) ?? '')
      if ((without.has(owner) || absorbed) && !(directory && present[node]! > 0)) flags[node] = 1
      else present[parents[node]!]!++
    }
    return flags
  }
  /** The package that a file of /var/lib/dpkg/info is about. */
  function noted(node: number): string {
    if (from[node] !== 0 || isDirectory(modes[node]!) || string(names[parents[node]!]!) !== 'info') return ''
    return string(names[node]!).replace(/\.[a-z0-9]+$/, '')
  }
  const inWords = (text: string): string => changed.reduce((name, [was, is]) => name.replaceAll(was, is), text)
  /** Packages as this release has them. */
  const bearers = packages.map(name => {
    const target = into.get(bareName(name)) ?? bareName(name)
    return inWords(packages.find(other => bareName(other) === target) ?? name.replace(bareName(name), target))
  })
  const named = (id: number): string => inWords(string(id)).replace(placeholder, kernel)
  const blob = (node: number): Buffer => blobs.subarray(blobAt[extras[node]!]!, blobAt[extras[node]! + 1]!)
  /** What a directory's entry leads to. */
  const inode = (entry: number): number => (kinds[entry] === Extra.link ? extras[entry]! : entry)
  const rename = (content: Buffer): Buffer =>
    content.includes(placeholder)
      ? Buffer.from(content.toString('latin1').replaceAll(placeholder, kernel), 'latin1')
      : content
  const search = (directory: number, wanted: string): number | undefined => {
    let low = firsts[directory]!
    let high = low + lengths[directory]!
    while (low < high) {
      const middle = (low + high) >>> 1
      const here = string(names[middle]!)
      if (here === wanted) return gone?.[middle] ? undefined : inode(middle)
      if (here < wanted) low = middle + 1
      else high = middle
    }
    return undefined
  }
  /** The line that names a script's interpreter speaks of names too. */
  const opening = (head: Buffer): Buffer =>
    changed.length > 0 && head[0] === 0x23 ? Buffer.from(inWords(head.toString('latin1')), 'latin1') : head
  return {
    count,
    version: file.subarray(-4).toString('hex'),
    packages: bearers,
    mode: node => modes[node]!,
    uid: node => owners[owner[node]!]![0],
    gid: node => owners[owner[node]!]![1],
    size: node => sizes[node]!,
    mtime: node => mtimes[node]!,
    nlink: node => links[node]!,
    package: node => (gone?.[node] ? '' : (bearers[from[node]! - 1] ?? '')),
    parent: node => parents[node]!,
    name: node => named(names[node]!),
    find(directory, name) {
      const within = name.replace(kernel, placeholder)
      if (changed.length === 0) return search(directory, within)
      const original = changed.reduce((text, [was, is]) => text.replaceAll(is, was), within)
      // What only the image calls so is not there.
      for (const wanted of new Set([original, within])) {
        const found = inWords(wanted) === within ? search(directory, wanted) : undefined
        if (found !== undefined) return found
      }
      return undefined
    },
    entries(directory) {
      const first = firsts[directory]!
      return Array.from({ length: lengths[directory]! }, (_, index) => first + index)
        .filter(entry => !gone?.[entry])
        .map(entry => ({ name: named(names[entry]!), node: inode(entry) }))
    },
    target: node => named(extras[node]!),
    content: node => (kinds[node] === Extra.content ? rename(blob(node)) : undefined),
    head: node => (kinds[node] === Extra.head ? opening(blob(node)) : undefined),
  }
}

/** Without its architecture. */
const bareName = (name: string): string => name.replace(/:.*/, '')

const isDirectory = (mode: number): boolean => mode >> 12 === 4

const offsets = (lengths: readonly number[]): Uint32Array => {
  const starts = new Uint32Array(lengths.length + 1)
  lengths.forEach((length, index) => {
    starts[index + 1] = starts[index]! + length
  })
  return starts
}
