import type { Config } from '#config/load.ts'
import type { Recorder } from '#events/event.ts'
import { type LockFacts, removeScript } from '#firewall/rules.ts'
import { binds } from '#hosting/standing.ts'
import { countedBy, type EgressLock, lockEgress, proveLock, releasePorts } from './egress.ts'
import { gentleBandwidth } from './impact.ts'
import type { Log } from './log.ts'
import { appliedNow, applyScript, NftFault } from './nft.ts'
import { doorsOf } from './range.ts'
import { wayIn } from './way-in.ts'

/** Milliseconds between two proofs, between two looks at what the rules have counted, and between two holds of the ports. */
const EVERY = 3_600_000
const LOOK = 30_000
const HOLD = 120_000

/** What the lock is made from, under this configuration; ports as they are bound. */
export const lockFacts = ({ settings, plans }: Config, offset: number): LockFacts => ({
  user: settings.users.sensor,
  others: [settings.users.capture],
  ...(settings.edition === 'passive' ? { passive: wayIn(settings) } : {}),
  ...(binds(settings.provider, 'low-impact') ? { bandwidth: gentleBandwidth } : {}),
  listeningPorts: doorsOf({ settings, plans }, offset),
  datagramPorts: plans.flatMap(({ endpoints }) =>
    endpoints.filter(({ transport }) => transport === 'udp').map(({ port }) => port + offset),
  ),
})

/** As whom the ways out are tried: the decoys' user; and where nothing may go out at all, root. */
export const whoTries = ({ settings: { edition, users } }: Config): { user: number; group: number } =>
  edition === 'passive' ? { user: 0, group: 0 } : { user: users.sensor, group: users.group }

/** The same lock with these ways in as well: a session that came in by the old one goes on. */
export function opened(facts: LockFacts, ports: readonly number[]): LockFacts {
  const { ports: known = [], from = [] } = facts.passive ?? {}
  const all = [...new Set([...known, ...ports])].toSorted((a, b) => a - b)
  return all.length === known.length ? facts : { ...facts, passive: { ports: all, from } }
}

/** What a later try may mend, or the next proof tells. */
function tryNft(act: () => void): void {
  try {
    act()
  } catch (error) {
    if (!(error instanceof NftFault)) throw error
  }
}

export type Guard = {
  /** As last proved. */
  lock(): EgressLock
  /** Locks and proves; what came of it. */
  check(): Promise<EgressLock>
  /** Goes on proving, every hour. */
  watch(tell: { log: Log; record: Recorder; changed: () => void }): void
  /** Takes rules away that were not there before us: nothing starts after all. */
  undo(): void
  stop(): void
  /** The decoys are gone: their ports are anybody's again. */
  release(): void
}

/** Keeps the egress lock in place, where that may be done: as root, with nftables, unless the operator said `off`. */
export function guardEgress(config: Config, offset: number): Guard {
  let facts = lockFacts(config, offset)
  const ids = whoTries(config)
  let lock: EgressLock = { state: 'absent', why: 'not tried yet', at: 0, ways: [], dropped: {} }
  let timer: NodeJS.Timeout | undefined
  let looking: NodeJS.Timeout | undefined
  let holding: NodeJS.Timeout | undefined
  let ours = false

  /** Has the operator's SSH moved while nothing else may come in? */
  function moved(): boolean {
    const now = facts.passive === undefined ? facts : opened(facts, wayIn(config.settings).ports)
    if (now === facts) return false
    facts = now
    return true
  }

  async function check(): Promise<EgressLock> {
    moved()
    const absent = (why: string): EgressLock => ({ state: 'absent', why, at: Date.now(), ways: [], dropped: {} })
    if (facts.passive === undefined && config.settings.egress.lock === 'off') lock = absent('`egress.lock` is off')
    else if (facts.passive === undefined && /^(127\.|::1$)/.test(config.settings.listen.address))
      lock = absent('the decoys listen on loopback alone, so the firewall is left as it is')
    else if (process.getuid?.() !== 0) lock = absent('only root may set firewall rules; not started as root')
    else if (facts.passive?.ports.length === 0)
      lock = absent('no sshd was found, and you would be locked out: say administration.ports')
    else
      try {
        ours = !lockEgress(facts) || ours
        lock = await proveLock(facts, ids)
      } catch (error) {
        if (!(error instanceof NftFault)) throw error
        lock = absent(error.message)
      }
    return lock
  }

  function count(): void {
    if (lock.state !== 'proved') return
    tryNft(() => {
      const applied = appliedNow()
      if (applied) lock = { ...lock, ...countedBy(applied) }
    })
  }

  return {
    lock: () => lock,
    check,
    watch({ log, record, changed }) {
      let told = ''
      const tell = () => {
        changed()
        const { state, why } = lock
        if (told === `${state} ${why}`) return
        told = `${state} ${why}`
        log.locked(lock)
        record.health({ part: 'egress lock', state, ...(why === undefined ? {} : { why }) })
      }
      const again = () => void check().then(tell)
      if (lock.at > 0) tell()
      else again()
      timer = setInterval(again, EVERY)
      timer.unref()
      looking = setInterval(() => (moved() ? again() : count()), LOOK)
      looking.unref()
      holding = setInterval(() => lock.state !== 'absent' && tryNft(() => lockEgress(facts)), HOLD)
      holding.unref()
    },
    undo() {
      if (ours) applyScript(removeScript)
    },
    stop() {
      clearInterval(timer)
      clearInterval(looking)
      clearInterval(holding)
    },
    release() {
      if (lock.state !== 'absent') tryNft(() => releasePorts(facts))
    },
  }
}
