import { parseAddress, splitValues } from './address.ts'
import type { Request } from './message.ts'
import { alone, type Binding } from './state.ts'

/** Characters of an address that is kept. */
const MOST_CONTACT = 256

/** What a product allows of registrations, in seconds. */
export type Expiry = { usual: number; least: number; most: number }
/** Bindings as they are now, or why not. */
export type Registered = Binding[] | 'star' | 'brief' | 'bad contact'

/** A REGISTER that was let in (RFC 3261 §10.3). `now` in milliseconds. */
export function register(request: Request, before: readonly Binding[], now: number, expiry: Expiry): Registered {
  const contacts = request.fields.filter(({ name }) => name === 'contact').flatMap(({ value }) => splitValues(value))
  const expires = numberOf(request.fields.find(({ name }) => name === 'expires')?.value)
  const live = before.filter(({ until }) => until > now)
  if (contacts.includes('*')) return contacts.length === 1 && expires === 0 ? [] : 'star'
  const kept = new Map(live.map(binding => [binding.uri, binding]))
  for (const contact of contacts) {
    const address = parseAddress(contact)
    if (!address || contact.length > MOST_CONTACT) return 'bad contact'
    const seconds = numberOf(paramOf(address.params, 'expires')) ?? expires ?? expiry.usual
    if (seconds > 0 && seconds < expiry.least) return 'brief'
    kept.delete(address.uri)
    if (seconds === 0) continue
    const until = now + Math.min(seconds, expiry.most) * 1000
    kept.set(address.uri, { uri: alone(address.uri), q: paramOf(address.params, 'q')?.slice(0, 5), until })
  }
  return [...kept.values()]
}

const paramOf = (params: readonly string[], name: string): string | undefined =>
  params.find(param => param.toLowerCase().startsWith(`${name}=`))?.slice(name.length + 1)
const numberOf = (text: string | undefined): number | undefined =>
  text !== undefined && /^\d{1,10}$/.test(text.trim()) ? Number(text) : undefined
