import type { Client } from './state.ts'
import { parentOf } from './tree.ts'

/** What clients watch, by path (WatchManager). A watch fires once, or stays; one that is recursive sees all that is below. */

export type Mode = 'once' | 'stays' | 'recursive'
export const EventType = { created: 1, deleted: 2, changed: 3, children: 4 } as const
export type Watches = Map<string, Map<Client, Mode>>

/** Bytes of all that one attacker watches, and what a watch takes beside its path. */
const MOST = 2 << 20
const OVERHEAD = 120
const weightOf = (path: string): number => OVERHEAD + 2 * path.length
export const countOf = (watches: Watches): number => {
  let count = 0
  for (const clients of watches.values()) count += clients.size
  return count
}

export function watch(watches: Watches, path: string, client: Client, mode: Mode = 'once'): void {
  const { server } = client
  if (server.watched + weightOf(path) > MOST) return
  const clients = watches.get(path) ?? new Map<Client, Mode>()
  watches.set(path, clients)
  if (!clients.has(client)) server.watched += weightOf(path)
  clients.set(client, mode)
}

export function unwatch(watches: Watches, path: string, client: Client): boolean {
  const clients = watches.get(path)
  if (!clients?.delete(client)) return false
  client.server.watched -= weightOf(path)
  if (clients.size === 0) watches.delete(path)
  return true
}

export function forget(watches: Watches, client: Client): void {
  for (const path of [...watches.keys()]) unwatch(watches, path, client)
}

/** Tells everybody who watches, but those who were told already; who was told. */
export function trigger(watches: Watches, path: string, type: number, told = new Set<Client>()): Set<Client> {
  const found = new Set<Client>()
  for (let at = path; ; at = parentOf(at)) {
    for (const [client, mode] of watches.get(at) ?? []) {
      if (mode === 'recursive') {
        if (type !== EventType.children) found.add(client)
      } else if (at === path) {
        found.add(client)
        if (mode === 'once') unwatch(watches, path, client)
      }
    }
    if (at === '/' || !at.startsWith('/')) break
  }
  for (const client of found) if (!told.has(client)) client.notify(type, path)
  return found
}
