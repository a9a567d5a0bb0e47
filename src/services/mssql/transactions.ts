import { failed } from './errors.ts'
import type { Session } from './state.ts'

/** BEGIN, COMMIT, ROLLBACK and SAVE TRANSACTION (Transact-SQL reference): they nest by counting, and only the outermost commits. */

/** `name`: what the outermost may be rolled back by. */
export function begin(session: Session, name?: string): void {
  if (session.transactions === 0) session.outermost = name
  session.transactions++
  session.work.begin()
}

/** Throws 3902 where nothing is open. */
export function commit(session: Session): void {
  if (session.transactions === 0) throw unmatched(3902, 'COMMIT')
  session.transactions--
  if (session.transactions === 0) session.work.commit()
}

/** All of it, however deep. */
export function rollBack(session: Session): void {
  session.transactions = 0
  session.work.rollback()
}

/** To a savepoint, or all when the name is the outermost's; throws 3903 and 6401. */
export function rollBackTo(session: Session, name: string | undefined): void {
  if (session.transactions === 0) throw unmatched(3903, 'ROLLBACK')
  if (name === undefined || name.toLowerCase() === session.outermost?.toLowerCase()) rollBack(session)
  else if (!session.work.back(name.toLowerCase()))
    throw failed(6401, `Cannot roll back ${name}. No transaction or savepoint of that name was found.`)
}

/** Throws 628 where nothing is open. */
export function save(session: Session, name: string): void {
  if (session.transactions === 0)
    throw failed(628, 'Cannot issue SAVE TRANSACTION when there is no active transaction.')
  session.work.save(name.toLowerCase())
}

const unmatched = (number: number, verb: string) =>
  failed(number, `The ${verb} TRANSACTION request has no corresponding BEGIN TRANSACTION.`)
