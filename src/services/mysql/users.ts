import type { Parser } from '#sql/parser.ts'
import { type Carry, ok, rest, type Verb, value } from './carry.ts'
import { MysqlError } from './errors.ts'
import { nativeDigest } from './functions/strings.ts'
import { textOf } from './numbers.ts'
import type { Session } from './state.ts'

/** SET PASSWORD. */
export function setPassword(p: Parser): Carry {
  p.next()
  let who: string | undefined
  if (p.takeWord('for')) who = account(p)
  if (!p.takeOperator('=')) p.fail()
  const given = p.expression()
  return session => {
    const found = value(session, given, p.sql)
    change(
      session,
      who ?? `'${session.user}'@'%'`,
      'password',
      textOf(found ?? ''),
      given.is === 'literal' && given.text.startsWith('*'),
    )
    return ok()
  }
}
/** `'name'@'host'`. */
function account(p: Parser): string {
  if (p.takeWord('current_user')) {
    if (p.takeOperator('(')) p.needOperator(')')
    return "'root'@'%'"
  }
  const user = p.token.kind === 'string' ? p.string() : p.name()
  if (p.token.kind !== 'variable') return `'${user}'@'%'`
  return `'${user}'@'${p.next().text || '%'}'`
}
const MOST_ACCOUNTS = 100
function change(session: Session, who: string, what: string, password: string | undefined, hashed = false) {
  const { accounts } = session.server
  const user = /^'(.*)'@/.exec(who)?.[1] ?? ''
  if (password !== undefined && (accounts.size < MOST_ACCOUNTS || accounts.has(who)))
    accounts.set(who, hashed ? password : password === '' ? '' : `*${nativeDigest(password)}`)
  session.cx.record.accountChange({ user, change: what, ...(password === undefined || hashed ? {} : { password }) })
}

/** CREATE USER, ALTER USER, GRANT … IDENTIFIED BY. */
export const userStatement =
  (what: string): Verb =>
  p => {
    p.takeWord('if', 'not', 'exists')
    p.takeWord('if', 'exists')
    const made = p.list(() => {
      const who = account(p)
      return { who, password: identified(p) }
    })
    rest(p)
    return session => {
      for (const { who, password } of made) {
        if (what === 'created' && session.server.accounts.has(who))
          throw new MysqlError(1396, 'HY000', `Operation CREATE USER failed for ${who}`)
        if (what === 'removed' && !session.server.accounts.has(who))
          throw new MysqlError(1396, 'HY000', `Operation DROP USER failed for ${who}`)
        change(session, who, what, what === 'removed' ? undefined : (password ?? ''))
        if (what === 'removed') session.server.accounts.delete(who)
      }
      return ok()
    }
  }
function identified(p: Parser): string | undefined {
  if (!p.takeWord('identified')) return undefined
  if (p.takeWord('with') || p.takeWord('via')) {
    p.next()
    if (!p.takeWord('by') && !p.takeWord('as') && !p.takeWord('using')) return undefined
  } else if (!p.takeWord('by')) p.fail()
  p.takeWord('password')
  return p.token.kind === 'string' ? p.string() : undefined
}

/** GRANT, which may make an account. */
export const grant: Verb = p => {
  while (p.token.kind !== 'end' && !p.isOperator(';') && !p.isWord('to')) p.next()
  if (!p.takeWord('to')) p.fail()
  const made = p.list(() => ({ who: account(p), password: identified(p) }))
  rest(p)
  return session => {
    for (const { who, password } of made) change(session, who, 'granted', password)
    return ok()
  }
}
