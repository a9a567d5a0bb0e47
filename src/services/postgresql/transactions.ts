import type { Parser } from '#sql/parser.ts'
import { type Failure, pgError } from './errors.ts'
import type { Answer, Carry } from './execute.ts'
import type { Session } from './state.ts'

/** BEGIN, COMMIT, ROLLBACK and savepoints (xact.c). A statement that fails leaves the transaction to be rolled back. */

type Where = readonly [file: string, line: string, routine: string]
const done = (tag: string, notices?: readonly Failure[]): Answer => ({
  is: 'done',
  tag,
  ...(notices ? { notices } : {}),
})
const warning = (words: string, code: string, where: Where): Failure => ({ severity: 'WARNING', code, words, where })
const none = (where: Where) => [warning('there is no transaction in progress', '25P01', where)]
const rest = (p: Parser) => {
  while (!p.atEnd && !p.isOperator(';')) p.next()
}

export const begin =
  (tag: string) =>
  (p: Parser): Carry => {
    rest(p)
    return session => {
      const again = session.transaction !== 'I'
      session.transaction = 'T'
      session.work.begin()
      const where = ['xact.c', '3789', 'BeginTransactionBlock'] as const
      return done(tag, again ? [warning('there is already a transaction in progress', '25001', where)] : undefined)
    }
  }

export function commit(p: Parser): Carry {
  const chain = chained(p)
  return session => {
    const { transaction, work } = session
    if (transaction === 'I') return done('COMMIT', none(['xact.c', '3987', 'EndTransactionBlock']))
    if (transaction === 'E') work.rollback()
    else work.commit()
    next(session, chain)
    return done(transaction === 'E' ? 'ROLLBACK' : 'COMMIT')
  }
}

export function rollback(p: Parser): Carry {
  if (!p.takeWord('work')) p.takeWord('transaction')
  if (p.takeWord('to')) {
    p.takeWord('savepoint')
    const name = p.name()
    return session => {
      inBlock(session, 'ROLLBACK TO SAVEPOINT')
      if (!session.work.back(name)) throw missing(name, ['xact.c', '4477', 'RollbackToSavepoint'])
      session.transaction = 'T'
      return done('ROLLBACK')
    }
  }
  const chain = chained(p)
  return session => {
    if (session.transaction === 'I') return done('ROLLBACK', none(['xact.c', '4110', 'UserAbortTransactionBlock']))
    session.work.rollback()
    next(session, chain)
    return done('ROLLBACK')
  }
}

export function savepoint(p: Parser): Carry {
  const name = p.name()
  return session => {
    inBlock(session, 'SAVEPOINT')
    session.work.save(name)
    return done('SAVEPOINT')
  }
}
export function release(p: Parser): Carry {
  p.takeWord('savepoint')
  const name = p.name()
  return session => {
    inBlock(session, 'RELEASE SAVEPOINT')
    if (!session.work.release(name)) throw missing(name, ['xact.c', '4317', 'ReleaseSavepoint'])
    return done('RELEASE')
  }
}

/** Statements that commit by themselves. */
export function outsideBlock({ work }: Session, what: string): void {
  if (work.open)
    throw pgError('25001', `${what} cannot run inside a transaction block`, {
      where: ['xact.c', '3486', 'PreventInTransactionBlock'],
    })
}

/** AND CHAIN, and all that is said of isolation. */
function chained(p: Parser): boolean {
  if (!p.takeWord('work')) p.takeWord('transaction')
  const chain = p.isWord('and', 'chain')
  rest(p)
  return chain
}
function next(session: Session, chain: boolean) {
  session.transaction = chain ? 'T' : 'I'
  if (chain) session.work.begin()
}
function inBlock({ transaction }: Session, what: string) {
  if (transaction === 'I')
    throw pgError('25P01', `${what} can only be used in transaction blocks`, {
      where: ['xact.c', '3587', 'CheckTransactionBlock'],
    })
}
const missing = (name: string, where: Where) => pgError('3B001', `savepoint "${name}" does not exist`, { where })
