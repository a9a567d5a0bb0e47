import { variableOf } from './dialect.ts'
import { failed } from './errors.ts'
import type { Node } from './nodes.ts'
import type { Run } from './run.ts'
import { command } from './sink.ts'

/** OPEN, FETCH, CLOSE, DEALLOCATE of a cursor of T-SQL's. */
export function steps(
  { what, name, into, where }: Extract<Node, { is: 'cursor step' }>,
  { session, sink, frame }: Run,
): void {
  const cursor = session.named.get(name)
  if (!cursor) throw failed(16_916, `A cursor with the name '${name}' does not exist.`)
  if (what === 'deallocate') session.named.delete(name)
  else if (what !== 'fetch') cursor.at = -1
  else {
    cursor.at =
      where === 'first' ? 0 : where === 'last' ? cursor.rows.length - 1 : cursor.at + (where === 'prior' ? -1 : 1)
    cursor.at = Math.max(-1, Math.min(cursor.rows.length, cursor.at))
    const row = cursor.rows[cursor.at]
    session.fetch = row ? 0 : -1
    if (into.length === 0) sink.rows(cursor.fields, row ? [row] : [])
    else if (row) {
      if (into.length !== cursor.fields.length)
        throw failed(
          16_924,
          'Cursorfetch: The number of variables declared in the INTO list must match that of selected columns.',
        )
      for (const [i, variable] of into.entries()) variableOf(frame, variable).value = row[i] ?? null
    }
  }
  sink.done(command.other)
}
