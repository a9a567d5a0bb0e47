import type { Acl } from './jute.ts'
import { int, long } from './jute.ts'

/** Nodes by path, as org.apache.zookeeper.server.DataTree holds them. */

export type Node = {
  data: Buffer | undefined
  acl: readonly Acl[]
  czxid: bigint
  mzxid: bigint
  pzxid: bigint
  /** Milliseconds since the epoch. */
  ctime: number
  mtime: number
  version: number
  /** Children ever made. */
  cversion: number
  aversion: number
  /** The session of an ephemeral node; 0 otherwise. */
  owner: bigint
  /** Names, in the order in which they were made. */
  children: Set<string>
  /** Buckets of the HashMap that a real one's names lie in. */
  buckets: number
  /** Names in that map's order, until one comes or goes. */
  order?: string[] | undefined
}

export const OPEN: readonly Acl[] = [{ perms: 31, scheme: 'world', id: 'anyone' }]
/** Owner of a container (EphemeralType.CONTAINER_EPHEMERAL_OWNER). */
export const CONTAINER = -(1n << 63n)

export const emptyNode = (zxid = 0n, time = 0): Node => ({
  data: Buffer.alloc(0),
  acl: OPEN,
  czxid: zxid,
  mzxid: zxid,
  pzxid: zxid,
  ctime: time,
  mtime: time,
  version: 0,
  cversion: 0,
  aversion: 0,
  owner: 0n,
  children: new Set(),
  buckets: 8,
})

export function addChild(parent: Node, name: string): void {
  parent.order = undefined
  parent.children.add(name)
  while (parent.children.size > parent.buckets * 0.75) parent.buckets *= 2
}

/** Names in the order of a Java HashSet: by bucket, and in it by age. A table grows with its names and never shrinks. */
export function childrenOf(node: Node): readonly string[] {
  if (node.order) return node.order
  const slots = new Map<string, number>()
  for (const name of node.children) slots.set(name, bucketOf(name, node.buckets))
  node.order = [...node.children].sort((a, b) => slots.get(a)! - slots.get(b)!)
  return node.order
}

/** String.hashCode, spread as HashMap does. */
function bucketOf(name: string, buckets: number): number {
  let hash = 0
  for (let i = 0; i < name.length; i++) hash = (Math.imul(hash, 31) + name.charCodeAt(i)) | 0
  return (hash ^ (hash >>> 16)) & (buckets - 1)
}

/** Stat, 68 bytes; its cversion counts what came and what went. */
export const stat = (node: Node): Buffer =>
  Buffer.concat([
    ...[node.czxid, node.mzxid, BigInt(node.ctime), BigInt(node.mtime)].map(long),
    ...[node.version, node.cversion * 2 - node.children.size, node.aversion].map(int),
    long(node.owner === CONTAINER ? 0n : node.owner),
    ...[node.data?.length ?? 0, node.children.size].map(int),
    long(node.pzxid),
  ])

export const parentOf = (path: string): string => path.slice(0, Math.max(0, path.lastIndexOf('/'))) || '/'
export const nameOf = (path: string): string => path.slice(path.lastIndexOf('/') + 1)

/** PathUtils.validatePath: absolute, no end in `/`, no empty, `.` or `..` names, no control characters, no surrogates. */
export function isPath(path: string): boolean {
  if (path === '/') return true
  if (!path.startsWith('/') || path.endsWith('/')) return false
  for (const name of path.slice(1).split('/')) if (name === '' || name === '.' || name === '..') return false
  for (let i = 0; i < path.length; i++) {
    const c = path.charCodeAt(i)
    if (c <= 0x1f || (c >= 0x7f && c <= 0x9f) || (c >= 0xd800 && c <= 0xf8ff) || c >= 0xfff0) return false
  }
  return true
}
