import { text } from '#events/text.ts'
import type { Persona } from '#persona/persona.ts'
import type { Options } from './options.ts'
import type { Ftp, Visitor } from './session.ts'
import { type Account, anonymousTree, homeTree, weakAccounts } from './world.ts'

export function accountsOf(options: Options, persona: Persona): readonly Account[] {
  if (options.accounts === 'none') return []
  if (options.accounts === 'weak') return weakAccounts(persona)
  return Object.entries(options.accounts).map(([name, password], i) => ({ name, password, uid: 1001 + i }))
}

export const isAnonymous = (user: string) => /^(anonymous|ftp)$/i.test(user)

/** Decides one attempt and records it; an anonymous password is kept too, it often names the tool. */
export function tryLogin(ftp: Ftp, user: string, password: string): Visitor | undefined {
  const { options, record } = ftp.cx
  const anonymous = options.anonymous && isAnonymous(user)
  const account = ftp.accounts.find(known => known.name === user && known.password === password)
  const accepted = anonymous || (account !== undefined && ftp.attacker.failures >= options.failuresFirst)
  record.login({
    method: anonymous ? 'anonymous' : 'password',
    user: latin(user),
    password: latin(password),
    outcome: accepted ? 'success' : 'failure',
  })
  if (accepted) return anonymous ? { name: 'ftp' } : { name: user, account: account! }
  ftp.failures++
  ftp.attacker.failures++
  return undefined
}

/** Shows the visitor their files: the same ones at every visit, with what they left there. */
export function enter(ftp: Ftp, visitor: Visitor, now: number, welcome?: string) {
  const { persona } = ftp.cx
  const key = visitor.account?.name ?? ''
  let tree = ftp.attacker.trees.get(key)
  if (!tree) {
    tree = visitor.account ? homeTree(persona, visitor.account, now) : anonymousTree(persona, now, welcome)
    ftp.attacker.trees.set(key, tree)
  }
  ftp.visitor = visitor
  ftp.tree = tree
  ftp.cwd = '/'
}

/** What arrived as Latin-1, as text for an event. */
export const latin = (said: string) => text(Buffer.from(said, 'latin1'))

/** Seconds that libpam waits after a failure asked to cost `base`: spread around it so that timing tells nothing. */
export function pamDelay(base: number, random: (bytes: number) => Buffer): number {
  const draws = random(3)
  return base * (0.5 + (draws[0]! + draws[1]! + draws[2]!) / (3 * 255))
}
