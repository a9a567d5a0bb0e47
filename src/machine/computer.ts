import { type Account, accountOf } from './accounts.ts'
import { restoreDelta, saveDelta } from './fs/delta.ts'
import type { MachineDisk } from './fs/disk.ts'
import type { Overlay } from './fs/overlay.ts'
import { movedInAt } from './housing.ts'
import type { Kept } from './kept.ts'
import { createLogin, type Login, type LoginOptions } from './login.ts'
import type { Clock } from './machine.ts'
import type { Model } from './model.ts'
import { createProcesses } from './processes.ts'
import { kernel } from './rights.ts'
import type { Lookup } from './shell/world.ts'
import { Exhausted, type Host, type Internet, type LoginRecord, type Program, SystemError } from './system.ts'

/** What all computers of one model are made of. */
export type Parts = {
  model: Model
  clock: Clock
  disk: MachineDisk
  internet: Internet
  /** Where what this attacker leaves outlives the process. */
  kept?: Kept
  programOf(lookup: Lookup, path: string, data?: Buffer): Program | undefined
  /** A copy of a program that came with the system. */
  installed(data: Buffer): boolean
}

/**
 * The machine as one attacker knows it: what they changed is still there when they come back, whichever service lets them
 * in. While nobody is logged in it is packed small.
 */
export type Computer = {
  /** As its log-in prompt shows it. */
  readonly hostname: string
  logIn(options: LoginOptions): Login
  /**
   * The account of this name, which from then on has always been there: for whoever is let in as somebody that the
   * machine did not know. `undefined` for what cannot be a name.
   */
  account(name: string): Account | undefined
  /** An account of this name is there. */
  has(name: string): boolean
  /** A file of this account's home, as sshd reads `.ssh/authorized_keys`; `undefined` without one. At most 64 KiB. */
  homeFile(name: string, path: string): Buffer | undefined
  /** Bytes that it takes while nobody is logged in; for the room that all attackers share. */
  weight(): number
  /** Forgets everything that was changed, but what is kept elsewhere. */
  drop(): void
}

/** Steps an attacker may spend at once, and regains each second. About a million a second of CPU. */
const bucket = { size: 1_000_000, perSecond: 10_000 }
/** Logged in at once, as utmp(5) shows them. */
const mostLogins = 64

export const createComputer = (parts: Parts): Computer => {
  const { clock, disk, model, kept } = parts
  const { persona } = model
  let tree: Overlay | undefined
  let packed: Buffer | undefined
  /** What was kept of an earlier visit has been looked for. */
  let asked = false
  let steps = bucket.size
  let refilled = clock.now()
  const state = new Map<string, object>()
  const logins: LoginRecord[] = []
  // Whoever starts something here comes after all that a running machine has started already.
  const processes = createProcesses(model.running, {
    now: clock.now,
    firstPid: 1200 + (Math.floor((clock.now() - persona.bootedAt) / 9000) % (model.make.pids - 1200)),
    pids: model.make.pids,
  })

  const step = (cost = 1): void => {
    steps -= cost
    if (steps > 0) return
    const now = clock.now()
    steps = Math.min(bucket.size, steps + Math.max(0, (now - refilled) / 1000) * bucket.perSecond)
    refilled = now
    if (steps <= 0) throw new Exhausted()
  }

  const unpack = (): Overlay => {
    if (tree) return tree
    tree = disk.layer()
    if (!asked) packed ??= kept?.read()
    asked = true
    // What was kept on a disk that is another by now is nobody's.
    if (packed) restoreDelta(tree, packed)
    packed = undefined
    kept?.opened(save)
    return tree
  }
  const save = (): void => kept?.write(tree && tree.nodes.size > 0 ? saveDelta(tree) : undefined)
  const pack = (): void => {
    if (logins.length > 0 || !tree) return
    packed = tree.nodes.size > 0 ? saveDelta(tree) : undefined
    tree = undefined
    kept?.closed(save)
    kept?.write(packed)
  }

  return {
    hostname: persona.hostname,
    logIn(options) {
      const layer = unpack()
      const record: LoginRecord = {
        user: options.account.name,
        line: options.terminal?.name ?? '',
        host: options.from,
        pid: 0,
        at: clock.now(),
      }
      logins.push(record)
      if (logins.length > mostLogins) logins.shift()
      const host: Omit<Host, 'witness' | 'mounts' | 'brought' | 'shell'> = {
        persona,
        make: model.make,
        processes,
        internet: parts.internet,
        logins: () => logins.filter(({ line }) => line !== ''),
        state<T extends object>(key: string, make: () => T): T {
          const found = (state.get(key) as T | undefined) ?? make()
          state.set(key, found)
          return found
        },
      }
      return createLogin(options, {
        parts,
        tree: layer,
        host,
        record,
        step,
        ended() {
          const at = logins.indexOf(record)
          if (at >= 0) logins.splice(at, 1)
          pack()
        },
      })
    },
    account(name) {
      const account = model.account(disk.asOf(unpack(), movedInAt(persona, name)), name)
      pack()
      return account
    },
    has(name) {
      const found = accountOf(disk.asOf(unpack(), clock.now()), name)
      pack()
      return found !== undefined
    },
    homeFile(name, path) {
      const fs = disk.asOf(unpack(), clock.now())
      try {
        const home = accountOf(fs, name)?.home
        if (home === undefined) return undefined
        return fs.readFile(`${home}/${path}`, kernel, { max: 65_536 })
      } catch (error) {
        if (error instanceof SystemError) return undefined
        throw error
      } finally {
        pack()
      }
    },
    weight: () => (packed?.length ?? 0) + (tree?.usage.bytes ?? 0) + 2000,
    drop() {
      packed = undefined
      asked = false
      state.clear()
    },
  }
}
