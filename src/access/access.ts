import { hash } from 'node:crypto'
import type { Witness } from '#machine/system.ts'
import type { Persona } from '#persona/persona.ts'
import { commonNames, isName } from './names.ts'
import type { AccessOptions } from './options.ts'
import { type Rule, readRule } from './rule.ts'

/** What of a conversation the policy needs: a service's context has it. */
export type Visit = {
  persona: Persona
  source: { ip: string }
  /** Milliseconds since the epoch. */
  now(): number
  attacker<T extends object>(make: (network?: string) => T, room?: string): T
}

/** Who this visitor's source is let in as. Strings are Latin-1, a character a byte. */
export type Access = {
  /** One try, which counts: is this password good for this user? */
  password(user: string, password: string): boolean
  /** May a key be good at all, and has it to be one that was installed by this source? */
  readonly publicKeys: AccessOptions['publicKeys']
  /** This source has been let in before. */
  readonly known: boolean
  /** A log-in other than by password succeeded. */
  letIn(): void
  /** From now on this password is the user's, and the one before is not. */
  changed(user: string, password: string): void
}

/** What is kept of one source, whatever service it came to. Credentials are digests. */
type State = {
  /** Refusals before something plausible is good. */
  after: number
  refusals: number
  refused: Set<string>
  /** User to credentials. */
  won: Map<string, string>
  known: boolean
}

/** Refused credentials that are remembered, so that none of them becomes good; users with a good password. */
const mostRefused = 64
const mostWon = 16
/** Good credentials of all sources, and how many other sources each is good for: a list that many use is not. */
const mostShared = 256
const mostElsewhere = 2

const digest = (user: string, password: string): string => hash('sha256', `${user}\0${password}`, 'base64').slice(0, 16)

/** The policy as it stands for this visitor. */
export function accessOf(visit: Visit, options: AccessOptions): Access {
  const { persona } = visit
  const rules = rulesOf(options)
  const shared = sharedOf(persona)
  const state = () =>
    visit.attacker<State>(
      () => ({ after: draw(visit, options), refusals: 0, refused: new Set(), won: new Map(), known: false }),
      'access',
    )
  const win = (user: string, key: string): true => {
    const mine = state()
    mine.known = true
    mine.won.delete(user)
    mine.won.set(user, key)
    if (mine.won.size > mostWon) mine.won.delete(mine.won.keys().next().value!)
    shared.delete(key)
    shared.set(key, { since: visit.now(), left: mostElsewhere })
    if (shared.size > mostShared) shared.delete(shared.keys().next().value!)
    return true
  }
  const plausible = (user: string, password: string): boolean =>
    password !== '' && (commonNames.has(user) || persona.users.some(({ name }) => name === user))

  return {
    publicKeys: options.publicKeys,
    get known() {
      return state().known
    },
    letIn() {
      state().known = true
    },
    password(user, password) {
      if (!isName(user)) return false
      const key = digest(user, password)
      const mine = state()
      // A password that was changed here is the user's own, whatever was good before.
      if (mine.won.get(user) === key) return true
      const rule = rules.find(one => one.user(user) && one.password(password))
      if (rule) {
        if (rule.accept && !mine.won.has(user)) mine.known = true
        return rule.accept
      }
      if (options.otherwise === 'refuse') return false
      if (options.remember && mine.won.size > 0) return false
      const elsewhere = shared.get(key)
      if (elsewhere && elsewhere.left > 0 && visit.now() - elsewhere.since < options.elsewhere * 60_000) {
        elsewhere.left--
        mine.known = true
        mine.won.set(user, key)
        return true
      }
      // What was wrong a moment ago stays so.
      if (mine.refused.has(key)) return false
      if (mine.refusals >= mine.after && plausible(user, password)) return win(user, key)
      mine.refusals++
      if (mine.refused.size < mostRefused) mine.refused.add(key)
      return false
    },
    changed(user, password) {
      if (isName(user)) win(user, digest(user, password))
    },
  }
}

/** A witness that also sees to it that passwords which are set on the machine are good for its log-in. */
export const attentive = <W extends Witness>(witness: W, access: Access): W => ({
  ...witness,
  account(what) {
    witness.account(what)
    if (what.password !== undefined && what.change !== 'removed') access.changed(what.user, what.password)
  },
})

/** The same for the same source as long as the sensor is who it is. */
function draw({ persona, source }: Visit, { after: { from, to } }: AccessOptions): number {
  return from + (persona.derive(`access ${source.ip}`, 4).readUInt32BE() % (to - from + 1))
}

const compiled = new WeakMap<AccessOptions, Rule[]>()
function rulesOf(options: AccessOptions): Rule[] {
  const found = compiled.get(options) ?? options.rules.map(readRule)
  compiled.set(options, found)
  return found
}

type Shared = Map<string, { since: number; left: number }>
const good = new WeakMap<Persona, Shared>()
/** Since when credentials are good, of all sources of a sensor: the longest known first. */
function sharedOf(persona: Persona): Shared {
  const found: Shared = good.get(persona) ?? new Map()
  good.set(persona, found)
  return found
}
