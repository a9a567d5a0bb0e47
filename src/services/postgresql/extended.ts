import { Malformed } from '#sensor/endings.ts'
import type { Field } from '#sql/engine.ts'
import { SqlError } from '#sql/error.ts'
import { describeQuery } from '#sql/select.ts'
import { engineOf } from './dialect.ts'
import { failure, pgError } from './errors.ts'
import { type Answer, carried, parse } from './execute.ts'
import { note, verbOf } from './exploits.ts'
import { dataRow, rowDescription } from './rows.ts'
import { Aborted, failedWith } from './serve.ts'
import type { Session } from './state.ts'
import { fromBinary } from './types.ts'
import { complete, i16, i32, message, ready } from './wire.ts'

/** Statements and portals that one connection may keep. */
const MOST = 200
const EMPTY = Buffer.alloc(0)

/** The extended query protocol: Parse, Bind, Describe, Execute, Close, Sync. After an error all is skipped up to Sync. */
export function extended(one: Session): (kind: string, body: Buffer) => Promise<Buffer | 'unknown'> {
  let skipping = false
  let sql = ''
  const steps = new Map<string, (body: Buffer) => Buffer | Promise<Buffer>>([
    ['P', body => parseStatement(one, body)],
    ['B', body => bind(one, body)],
    ['D', body => describe(one, body)],
    ['E', body => run(one, body)],
    ['C', body => close(one, body)],
    ['H', () => EMPTY],
  ])
  return async (kind, body) => {
    if (kind === 'S') {
      skipping = false
      one.portals.clear()
      return ready(one.transaction)
    }
    // What is left of a COPY that failed.
    if (kind === 'd' || kind === 'c' || kind === 'f') return EMPTY
    const step = steps.get(kind)
    if (!step) return 'unknown'
    if (skipping) return EMPTY
    if (kind === 'P') sql = body.toString('latin1').split('\0')[1] ?? ''
    try {
      return await step(body)
    } catch (error) {
      if (!(error instanceof SqlError)) throw error
      skipping = true
      return failure(failedWith(error, one, sql))
    }
  }
}

/** Reads fields out of a message; what runs off its end is the peer's fault. */
class Fields {
  readonly #body: Buffer
  #at = 0
  constructor(body: Buffer) {
    this.#body = body
  }
  cstring(): string {
    const end = this.#body.indexOf(0, this.#at)
    if (end < 0) throw new Malformed('A string without an end')
    const found = this.#body.toString('latin1', this.#at, end)
    this.#at = end + 1
    return found
  }
  bytes(n: number): Buffer {
    if (n < 0 || this.#at + n > this.#body.length) throw new Malformed('A message is cut off')
    this.#at += n
    return this.#body.subarray(this.#at - n, this.#at)
  }
  i16 = (): number => this.bytes(2).readUInt16BE()
  i32 = (): number => this.bytes(4).readInt32BE()
  list<T>(one: () => T): T[] {
    return Array.from({ length: this.i16() }, one)
  }
}

function parseStatement(one: Session, body: Buffer): Buffer {
  const fields = new Fields(body)
  const name = fields.cstring()
  const sql = fields.cstring()
  const types = fields.list(() => fields.i32())
  if (parse(sql).length > 1)
    throw pgError('42601', 'cannot insert multiple commands into a prepared statement', {
      where: ['postgres.c', '1419', 'exec_parse_message'],
    })
  columnsOf(one, sql, [], types)
  if (name !== '' && one.statements.has(name))
    throw pgError('42P05', `prepared statement "${name}" already exists`, {
      where: ['prepare.c', '408', 'StorePreparedStatement'],
    })
  if (one.statements.size >= MOST) throw new SqlError('too much', ['bytes'])
  one.statements.set(name, { sql, types })
  return message('1')
}

const statementOf = (one: Session, name: string) =>
  one.statements.get(name) ??
  fail(
    '26000',
    name === '' ? 'unnamed prepared statement does not exist' : `prepared statement "${name}" does not exist`,
  )
const portalOf = (one: Session, name: string) =>
  one.portals.get(name) ??
  fail('34000', `portal "${name}" does not exist`, ['postgres.c', '2071', 'exec_execute_message'])
const fail = (
  code: string,
  words: string,
  where: readonly [string, string, string] = ['postgres.c', '1636', 'exec_bind_message'],
): never => {
  throw pgError(code, words, { where })
}
const kinds = new WeakMap<object, readonly number[]>()

function bind(one: Session, body: Buffer): Buffer {
  const fields = new Fields(body)
  const portal = fields.cstring()
  const statement = statementOf(one, fields.cstring())
  const formats = fields.list(() => fields.i16())
  const values = Array.from({ length: fields.i16() }, (_, i) => {
    const length = fields.i32()
    if (length < 0) return null
    const bytes = fields.bytes(length)
    const binary = (formats.length === 1 ? formats[0] : formats[i]) === 1
    return binary ? fromBinary(bytes, statement.types[i] ?? 0) : bytes.toString('latin1')
  })
  if (one.portals.size >= MOST) throw new SqlError('too much', ['bytes'])
  const made = { sql: statement.sql, values, formats: fields.list(() => fields.i16()) }
  kinds.set(made, statement.types)
  one.portals.set(portal, made)
  return message('2')
}

function columnsOf(
  one: Session,
  sql: string,
  values: readonly (string | null)[],
  types: readonly number[],
): Field[] | undefined {
  const [only] = parse(sql)
  if (only?.query?.is === 'query') return describeQuery(only.query.query, engineOf(one, sql, values, types))
  if (only?.verb === 'SHOW')
    return [{ table: '', name: sql.trim().split(/\s+/)[1]?.replace(';', '') ?? '', type: { name: 'text' } }]
  return undefined
}

function describe(one: Session, body: Buffer): Buffer {
  const fields = new Fields(body)
  const kind = String.fromCharCode(fields.bytes(1)[0]!)
  const name = fields.cstring()
  if (kind === 'S') {
    const { sql, types } = statementOf(one, name)
    const count = Math.max(types.length, ...[...sql.matchAll(/\$(\d{1,5})/g)].map(([, n]) => Number(n)))
    const columns = columnsOf(one, sql, [], types)
    const parameters = message('t', i16(count), ...Array.from({ length: count }, (_, i) => i32(types[i] || 25)))
    return Buffer.concat([parameters, columns ? rowDescription(columns, one) : message('n')])
  }
  const portal = portalOf(one, name)
  const columns = columnsOf(one, portal.sql, portal.values, kinds.get(portal) ?? [])
  return columns ? rowDescription(columns, one, portal.formats) : message('n')
}

async function run(one: Session, body: Buffer): Promise<Buffer> {
  const fields = new Fields(body)
  const portal = portalOf(one, fields.cstring())
  const most = fields.i32()
  const { sql, values } = portal
  note(one, verbOf(sql), sql)
  const [only] = parse(sql)
  if (!only) return message('I')
  if (one.transaction === 'E' && !/^(?:ROLLBACK|COMMIT|ABORT|END)$/.test(only.verb)) throw new Aborted()
  const answer: Answer = await carried(only.carry, one, values, kinds.get(portal) ?? [])
  switch (answer.is) {
    case 'rows': {
      const rows = most > 0 ? answer.rows.slice(0, most) : answer.rows
      const cut = rows.length < answer.rows.length
      return Buffer.concat([
        ...rows.map(row => dataRow(row, answer.fields, portal.formats)),
        cut ? message('s') : complete(answer.tag),
      ])
    }
    case 'done':
      return Buffer.concat([...(answer.notices ?? []).map(failure), complete(answer.tag)])
    case 'empty':
      return message('I')
    default:
      throw new SqlError('unsupported', ['COPY in the extended protocol'])
  }
}

function close(one: Session, body: Buffer): Buffer {
  const fields = new Fields(body)
  const kind = String.fromCharCode(fields.bytes(1)[0]!)
  const name = fields.cstring()
  if (kind === 'S') one.statements.delete(name)
  else one.portals.delete(name)
  return message('3')
}
