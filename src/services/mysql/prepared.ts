import { Malformed } from '#sensor/endings.ts'
import { SqlError } from '#sql/error.ts'
import { parserOf } from '#sql/queries.ts'
import { describeQuery } from '#sql/select.ts'
import { statement } from '#sql/statements.ts'
import type { Value } from '#sql/value.ts'
import { engineOf } from './dialect.ts'
import { failed, failure, failureOf } from './errors.ts'
import { execute } from './execute.ts'
import { can } from './handshake.ts'
import { definition, end, okay, resultPackets } from './resultset.ts'
import { type Prepared, type Session, wordingOf } from './state.ts'
import { lengthAt, Out, stringAt } from './wire.ts'

/** Prepared statements of one connection; bytes of one long parameter. */
const MOST = 200
const LONG = 8 << 20
const PARAMETERS = 65_535

const unknown = (id: number, where: string) =>
  failed(1243, 'HY000', `Unknown prepared statement handler (${id}) given to ${where}`)

/** COM_STMT_PREPARE: its number, its parameters and columns. */
export function prepare(session: Session, sql: string): Buffer[] {
  if (session.statements.size >= MOST)
    return [
      failure(
        failed(1461, '42000', "Can't create more than max_prepared_stmt_count statements (current value: 16382)"),
      ),
    ]
  try {
    const p = parserOf(sql, 'mysql')
    if (p.token.kind === 'end') return [failure(failed(1065, '42000', 'Query was empty'))]
    const parsed = statement(p)
    // Other statements are looked at when they are executed; so are their parameters.
    const count = parsed ? p.parameters : (sql.match(/\?/g)?.length ?? 0)
    if (count > PARAMETERS) return [failure(failed(1390, 'HY000', 'Prepared statement contains too many placeholders'))]
    if (parsed && !p.atEnd && !p.isOperator(';')) p.fail()
    const fields = parsed?.is === 'query' ? describeQuery(parsed.query, engineOf(session, sql)) : []
    const id = session.nextStatement++
    session.statements.set(id, { sql, parameters: count, types: [], long: new Map() })
    session.warnings = []
    const head = new Out().u8(0).u32(id).u16(fields.length).u16(count).u8(0).u16(0).done
    const question = definition({ table: '', name: '?', type: { name: 'varbinary', length: 0, scale: 0 } }, session)
    const close = session.flags & can.deprecateEof ? [] : [end(session)]
    return [
      head,
      ...(count ? [...Array.from({ length: count }, () => question), ...close] : []),
      ...(fields.length ? [...fields.map(field => definition(field, session)), ...close] : []),
    ]
  } catch (error) {
    if (!(error instanceof SqlError)) throw error
    return [failure(failureOf(error, sql, wordingOf(session)))]
  }
}

function idOf(body: Buffer): number {
  if (body.length < 4) throw new Malformed('A statement number is cut off')
  const id = body.readUInt32LE()
  return id
}

/** COM_STMT_EXECUTE: the statement with its parameters, answered in binary rows. */
export async function executeStatement(session: Session, body: Buffer): Promise<Buffer[]> {
  const id = idOf(body)
  // MariaDB's clients may mean the statement that was prepared last.
  const found = session.statements.get(id === 0xffffffff ? session.nextStatement - 1 : id)
  if (!found) return [failure(unknown(id, 'mysqld_stmt_execute'))]
  const parameters = parametersOf(body, found, (session.flags & can.queryAttributes) !== 0)
  const packets: Buffer[] = []
  for await (const { answer } of execute(session, found.sql, parameters)) {
    if (answer.is === 'error') packets.push(failure(answer.failure))
    else if (answer.is === 'ok') packets.push(okay(session, answer))
    else
      packets.push(
        ...resultPackets(answer, session, {
          binary: true,
          ...(answer.status === undefined ? {} : { status: answer.status }),
        }),
      )
    break
  }
  found.long.clear()
  return packets
}

/** Parameters that MySQL 8's clients may name beside a query ("Query Attributes"). */
const ATTRIBUTES = 1000

/** Where the text of a COM_QUERY begins, behind its attributes. */
export function attributesEnd(body: Buffer): number {
  const { value: count, next } = lengthAt(body, 0)
  const { next: start } = lengthAt(body, next)
  if (count === 0) return start
  if (count > ATTRIBUTES) throw new Malformed(`${count} attributes of a query`)
  let at = start + ((count + 7) >> 3) + 1
  const types: number[] = []
  for (let i = 0; i < count; i++) {
    if (at + 2 > body.length) throw new Malformed('Attributes are cut off')
    types.push(body.readUInt16LE(at))
    at = stringAt(body, at + 2).next
  }
  for (const [i, type] of types.entries())
    if (!(body[start + (i >> 3)]! & (1 << (i & 7)))) at = readValue(body, at, type).next
  return at
}

/** MySQL 8: how many values follow is said, attributes included, and each has a name. */
const COUNTED = 8

function parametersOf(body: Buffer, statement: Prepared, attributes: boolean): Value[] {
  let count = statement.parameters
  if (body.length < 9) throw new Malformed('An execution is cut off')
  let nulls = 9
  const named = attributes && (body[4]! & COUNTED) !== 0
  if (named) {
    const said = lengthAt(body, nulls)
    count = Math.max(count, Math.min(said.value, PARAMETERS))
    nulls = said.next
  }
  if (count === 0) return []
  let at = nulls + ((count + 7) >> 3)
  if (at >= body.length) throw new Malformed('Parameters are cut off')
  const given = body[at++] === 1
  if (given) {
    const types: number[] = []
    for (let i = 0; i < count; i++) {
      if (at + 2 > body.length) throw new Malformed('Types of parameters are cut off')
      types.push(body.readUInt16LE(at))
      at = named ? stringAt(body, at + 2).next : at + 2
    }
    statement.types = types
  }
  return Array.from({ length: count }, (_, i): Value => {
    const long = statement.long.get(i)
    if (long !== undefined) return long
    if (body[nulls + (i >> 3)]! & (1 << (i & 7))) return null
    const read = readValue(body, at, statement.types[i] ?? 6)
    at = read.next
    return read.value
  })
}

function readValue(body: Buffer, at: number, type: number): { value: Value; next: number } {
  const unsigned = (type & 0x8000) !== 0
  const kind = type & 255
  const width = widths.get(kind)
  if (width !== undefined) {
    if (at + width > body.length) throw new Malformed('A parameter is cut off')
    if (kind === 4) return { value: body.readFloatLE(at), next: at + 4 }
    if (kind === 5) return { value: body.readDoubleLE(at), next: at + 8 }
    const value =
      width === 8
        ? unsigned
          ? body.readBigUInt64LE(at)
          : body.readBigInt64LE(at)
        : BigInt(unsigned ? body.readUIntLE(at, width) : body.readIntLE(at, width))
    return { value, next: at + width }
  }
  if (kind === 6) return { value: null, next: at }
  if (kind === 7 || kind === 10 || kind === 12 || kind === 11) return readTime(body, at, kind)
  const { value, next } = stringAt(body, at)
  return { value: value.toString('latin1'), next }
}
const widths = new Map([
  [1, 1],
  [2, 2],
  [13, 2],
  [3, 4],
  [9, 4],
  [8, 8],
  [4, 4],
  [5, 8],
])

function readTime(body: Buffer, at: number, kind: number): { value: Value; next: number } {
  const length = body[at] ?? 0
  const next = at + 1 + length
  if (next > body.length) throw new Malformed('A time is cut off')
  const part = body.subarray(at + 1, next)
  const two = (n: number | undefined) => String(n ?? 0).padStart(2, '0')
  if (kind === 11)
    return {
      value:
        length < 8
          ? '00:00:00'
          : `${part[0] ? '-' : ''}${two(part.readUInt32LE(1) * 24 + part[5]!)}:${two(part[6])}:${two(part[7])}`,
      next,
    }
  if (length < 4) return { value: '0000-00-00', next }
  const date = `${String(part.readUInt16LE()).padStart(4, '0')}-${two(part[2])}-${two(part[3])}`
  return { value: length < 7 ? date : `${date} ${two(part[4])}:${two(part[5])}:${two(part[6])}`, next }
}

/** COM_STMT_SEND_LONG_DATA has no answer. */
export function longData(session: Session, body: Buffer): void {
  if (body.length < 6) return
  const found = session.statements.get(body.readUInt32LE())
  const index = body.readUInt16LE(4)
  if (!found || index >= found.parameters) return
  const before = found.long.get(index) ?? ''
  if (before.length + body.length < LONG) found.long.set(index, before + body.toString('latin1', 6))
}
export function closeStatement(session: Session, body: Buffer): void {
  if (body.length >= 4) session.statements.delete(body.readUInt32LE())
}
export function resetStatement(session: Session, body: Buffer): Buffer[] {
  const id = idOf(body)
  const found = session.statements.get(id)
  if (!found) return [failure(unknown(id, 'mysqld_stmt_reset'))]
  found.long.clear()
  return [okay(session)]
}
