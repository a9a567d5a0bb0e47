import type { Parser } from '#sql/parser.ts'
import { type Carry, ok, rest } from './carry.ts'
import { MysqlError } from './errors.ts'

/** BEGIN, COMMIT, ROLLBACK and savepoints (MariaDB's knowledge base, "Transactions"). */

/** BEGIN [WORK] and START TRANSACTION: what was open is committed. */
export function begin(p: Parser): Carry {
  rest(p)
  return ({ work }) => {
    work.commit()
    work.begin()
    return ok()
  }
}
export function commit(p: Parser): Carry {
  const chain = chained(p)
  return ({ work }) => {
    work.commit()
    if (chain) work.begin()
    return ok()
  }
}
export function rollback(p: Parser): Carry {
  p.takeWord('work')
  if (!p.takeWord('to')) {
    const chain = chained(p)
    return ({ work }) => {
      work.rollback()
      if (chain) work.begin()
      return ok()
    }
  }
  p.takeWord('savepoint')
  const name = p.name()
  return ({ work }) => (work.back(name.toLowerCase()) ? ok() : unknown(name))
}
/** Outside of a transaction a savepoint is taken, and gone with its statement. */
export function savepoint(p: Parser): Carry {
  const name = p.name()
  return session => {
    if (session.variables.get('autocommit') === 0n) session.work.begin()
    if (session.work.open) session.work.save(name.toLowerCase())
    return ok()
  }
}
export function release(p: Parser): Carry {
  p.needWord('savepoint')
  const name = p.name()
  return ({ work }) => (work.release(name.toLowerCase()) ? ok() : unknown(name))
}

function chained(p: Parser): boolean {
  p.takeWord('work')
  const chain = p.isWord('and', 'chain')
  rest(p)
  return chain
}
function unknown(name: string): never {
  throw new MysqlError(1305, '42000', `SAVEPOINT ${name} does not exist`)
}
