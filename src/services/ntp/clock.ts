import type { Persona } from '#persona/persona.ts'
import { short, type Timestamp, timestamp } from './wire.ts'

/** The system variables of RFC 5905 §11.1 that go into every answer. */
export type SystemClock = {
  leap: number
  stratum: number
  precision: number
  rootDelay: number
  rootDispersion: number
  refid: number
  reference: Timestamp
}

/** RFC 5905 figure 5, PHI: how much an undisturbed clock may drift a second. */
const DRIFT = 15e-6
/** `ntp_proto.c`, poll_update: 2¹⁰ s and up to a sixteenth more, the interval a settled daemon asks its server at. */
const SHORTEST_POLL = 1024_000
const LONGEST_POLL = 1088_000
/** Servers of the pool come and go; the nearest by their word stays that for some hours. */
const FOLLOWED_FOR = 7 * 3600_000
/** Skews above this are of a machine that reaches no server. */
const SYNCHRONISED = 45
const INIT = 0x494e4954

/** The clock of the persona's ntpd at `now`, in milliseconds since the epoch as the machine tells them. Pure. */
export function systemClock(persona: Persona, now: number): SystemClock {
  const precision = -23 - (persona.derive('ntp precision', 1)[0]! % 3)
  const began = persona.bootedAt + 20_000
  if (Math.abs(persona.clockSkew) > SYNCHRONISED) {
    // Nobody was ever heard: as ntpsec 1.2.2 answered in its first seconds, while dispersion grows.
    const rootDispersion = short((DRIFT * Math.max(0, now - began)) / 1000)
    return { leap: 3, stratum: 0, precision, rootDelay: 0, rootDispersion, refid: INIT, reference: 0n }
  }
  const heardAt = lastPoll(persona, now, began)
  const server = persona.derive(`ntp server ${Math.floor(heardAt / FOLLOWED_FOR)}`, 8)
  const sample = persona.derive(`ntp sample ${heardAt}`, 8)
  const part = (at: number) => sample.readUInt16BE(at) / 65_536
  return {
    leap: 0,
    // Two in three servers of the pool are of stratum 2.
    stratum: server[4]! % 3 === 0 ? 2 : 3,
    precision,
    rootDelay: short(0.0008 + (server[5]! / 256) ** 2 * 0.045 + part(0) * 0.0015),
    rootDispersion: short(0.004 + (server[6]! / 256) * 0.03 + part(2) * 0.006 + (DRIFT * (now - heardAt)) / 1000),
    // Of a server with an IPv6 address this is the beginning of a hash: `addr2refid`.
    refid: server.readUInt32BE(0),
    reference: timestamp(heardAt, sample.readUInt32BE(4) >>> 10),
  }
}

/** When the server was last heard: once in every slot of the longest interval, at a time of its own. */
function lastPoll(persona: Persona, now: number, began: number): number {
  const inSlot = (slot: number) =>
    slot * LONGEST_POLL + (persona.derive(`ntp poll ${slot}`, 4).readUInt32BE(0) % (LONGEST_POLL - SHORTEST_POLL))
  const slot = Math.floor(now / LONGEST_POLL)
  const heard = inSlot(slot) <= now ? inSlot(slot) : inSlot(slot - 1)
  return Math.max(heard, began)
}
