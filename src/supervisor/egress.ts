import { spawn } from 'node:child_process'
import path from 'node:path'
import {
  type Applied,
  type CounterName,
  commentOf,
  counters,
  holdScript,
  type LockFacts,
  lockScript,
  releaseScript,
  type TrafficClass,
} from '#firewall/rules.ts'
import { appliedNow, applyScript, NftFault } from './nft.ts'
import { root } from './rights.ts'
import type { WayOut } from './ways-out.ts'

/** How the way out is locked by the kernel, as it was last proved. */
export type EgressLock = {
  /** `proved`: tried, and every packet was dropped and counted. `unproved`: rules may be there, but `why`. */
  state: 'proved' | 'unproved' | 'absent'
  why?: string
  /** The rules in place are those of the passive edition. */
  silent?: true
  /** Milliseconds since the epoch. */
  at: number
  /** What was tried, and what became of it. */
  ways: WayOut[]
  /** Packets dropped since the rules were applied, the proof's own not among them. */
  dropped: Partial<Record<CounterName, number>>
  /** Bytes that left this machine since then, by whose doing. */
  traffic?: Record<TrafficClass, number>
}

/** Milliseconds that an attempt may take in all. */
const PATIENCE = 8000

const inPlace = (facts: LockFacts, applied: Applied | undefined) =>
  applied?.comment === commentOf(facts) && applied.rules > 0

/** Puts our rules in place, or holds those that are there; was there a table of ours before? Throws `NftFault`. */
export function lockEgress(facts: LockFacts): boolean {
  const applied = appliedNow()
  applyScript(inPlace(facts, applied) ? holdScript(facts) : lockScript(facts))
  return applied !== undefined
}

/** The decoys no longer run: the rules stay, but the ports are anybody's. Throws `NftFault`. */
export function releasePorts(facts: LockFacts): void {
  if (inPlace(facts, appliedNow())) applyScript(releaseScript(facts))
}

/** Packets that proofs themselves lost, by counter, so that they are not taken for an intruder's. */
const ownPackets = new Map<CounterName, number>()

/**
 * Proves the lock by attempt: a process of the exposed side's user tries the ways out, and the kernel must have counted a
 * dropped packet for each family and protocol that has a route at all. Nothing is tried where the rules are not in place.
 */
export async function proveLock(facts: LockFacts, ids: { user: number; group: number }): Promise<EgressLock> {
  const at = Date.now()
  const none = { at, ways: [], dropped: {} }
  try {
    const before = appliedNow()
    if (!before) return { ...none, state: 'absent', why: 'no rules of skep in nftables' }
    if (!inPlace(facts, before))
      return { ...none, state: 'unproved', why: 'the rules in nftables are not those of this configuration' }
    const ways = await tryWaysOut(ids)
    const after = appliedNow()
    if (!after) return { ...none, state: 'absent', why: 'the rules went away while they were proved' }
    const caught = new Map(counters.map(name => [name, after.counters[name] - before.counters[name]]))
    for (const [name, packets] of caught) ownPackets.set(name, (ownPackets.get(name) ?? 0) + packets)
    const why = doubt(ways, caught)
    return {
      state: why === undefined ? 'proved' : 'unproved',
      ...(why === undefined ? {} : { why }),
      ...(facts.passive ? { silent: true } : {}),
      at,
      ways,
      ...countedBy(after),
    }
  } catch (error) {
    if (error instanceof NftFault) return { ...none, state: 'unproved', why: error.message }
    throw error
  }
}

/** What the rules have counted so far, our own attempts aside. */
export const countedBy = (applied: Applied): Pick<EgressLock, 'dropped' | 'traffic'> => ({
  dropped: Object.fromEntries(
    counters.map(name => [name, Math.max(0, applied.counters[name] - (ownPackets.get(name) ?? 0))]),
  ),
  traffic: applied.traffic,
})

/** Why the attempts prove nothing; `undefined`: they do. */
function doubt(ways: WayOut[], caught: ReadonlyMap<CounterName, number>): string | undefined {
  if (ways.length === 0) return 'the attempts could not be made'
  const leaks = ways.filter(way => leaked(way, caught))
  if (leaks.length > 0) return `went out: ${leaks.map(({ what, how }) => `${what} (${how})`).join(', ')}`
  return [...caught.values()].some(packets => packets > 0) ? undefined : 'this machine has no route to try'
}

/** Of a machine without a route, or without ping(8): no packet came to be. */
const notTried = new Set(['ENOENT', 'ENETUNREACH', 'EHOSTUNREACH', 'EADDRNOTAVAIL', 'EAFNOSUPPORT', 'EINVAL'])

function leaked({ what, how }: WayOut, caught: ReadonlyMap<CounterName, number>): boolean {
  if (notTried.has(how)) return false
  const family = what.endsWith('IPv4') ? 'ipv4' : 'ipv6'
  const kind = what.startsWith('TCP') ? 'tcp' : what.startsWith('ICMP') ? 'icmp' : 'udp'
  const count = caught.get(`${kind}_${family}`) ?? 0
  // Our own look-ups share a counter with datagrams, and without a route they fail in words of their own.
  return count === 0 && !(what.startsWith('DNS') && how !== 'answered')
}

function tryWaysOut({ user, group }: { user: number; group: number }): Promise<WayOut[]> {
  return new Promise(resolve => {
    // It becomes that user itself: the code may lie where only root reads.
    const args = [path.join(root, 'src/supervisor/ways-out.ts'), String(user), String(group)]
    const child = spawn(process.execPath, args, {
      cwd: '/',
      env: {},
      stdio: ['ignore', 'pipe', 'ignore'],
      timeout: PATIENCE,
    })
    let told = ''
    child.stdout.on('data', data => (told += data))
    child.on('error', () => resolve([]))
    child.on('close', () => {
      try {
        resolve(JSON.parse(told) as WayOut[])
      } catch {
        resolve([])
      }
    })
  })
}
