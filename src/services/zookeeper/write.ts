import type { Cursor } from '#codec/cursor.ts'
import { demand, settled } from './access.ts'
import { Code, Op, Perm, Refusal } from './codes.ts'
import { type Acl, blob, int, readAcl, readBuffer, readInt, readLong, readString, readVector } from './jute.ts'
import { CAPACITY, type Client, plant, type Server, tellRemoved, uproot, weightOf } from './state.ts'
import { CONTAINER, emptyNode, isPath, type Node, parentOf, stat } from './tree.ts'
import { EventType, trigger } from './watches.ts'

/** What changes the tree (PrepRequestProcessor, DataTree.processTxn). */

/** `body` is the answer's, `result` the one among multi's; `undo` takes it back as long as nobody was told. */
export type Done = { body: Buffer; result: [type: number, body: Buffer]; undo(): void; tell(): void }
export type Change = (server: Server, client: Client, time: number) => Done

/** What the client wants, read whole before anything happens. */
export type Wish = { about: string; data?: Buffer | undefined; path: string; change: Change }

/** Paths that nobody removes (ZKDatabase.isSpecialPath). */
const special = new Set(['/', '/zookeeper', '/zookeeper/quota', '/zookeeper/config'])
const NOTHING: Buffer = Buffer.alloc(0)
/** CreateMode.fromFlag. */
const Flag = { ephemeral: [1, 3], sequential: [2, 3, 6], container: 4, ttl: [5, 6], most: 6 } as const

export class Full extends Error {}

export function readWish(type: number, cursor: Cursor): Wish {
  const path = readString(cursor)
  if (path === undefined) throw new Refusal(Code.marshalling)
  switch (type) {
    case Op.create:
    case Op.create2:
    case Op.createContainer:
    case Op.createTTL: {
      const data = readBuffer(cursor)
      const list = readVector(cursor, readAcl)
      const flags = readInt(cursor)
      if (type === Op.createTTL) readLong(cursor)
      return { about: modeOf(flags), data, path, change: create(type, path, data, list, flags) }
    }
    case Op.delete:
      return { about: '', path, change: remove(path, readInt(cursor)) }
    case Op.setData: {
      const data = readBuffer(cursor)
      return { about: '', data, path, change: setData(path, data, readInt(cursor)) }
    }
    case Op.setACL: {
      const list = readVector(cursor, readAcl)
      const about = list.map(({ perms, scheme, id }) => `${scheme}:${id}:${perms}`).join(',')
      return { about, path, change: setAcl(path, list, readInt(cursor)) }
    }
    case Op.check:
      return { about: '', path, change: check(path, readInt(cursor)) }
    default:
      throw new Refusal(Code.marshalling)
  }
}

const modeOf = (flags: number): string => ['', '-e', '-s', '-s -e', '-c', '-t', '-s -t'][flags] ?? `flags=${flags}`

function nodeAt(server: Server, path: string): Node {
  const node = server.nodes.get(path)
  if (!node) throw new Refusal(Code.noNode)
  return node
}
const valid = (path: string) => {
  if (!isPath(path)) throw new Refusal(Code.badArguments)
}
function next(version: number, expected: number): number {
  if (expected !== -1 && expected !== version) throw new Refusal(Code.badVersion)
  return (version + 1) | 0
}

const create =
  (type: number, asked: string, data: Buffer | undefined, list: readonly Acl[], flags: number): Change =>
  (server, client, time) => {
    if (flags < 0 || flags > Flag.most) throw new Refusal(Code.badArguments)
    if (Flag.ttl.some(flag => flag === flags)) throw new Refusal(Code.unimplemented)
    if (!asked.includes('/') || asked.includes('\0')) throw new Refusal(Code.badArguments)
    const acl = settled(list, client.identities)
    const above = asked.slice(0, asked.lastIndexOf('/')) || '/'
    const parent = nodeAt(server, above)
    demand(parent.acl, Perm.create, client.identities)
    const sequential = Flag.sequential.some(flag => flag === flags)
    const path = sequential ? `${asked}${String(parent.cversion).padStart(10, '0')}` : asked
    valid(path)
    if (server.nodes.has(path)) throw new Refusal(Code.nodeExists)
    if (parent.owner !== 0n && parent.owner !== CONTAINER) throw new Refusal(Code.noChildrenForEphemerals)
    if (server.nodes.size >= CAPACITY.nodes || server.bytes + weightOf(path, { data, acl }) > CAPACITY.bytes)
      throw new Full()
    const { session } = client
    const ephemeral = Flag.ephemeral.some(flag => flag === flags)
    const owner = ephemeral ? session.id : flags === Flag.container ? CONTAINER : 0n
    const { cversion, pzxid } = parent
    const node = { ...emptyNode(server.zxid, time), data: data && Buffer.from(data), acl, owner }
    plant(server, path, node)
    parent.cversion++
    parent.pzxid = server.zxid
    if (ephemeral) session.ephemerals.add(path)
    const full = Buffer.concat([blob(path), stat(node)])
    return {
      body: type === Op.create ? blob(path) : full,
      // In multi, create2 is answered as create is.
      result: type === Op.create || type === Op.create2 ? [Op.create, blob(path)] : [Op.create2, full],
      undo() {
        uproot(server, path)
        Object.assign(parent, { cversion, pzxid })
      },
      tell() {
        trigger(server.dataWatches, path, EventType.created)
        trigger(server.childWatches, parentOf(path), EventType.children)
      },
    }
  }

const remove =
  (path: string, version: number): Change =>
  (server, client) => {
    if (!path.includes('/') || path.includes('\0') || special.has(path)) throw new Refusal(Code.badArguments)
    const parent = nodeAt(server, parentOf(path))
    const node = nodeAt(server, path)
    demand(parent.acl, Perm.delete, client.identities)
    next(node.version, version)
    if (node.children.size > 0) throw new Refusal(Code.notEmpty)
    const { pzxid } = parent
    uproot(server, path)
    return {
      body: NOTHING,
      result: [Op.delete, NOTHING],
      undo() {
        plant(server, path, node)
        server.sessions.get(node.owner)?.ephemerals.add(path)
        parent.pzxid = pzxid
      },
      tell: () => tellRemoved(server, path),
    }
  }

const setData =
  (path: string, data: Buffer | undefined, version: number): Change =>
  (server, client, time) => {
    valid(path)
    const node = nodeAt(server, path)
    demand(node.acl, Perm.write, client.identities)
    const changed = next(node.version, version)
    const grown = (data?.length ?? 0) - (node.data?.length ?? 0)
    if (grown > 0 && server.bytes + grown > CAPACITY.bytes) throw new Full()
    server.bytes += grown
    const { data: before, version: old, mzxid, mtime } = node
    Object.assign(node, { data: data && Buffer.from(data), version: changed, mzxid: server.zxid, mtime: time })
    return {
      body: stat(node),
      result: [Op.setData, stat(node)],
      undo() {
        server.bytes -= grown
        Object.assign(node, { data: before, version: old, mzxid, mtime })
      },
      tell() {
        trigger(server.dataWatches, path, EventType.changed)
      },
    }
  }

const setAcl =
  (path: string, list: readonly Acl[], version: number): Change =>
  (server, client) => {
    valid(path)
    const acl = settled(list, client.identities)
    const node = nodeAt(server, path)
    demand(node.acl, Perm.admin, client.identities)
    const aversion = next(node.aversion, version)
    const grown = weightOf(path, { data: node.data, acl }) - weightOf(path, node)
    if (grown > 0 && server.bytes + grown > CAPACITY.bytes) throw new Full()
    server.bytes += grown
    Object.assign(node, { aversion, acl })
    return { body: stat(node), result: [Op.setACL, NOTHING], undo() {}, tell() {} }
  }

/** Of a transaction's operations; alone it is carried out, and never answered. */
const check =
  (path: string, version: number): Change =>
  (server, client) => {
    valid(path)
    const node = nodeAt(server, path)
    demand(node.acl, Perm.read, client.identities)
    next(node.version, version)
    return { body: NOTHING, result: [Op.check, NOTHING], undo() {}, tell() {} }
  }

/** What multi may hold. */
export const inMulti = new Set<number>([
  ...[Op.create, Op.create2, Op.createContainer, Op.createTTL, Op.delete, Op.setData, Op.check],
])

const header = (type: number, done: boolean, error: number): Buffer =>
  Buffer.concat([int(type), Buffer.of(done ? 1 : 0), int(error)])
export const resultOf = (type: number, body: Buffer): Buffer => Buffer.concat([header(type, false, 0), body])
export const failureOf = (code: number): Buffer => Buffer.concat([header(-1, false, code), int(code)])
export const lastResult = header(-1, true, -1)

/** All of them or none; the results, and whom to tell. */
export function multi(server: Server, client: Client, time: number, wishes: readonly Wish[]): Buffer {
  const done: Done[] = []
  for (const [at, { change }] of wishes.entries()) {
    try {
      done.push(change(server, client, time))
    } catch (problem) {
      for (const { undo } of done.reverse()) undo()
      if (!(problem instanceof Refusal)) throw problem
      const { code } = problem
      const codes = wishes.map((_, i) => (i < at ? Code.ok : i === at ? code : Code.inconsistency))
      return Buffer.concat([...codes.map(failureOf), lastResult])
    }
  }
  for (const { tell } of done) tell()
  return Buffer.concat([...done.map(done => resultOf(...done.result)), lastResult])
}
