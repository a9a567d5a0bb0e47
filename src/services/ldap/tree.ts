import type { Persona } from '#persona/persona.ts'
import { type Attribute, type Entry, entriesOf, suffixOf } from './directory.ts'
import { formatDn, normaliseDn, normaliseRdn, parseDn, type Rdn } from './dn.ts'
import { attributeType } from './schema.ts'

/** An entry in its place. `id` counts as back-mdb counts: by when it was added. */
export type Node = {
  id: number
  key: string
  rdns: readonly Rdn[]
  entry: Entry
  children: Map<string, Node>
  parent: Node | undefined
}

/** The directory as one attacker left it. Bytes of what was added, roughly. */
export type Tree = { suffix: string; root: Node | undefined; nodes: Map<string, Node>; lastId: number; changed: number }

/** Entries, and bytes of changes, that one attacker may leave. */
const MOST_ENTRIES = 2000
const MOST_CHANGED = 1 << 20

export function plant(persona: Persona): Tree {
  const tree: Tree = {
    suffix: normaliseDn(suffixOf(persona))!,
    root: undefined,
    nodes: new Map(),
    lastId: 0,
    changed: 0,
  }
  for (const entry of entriesOf(persona)) insert(tree, parseDn(entry.dn)!, entry)
  return tree
}

export const keyOf = (rdns: readonly Rdn[]): string => rdns.map(normaliseRdn).join(',')
/** Is this name, normalised, in our part of the world? */
export const isOurs = (tree: Tree, key: string): boolean => key === tree.suffix || key.endsWith(`,${tree.suffix}`)

export function insert(tree: Tree, rdns: readonly Rdn[], entry: Entry): Node {
  const key = keyOf(rdns)
  const parent = tree.nodes.get(keyOf(rdns.slice(1)))
  const node: Node = { id: ++tree.lastId, key, rdns, entry, children: new Map(), parent }
  tree.nodes.set(key, node)
  if (parent) parent.children.set(key, node)
  else tree.root = node
  return node
}

export function remove(tree: Tree, node: Node): void {
  tree.nodes.delete(node.key)
  node.parent?.children.delete(node.key)
  if (tree.root === node) tree.root = undefined
  // The next number follows the highest that is left.
  if (node.id === tree.lastId) tree.lastId = Math.max(0, ...Array.from(tree.nodes.values(), one => one.id))
}

/** Gives a node and all below it another name. */
export function move(tree: Tree, node: Node, rdns: readonly Rdn[]): void {
  const below = [...node.children.values()]
  tree.nodes.delete(node.key)
  node.parent?.children.delete(node.key)
  node.key = keyOf(rdns)
  node.rdns = rdns
  node.entry.dn = formatDn(rdns)
  node.parent = tree.nodes.get(keyOf(rdns.slice(1)))
  node.children = new Map()
  tree.nodes.set(node.key, node)
  node.parent?.children.set(node.key, node)
  for (const child of below) move(tree, child, [child.rdns[0]!, ...rdns])
}

/** The nearest entry above that there is. */
export function nearest(tree: Tree, rdns: readonly Rdn[]): Node | undefined {
  for (let i = 1; i < rdns.length; i++) {
    const node = tree.nodes.get(keyOf(rdns.slice(i)))
    if (node) return node
  }
  return undefined
}

/** Entries of a subtree, its head included. */
export function* below(node: Node): Generator<Node> {
  yield node
  for (const child of node.children.values()) yield* below(child)
}

/** By level, each sorted as back-mdb's index of names is: shorter names first. */
export function byLevel(node: Node): Node[] {
  const found: Node[] = []
  let level = [node]
  while (level.length > 0) {
    found.push(...level)
    level = level.flatMap(sortedChildren)
  }
  return found
}
export function sortedChildren({ children }: Node): Node[] {
  const named = Array.from(children.values(), node => ({ node, own: normaliseRdn(node.rdns[0]!) }))
  named.sort((a, b) => a.own.length - b.own.length || (a.own < b.own ? -1 : 1))
  return named.map(({ node }) => node)
}

/** Room for a change of so many bytes? Counts it if there is. */
export function afford(tree: Tree, bytes: number): boolean {
  if (tree.changed + bytes > MOST_CHANGED || tree.nodes.size >= MOST_ENTRIES) return false
  tree.changed += bytes
  return true
}

/** The attribute of this very type. */
export const attributeOf = ({ attributes }: Entry, name: string): Attribute | undefined => {
  const type = attributeType(name)
  return type && attributes.find(one => attributeType(one.type) === type && !one.type.includes(';'))
}
export const valuesOf = (entry: Entry, name: string): readonly string[] => attributeOf(entry, name)?.values ?? []
