import { MysqlError } from '../errors.ts'
import { textOf, toNumber } from '../numbers.ts'
import type { Session } from '../state.ts'
import { bigint, int, text } from '../typing.ts'
import { loose, MANY, strict, type Table } from './define.ts'

/** Seconds that SLEEP and BENCHMARK may cost one statement. */
const MOST = 60

/** Functions that tell of the server and the session, and those that take time. */
export function information(session: Session): Table {
  const { server } = session
  const wide = (length: number, value: () => string | null) => loose([0, 0], text(length), value)
  const user = wide(384, () => `${session.user}@${session.host}`)
  return new Map([
    ['version', loose([0, 0], text(server.version.length, { notNull: true }), () => server.version)],
    ...['user', 'session_user', 'system_user'].map(name => [name, user] as const),
    ['current_user', wide(384, () => `${session.user}@%`)],
    ['current_role', wide(384, () => null)],
    ...['database', 'schema'].map(name => [name, wide(64, () => session.database || null)] as const),
    ['connection_id', loose([0, 0], int(10, { unsigned: true }), () => BigInt(session.thread))],
    ['last_insert_id', loose([0, 1], bigint(21, { notNull: true, unsigned: true }), () => session.inserted)],
    ['row_count', loose([0, 0], bigint(21, { notNull: true }), () => session.affected)],
    ['found_rows', loose([0, 0], bigint(21, { notNull: true }), () => session.found)],
    [
      'sleep',
      loose([1, 1], int(1), ([seconds]) => {
        if (seconds === null || toNumber(seconds!) < 0)
          throw new MysqlError(1210, 'HY000', 'Incorrect arguments to sleep.')
        session.slept = Math.min(MOST, session.slept + toNumber(seconds!))
        return 0n
      }),
    ],
    [
      'benchmark',
      loose([2, 2], int(1), ([times]) => {
        if (times === null || toNumber(times!) < 0) return null
        // What a plain hash costs on such a machine.
        session.slept = Math.min(MOST, session.slept + toNumber(times!) * 0.3e-6)
        return 0n
      }),
    ],
    ['charset', loose([1, 1], text(64), () => 'utf8mb4')],
    ['collation', loose([1, 1], text(64), () => 'utf8mb4_general_ci')],
    ['coercibility', loose([1, 1], int(10), () => 4n)],
    ['get_lock', strict([1, 2], int(1, { notNull: false }), () => 1n)],
    ['release_lock', strict([1, 1], int(1, { notNull: false }), () => 1n)],
    ['is_free_lock', strict([1, 1], int(1, { notNull: false }), () => 1n)],
    ['is_used_lock', strict([1, 1], int(10, { notNull: false }), () => null)],
    ['json_extract', loose([2, MANY], text(65_535), () => null)],
    [
      'json_valid',
      strict([1, 1], int(1, { notNull: false }), ([value]) => {
        try {
          JSON.parse(textOf(value!))
          return 1n
        } catch {
          return 0n
        }
      }),
    ],
  ])
}
