import type { Field } from '#sql/engine.ts'
import { SqlError } from '#sql/error.ts'
import type { Type, Value } from '#sql/value.ts'
import { Out } from './out.ts'
import { change, changed, done, doneBit, type Notice, notice, returnStatus, TDS, token } from './tokens.ts'
import { encodingOf } from './typeinfo.ts'

/** Bytes that one answer may have. */
const MOST = 24 << 20

/** DONE's command numbers, as servers send them. */
export const command = { select: 0xc1, insert: 0xc3, delete: 0xc4, update: 0xc5, execute: 0xe0, other: 0xfd } as const

/**
 * Gathers what a request answers, in order. Within a procedure, statements end in DONEINPROC; `quiet` (SET NOCOUNT) leaves
 * counts out.
 */
export class Sink {
  readonly version: number
  readonly server: string
  quiet = false
  /** Procedures that the statement at hand is in. */
  depth = 0
  /** Result sets caught for INSERT … EXEC, in place of being sent. */
  caught: { fields: readonly Field[]; rows: (readonly Value[])[] } | undefined
  #parts: Buffer[] = []
  #size = 0
  #pending: { id: number; status: number; count: bigint; command: number } | undefined

  constructor(version: number, server: string) {
    this.version = version
    this.server = server
  }

  #add(part: Buffer) {
    this.#settle(true)
    this.#size += part.length
    if (this.#size > MOST) throw new SqlError('too much', ['bytes'])
    this.#parts.push(part)
  }
  #settle(more: boolean) {
    const pending = this.#pending
    if (!pending) return
    this.#pending = undefined
    const { id, status, count, command: number } = pending
    this.#parts.push(done(id, this.version, status | (more ? doneBit.more : 0), count, number))
  }

  notice(said: Notice): void {
    if (this.caught && said.class <= 10) return
    this.#add(notice(said, this.server, this.version))
  }
  rows(fields: readonly Field[], rows: readonly (readonly Value[])[]): void {
    if (this.caught) {
      this.caught.fields = fields
      this.caught.rows.push(...rows)
      return
    }
    const encodings = fields.map(({ type }) => encodingOf(type, this.version))
    this.#add(this.#columns(fields, encodings))
    for (const row of rows) this.#add(rowOf(row, encodings))
  }
  #columns(fields: readonly Field[], encodings: readonly { info: Buffer }[]): Buffer {
    const out = new Out().u8(token.columns).u16(fields.length)
    for (const [i, { name, type, origin }] of fields.entries()) {
      if (this.version >= TDS.v72) out.u32(0)
      else out.u16(0)
      const own = origin !== undefined && origin.table !== ''
      out
        .u16((type.notNull ? 0 : 1) | (own ? 8 : 0x20))
        .bytes(encodings[i]!.info)
        .short(name)
    }
    return out.done
  }
  /** USE's two tokens. */
  database(now: string, before: string): void {
    if (this.caught) return
    this.#add(changed(change.database, now, before))
    this.notice({ number: 5701, state: 1, class: 0, text: `Changed database context to '${now}'.` })
  }
  /** A statement is over; `count` where it has one. */
  done(number: number, count?: bigint, error = false): void {
    if (this.caught) return
    if (this.depth > 0 && this.quiet && !error && count !== undefined) return
    this.#settle(true)
    this.#pending = {
      id: this.depth > 0 ? token.doneWithin : token.done,
      status: (error ? doneBit.error : 0) | (count === undefined || this.quiet ? 0 : doneBit.count),
      count: count ?? 0n,
      command: number,
    }
  }
  /** A procedure is over. */
  left(status: number, error = false): void {
    if (this.caught) return
    this.#add(returnStatus(status))
    this.#pending = { id: token.doneProcedure, status: error ? doneBit.error : 0, count: 0n, command: command.execute }
  }
  status(value: number): void {
    this.#add(returnStatus(value))
  }
  /** RETURNVALUE: an output parameter. */
  value(ordinal: number, name: string, type: Type, value: Value): void {
    const { info, none, put } = encodingOf({ ...type, notNull: false }, this.version)
    const out = new Out().u8(token.returnValue).u16(ordinal).short(name).u8(1)
    if (this.version >= TDS.v72) out.u32(0)
    else out.u16(0)
    this.#add(
      out
        .u16(0)
        .bytes(info)
        .bytes(value === null ? none : put(value)).done,
    )
  }
  raw(part: Buffer): void {
    this.#add(part)
  }
  /** The last DONE of a request by RPC. */
  ended(error = false): void {
    this.#settle(true)
    this.#pending = { id: token.doneProcedure, status: error ? doneBit.error : 0, count: 0n, command: command.execute }
  }

  /** The whole answer, which ends in a DONE whatever there was. */
  get all(): Buffer[] {
    if (!this.#pending) this.#pending = { id: token.done, status: 0, count: 0n, command: command.other }
    this.#settle(false)
    return this.#parts
  }
}

function rowOf(
  row: readonly Value[],
  encodings: readonly { put(value: Exclude<Value, null>): Buffer; none: Buffer }[],
): Buffer {
  const parts: Buffer[] = [Buffer.of(token.row)]
  for (const [i, { put, none }] of encodings.entries()) {
    const value = row[i] ?? null
    parts.push(value === null ? none : put(value))
  }
  return Buffer.concat(parts)
}
