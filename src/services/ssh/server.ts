import type { Persona } from '#persona/persona.ts'
import { kexFor, type Release, release } from './algorithms.ts'
import { type HostKey, hostKeys } from './hostkeys.ts'
import { kexInitTail, type Offer, serverOffer } from './kexinit.ts'
import { type Manners, openssh, type Starts, startsOpenssh } from './manners.ts'

/** An offer, and its KEXINIT from behind the cookie. */
export type Prepared = { offer: Offer; tail: Buffer }

/** What sshd is on one machine. */
export type Server = {
  /** Without CRLF. */
  identification: string
  release: Release
  manners: Manners
  starts: Starts
  hostKeys: ReadonlyMap<string, HostKey>
  /** Makes this machine's delays its own (sshd draws it when it starts). */
  timingSecret: Buffer
  /** What is offered to a client of this identification. */
  offerTo(client: string): Prepared
}

const known = new WeakMap<Persona, Server>()

/** The persona's sshd, worked out once: connections share its keys and offers. */
export function serverOf(persona: Persona): Server {
  const found = known.get(persona)
  if (found) return found
  const { identification } = persona.software.ssh
  const ours = release(identification)
  const keys = hostKeys(persona, ours.rsa)
  // As many entries as there are ways to leave something out.
  const offers = new Map<string, Prepared>()
  const server: Server = {
    identification,
    release: ours,
    manners: openssh,
    starts: startsOpenssh,
    hostKeys: keys,
    timingSecret: persona.derive('ssh timing', 8),
    offerTo(client) {
      const kex = kexFor(ours, client)
      const prepared = offers.get(kex.join()) ?? prepare(serverOffer({ ...ours, kex }, [...keys.keys()]))
      offers.set(kex.join(), prepared)
      return prepared
    },
  }
  known.set(persona, server)
  return server
}

export const prepare = (offer: Offer): Prepared => ({ offer, tail: kexInitTail(offer) })
