import type { Persona } from '#persona/persona.ts'
import { createInternet } from '../internet.ts'
import { machineSettings } from '../settings.ts'
import type { Internet } from '../system.ts'
import { placeOf } from './addresses.ts'

const internets = new WeakMap<Persona, Internet>()
/** The network that is not there, one for each persona. */
export function internetOf(persona: Persona): Internet {
  const found = internets.get(persona) ?? createInternet(persona)
  internets.set(persona, found)
  return found
}

/** How it went to connect to somebody out there: who it was, how long it took, and why nobody was there. */
export type Line = {
  /** Numeric; none where the name is nobody's. */
  address?: string
  seconds: number
  /** `own`: this machine itself, which services that carry others decide about. */
  failure?: 'ENOTFOUND' | 'ECONNREFUSED' | 'ETIMEDOUT' | 'EHOSTUNREACH' | 'ENETUNREACH' | 'own'
}

/** Who asks for somebody's mail or web server by way of another knows that it is there: there no host is down. */
const visited = new Set([22, 25, 80, 443, 465, 587])
const outward = (persona: Persona): boolean => machineSettings(persona).downloads !== 'refused'

/**
 * A connection to `host` (name or address), as a service of this machine would make it for somebody; it is never made.
 * `here`: the address that this machine is known by. The card has IPv4 alone.
 */
export function lineTo(persona: Persona, host: string, port: number, here: string): Line {
  const internet = internetOf(persona)
  if (host.toLowerCase() === persona.fqdn) return { address: here, seconds: 0, failure: 'own' }
  const found = internet.resolve(host)
  if (!found) return { seconds: 0.05, failure: 'ENOTFOUND' }
  const address = found.v4 || (found.v6 ?? '')
  if (address === here || ['loopback', 'any'].includes(placeOf(address))) return { address, seconds: 0, failure: 'own' }
  if (!found.v4) return { address, seconds: 0, failure: 'ENETUNREACH' }
  const { seconds, refused } = internet.connect(host, port)
  if (refused === 'ETIMEDOUT' && visited.has(port) && placeOf(address) === 'public' && outward(persona))
    return { address, seconds: 0.12 }
  return { address, seconds, ...(refused ? { failure: refused } : {}) }
}
