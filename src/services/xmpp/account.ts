import type { Cx } from './stream.ts'
import type { Element } from './xml.ts'

export type Contact = { name?: string; groups: string[] }
/** What somebody keeps at the server. */
export type Account = {
  /** By address; `rosterVersion` counts changes. */
  roster: Map<string, Contact>
  rosterVersion: number
  blocked: Set<string>
  /** Of XEP-0049 by element and name space, of XEP-0054 as `vCard`, of XEP-0163 by node and item. */
  kept: Map<string, Element>
  nodes: Map<string, Map<string, Element>>
}

/** Accounts of one attacker, and entries of each map of one. */
const ACCOUNTS = 4
const ENTRIES = 32

/** The account of this user as this attacker left it. */
export function accountOf(cx: Cx, user: string): Account {
  const accounts = cx.attacker<Map<string, Account>>(() => new Map())
  const found = accounts.get(user)
  if (found) return found
  const made: Account = { roster: new Map(), rosterVersion: 0, blocked: new Set(), kept: new Map(), nodes: new Map() }
  put(accounts, user, made, ACCOUNTS)
  return made
}

/** The longest there gives way. */
export function put<T>(map: Map<string, T>, key: string, value: T, most = ENTRIES): void {
  map.delete(key)
  map.set(key, value)
  if (map.size > most) map.delete(map.keys().next().value!)
}
/** Longer things are taken, and forgotten. */
const LONG = 4096
export function keep(map: Map<string, Element>, key: string, what: Element): void {
  if (weight(what) <= LONG && key.length <= 512) put(map, key, what)
}
function weight({ name, space, attributes, children }: Element): number {
  let sum = 64 + name.length + space.length
  for (const [key, value] of attributes) sum += 32 + key.length + value.length
  for (const child of children) sum += typeof child === 'string' ? child.length : weight(child)
  return sum
}
