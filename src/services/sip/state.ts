import { hash } from 'node:crypto'
import { type Access, accessOf } from '#access/access.ts'
import { text } from '#events/text.ts'
import type { Persona } from '#persona/persona.ts'
import type { Context } from '#sensor/service.ts'
import type { Request } from './message.ts'
import type { Options } from './options.ts'
import type { Sdp } from './sdp.ts'

export type Cx = Context<Options>
export type Transport = 'UDP' | 'TCP' | 'TLS'

/** Where a phone said it can be reached. It is never called. */
export type Binding = { uri: string; q: string | undefined; until: number }
/** A call that was accepted or rings; `port`: where its voice was told to go. */
export type Call = {
  invite: Request
  tag: string
  dialled: string
  answered: boolean
  port: number
  offer: Sdp | undefined
}
/** All that is kept of one address, whatever it came over. */
export type Attacker = {
  /** By extension. */
  bindings: Map<string, Binding[]>
  /** By Call-ID. */
  calls: Map<string, Call>
  /** Transactions that were written down, as digests: what comes again is answered again, and no news. */
  seen: Set<string>
  /** Log-ins whose passwords were looked for since that time. */
  guessed: { since: number; count: number }
  /** Messages that were kept as files. */
  messages: number
}

const MOST_CALLS = 8
const MOST_SEEN = 128
const MOST_BINDINGS = 5
const MOST_EXTENSIONS = 5

export const attackerOf = (cx: Cx): Attacker =>
  cx.attacker(() => ({
    bindings: new Map(),
    calls: new Map(),
    seen: new Set(),
    guessed: { since: 0, count: 0 },
    messages: 0,
  }))

export const accessFor = (cx: Cx): Access => accessOf(cx, cx.options.access)

/** One request, and what it takes to answer it. */
export type Exchange = { request: Request; cx: Cx; attacker: Attacker; transport: Transport; again: boolean }

/** Forgets the oldest over a number. */
function bound<K>(map: Map<K, unknown> | Set<K>, most: number): void {
  if (map.size > most) map.delete(map.keys().next().value!)
}

/** True the second time that a transaction (RFC 3261 §17.2.3) is met. */
export function seenBefore({ seen }: Attacker, transaction: string): boolean {
  const key = hash('md5', transaction, 'base64')
  if (seen.has(key)) return true
  seen.add(key)
  bound(seen, MOST_SEEN)
  return false
}

/** A text by itself: a part of a longer one would keep all of that in memory. */
export const alone = (text: string): string => Buffer.from(text, 'latin1').toString('latin1')

export function keepCall({ calls }: Attacker, id: string, call: Call): void {
  calls.delete(id)
  calls.set(id, call)
  bound(calls, MOST_CALLS)
}

export function keepBindings({ bindings }: Attacker, extension: string, kept: Binding[]): void {
  bindings.delete(extension)
  if (kept.length === 0) return
  bindings.set(alone(extension.slice(0, 128)), kept.slice(-MOST_BINDINGS))
  bound(bindings, MOST_EXTENSIONS)
}

const numberings = [100, 100, 200, 1000, 1000, 2000, 6000] as const

/** What follows from a persona alone, made once. */
function ofPersona<T>(make: (persona: Persona) => T): (persona: Persona) => T {
  const made = new WeakMap<Persona, T>()
  return persona => {
    const found = made.get(persona) ?? make(persona)
    made.set(persona, found)
    return found
  }
}

/** Extensions and whose they are: the machine's users, and the accounts that every office has. */
export const extensionsOf = ofPersona((persona): ReadonlyMap<string, string> => {
  const first = numberings[persona.derive('sip numbering', 1)[0]! % numberings.length]!
  const people = persona.users.filter(({ name }) => name !== 'root').map(({ name }) => name)
  const owners = ['admin', ...people, 'support', 'test', 'user1', 'user2', 'user3']
  return new Map(owners.map((owner, i) => [String(first + i), owner]))
})

/** What a server draws when it starts: 16 bytes each, for nonces and for tags, in hex. */
export const secretsOf = ofPersona(persona => {
  const drawn = persona.derive(`sip start ${persona.bootedAt}`, 48).toString('hex')
  return { nonce: drawn.slice(0, 32), stateless: drawn.slice(32, 64), transaction: drawn.slice(64) }
})

/** Under which name access is asked for somebody who logs in here. */
export const accountOf = (user: string, persona: Persona): string =>
  extensionsOf(persona).get(user) ?? (/^\d/.test(user) ? `sip${user}` : user)

/** Latin-1 as an event shows it. */
export const shown = (latin1: string, most = 512): string => text(Buffer.from(latin1, 'latin1'), most)

/** The address that this server believes is its own. */
export const ownAddress = ({ options, destination }: Cx): string => options.address ?? destination.ip

/** The same as a URI has it. */
export const ownHost = (cx: Cx): string => {
  const ip = ownAddress(cx)
  return ip.includes(':') ? `[${ip}]` : ip
}
