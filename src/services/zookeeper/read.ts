import type { Cursor } from '#codec/cursor.ts'
import { demand, shownTo } from './access.ts'
import { Code, Op, Perm, Refusal } from './codes.ts'
import { acls, blob, int, readBool, readInt, readLong, readString, readVector, vector } from './jute.ts'
import type { Client, Server } from './state.ts'
import { childrenOf, type Node, stat } from './tree.ts'
import { EventType, unwatch, watch } from './watches.ts'

/** What only reads (FinalRequestProcessor). Answers are the body behind the reply's header. */

const NOTHING: Buffer = Buffer.alloc(0)
export type Read = { about: string; path: string; answer(server: Server, client: Client): Buffer }

function pathOf(cursor: Cursor): string {
  const path = readString(cursor)
  if (path === undefined) throw new Refusal(Code.marshalling)
  // The tree has its root under both names.
  return path
}
const find = (server: Server, path: string): Node => {
  const node = server.nodes.get(path === '' ? '/' : path)
  if (!node) throw new Refusal(Code.noNode)
  return node
}

export function readRead(type: number, cursor: Cursor): Read {
  switch (type) {
    case Op.exists:
    case Op.getData:
    case Op.getChildren:
    case Op.getChildren2: {
      const path = pathOf(cursor)
      const watched = readBool(cursor)
      const about = watched ? 'watch' : ''
      return { about, path, answer: (server, client) => look(type, server, client, path, watched) }
    }
    case Op.getACL: {
      const path = pathOf(cursor)
      return { about: '', path, answer: (server, client) => accessOf(server, client, path) }
    }
    case Op.sync: {
      const path = pathOf(cursor)
      return { about: '', path, answer: () => blob(path) }
    }
    case Op.getEphemerals: {
      const path = pathOf(cursor)
      const own = (client: Client) => [...client.session.ephemerals].filter(one => one.startsWith(path))
      return { about: '', path, answer: (_, client) => vector(own(client).map(one => blob(one))) }
    }
    case Op.getAllChildrenNumber: {
      const path = pathOf(cursor)
      return { about: '', path, answer: server => int(countBelow(server, path)) }
    }
    case Op.whoAmI:
      return { about: '', path: '', answer: (_, client) => vector(client.identities.map(named)) }
    case Op.checkWatches:
    case Op.removeWatches: {
      const path = pathOf(cursor)
      const kind = readInt(cursor)
      const about = String(kind)
      return {
        about,
        path,
        answer: (server, client) => ofWatches(server, client, path, kind, type === Op.removeWatches),
      }
    }
    case Op.addWatch: {
      const path = pathOf(cursor)
      const mode = readInt(cursor)
      return { about: String(mode), path, answer: (server, client) => addWatch(server, client, path, mode) }
    }
    case Op.setWatches:
    case Op.setWatches2:
      return setWatches(type, cursor)
    default:
      throw new Refusal(Code.marshalling)
  }
}

export function look(type: number, server: Server, client: Client, path: string, watched: boolean): Buffer {
  if (type === Op.exists && watched) watch(server.dataWatches, path, client)
  const node = find(server, path)
  if (type === Op.exists) return stat(node)
  demand(node.acl, Perm.read, client.identities)
  if (watched) watch(type === Op.getData ? server.dataWatches : server.childWatches, path, client)
  if (type === Op.getData) return Buffer.concat([blob(node.data), stat(node)])
  const names = vector(childrenOf(node).map(name => blob(name)))
  return type === Op.getChildren ? names : Buffer.concat([names, stat(node)])
}

function accessOf(server: Server, client: Client, path: string): Buffer {
  const node = find(server, path)
  demand(node.acl, Perm.read | Perm.admin, client.identities)
  return Buffer.concat([acls(shownTo(node.acl, client.identities)), stat(node)])
}

function countBelow(server: Server, path: string): number {
  find(server, path)
  if (path === '/') return server.nodes.size - 1
  let count = 0
  for (const one of server.nodes.keys()) if (one.startsWith(`${path}/`)) count++
  return count
}

const named = ({ scheme, id }: { scheme: string; id: string }): Buffer =>
  Buffer.concat([blob(scheme), blob(scheme === 'digest' ? id.split(':', 1)[0] : id)])

/** Watcher.WatcherType: 1 children, 2 data, 3 any. */
function ofWatches(server: Server, client: Client, path: string, kind: number, remove: boolean): Buffer {
  const tables = [...(kind === 2 ? [] : [server.childWatches]), ...(kind === 1 ? [] : [server.dataWatches])]
  const has = tables.filter(table => table.get(path)?.has(client))
  if (has.length === 0) throw new Refusal(Code.noWatcher)
  if (remove) for (const table of has) unwatch(table, path, client)
  return NOTHING
}

function addWatch(server: Server, client: Client, path: string, mode: number): Buffer {
  if (mode !== 0 && mode !== 1) throw new Refusal(Code.marshalling)
  const kind = mode === 1 ? 'recursive' : 'stays'
  watch(server.dataWatches, path, client, kind)
  watch(server.childWatches, path, client, kind)
  return int(0)
}

/** After a new connection: what happened meanwhile is told, what did not is watched again. */
function setWatches(type: number, cursor: Cursor): Read {
  const since = readLong(cursor)
  const paths = () => readVector(cursor, pathOf)
  const [data, exist, child] = [paths(), paths(), paths()]
  const [stays, recursive] = type === Op.setWatches2 ? [paths(), paths()] : [[], []]
  const answer = (server: Server, client: Client): Buffer => {
    for (const path of data) {
      const node = server.nodes.get(path)
      if (!node) client.notify(EventType.deleted, path)
      else if (node.mzxid > since) client.notify(EventType.changed, path)
      else watch(server.dataWatches, path, client)
    }
    for (const path of exist) {
      if (server.nodes.has(path)) client.notify(EventType.created, path)
      else watch(server.dataWatches, path, client)
    }
    for (const path of child) {
      const node = server.nodes.get(path)
      if (!node) client.notify(EventType.deleted, path)
      else if (node.pzxid > since) client.notify(EventType.children, path)
      else watch(server.childWatches, path, client)
    }
    for (const path of stays) addWatch(server, client, path, 0)
    for (const path of recursive) addWatch(server, client, path, 1)
    return NOTHING
  }
  return { about: `${data.length + exist.length + child.length + stays.length + recursive.length}`, path: '', answer }
}
