import { text as readable } from '#events/text.ts'
import type { Conn } from '#sensor/conn.ts'
import { Malformed } from '#sensor/endings.ts'
import { SqlError } from '#sql/error.ts'
import { Transaction } from '#sql/transaction.ts'
import { type Failure, failure } from './errors.ts'
import { type Answer, carried, columnsOf, parse, problemOf } from './execute.ts'
import { note, verbOf } from './exploits.ts'
import { extended } from './extended.ts'
import { authenticate } from './login.ts'
import { dataRow, rowDescription } from './rows.ts'
import { settingOf } from './settings.ts'
import { type Cx, newServer, type Server, type Session } from './state.ts'
import {
  complete,
  cstrings,
  i16,
  i32,
  MOST,
  message,
  parameter,
  readBytes,
  readMessage,
  ready,
  STARTUP,
  text,
} from './wire.ts'

const TLS = 80_877_103
const GSS = 80_877_104
const CANCEL = 80_877_102

/** One client: start-up, password, then its statements. */
export async function session(conn: Conn, cx: Cx): Promise<void> {
  const server = cx.attacker(() => newServer(cx))
  const began = await startUp(conn, cx)
  if (!began) return
  const user = began.get('user') ?? ''
  const database = began.get('database') || user
  for (const name of ['application_name', 'options', 'replication']) {
    const value = began.get(name)
    if (value !== undefined) cx.record.environment({ name, value: readable(Buffer.from(value, 'latin1'), 1024) })
  }
  if (!(await authenticate(conn, cx, user))) return
  if (!server.databases.has(database)) {
    await conn.write(
      Buffer.concat([
        message('R', i32(0)),
        failure({
          severity: 'FATAL',
          code: '3D000',
          words: `database "${database}" does not exist`,
          where: ['postinit.c', '948', 'InitPostgres'],
        }),
      ]),
    )
    return
  }
  if (!server.roles.has(user) && server.roles.size < 100)
    server.roles.set(user, { oid: server.nextOid++, superuser: true, password: '' })
  const one = newSession(cx, server, user, database, began)
  await conn.write(
    Buffer.concat([message('R', i32(0)), ...statuses(one), message('K', i32(one.process), cx.random(4)), ready('I')]),
  )
  conn.patience = 8 * 3600
  try {
    await talk(conn, one)
  } finally {
    one.work.rollback()
  }
}

function newSession(
  cx: Cx,
  server: Server,
  user: string,
  database: string,
  began: ReadonlyMap<string, string>,
): Session {
  const settings = new Map<string, string>([
    ['client_encoding', (began.get('client_encoding') ?? 'UTF8').replace(/^'?utf-?8'?$/i, 'UTF8')],
  ])
  for (const [name, value] of began)
    if (settings.size < 32 && !/^(?:user|database|options|replication|client_encoding)$/.test(name))
      settings.set(name.toLowerCase(), value.slice(0, 256))
  return {
    cx,
    server,
    database,
    user,
    process: server.process++,
    settings,
    transaction: 'I',
    work: new Transaction(server.use),
    statements: new Map(),
    portals: new Map(),
    slept: 0,
    began: cx.now(),
    pending: [],
    outcomes: new Map(),
  }
}

/** What a client is told at the start (GUC_REPORT), in the order of 15. */
function statuses(one: Session): Buffer[] {
  const names = [
    'application_name',
    'client_encoding',
    'DateStyle',
    'default_transaction_read_only',
    'in_hot_standby',
    'integer_datetimes',
    'IntervalStyle',
    'is_superuser',
    'server_encoding',
    'server_version',
    'session_authorization',
    'standard_conforming_strings',
    'TimeZone',
  ]
  return names.flatMap(name => {
    if (/^(?:in_hot|default_tr)/.test(name) && Number(one.server.version.split('.')[0]) < 14) return []
    return [parameter(name, name === 'in_hot_standby' ? 'off' : (settingOf(one, name) ?? ''))]
  })
}

/** SSLRequest, GSSENCRequest, then the parameters; `undefined` when that was the end. */
async function startUp(conn: Conn, cx: Cx): Promise<Map<string, string> | undefined> {
  for (let round = 0; round < 4; round++) {
    const length = (await conn.read(4)).readUInt32BE()
    if (length < 8 || length > STARTUP) throw new Malformed(`A start-up packet of ${length} bytes`)
    const packet = await readBytes(conn, length - 4)
    const code = packet.readUInt32BE()
    if (code === CANCEL) return undefined
    if (code === GSS) {
      // It would speak it, had it a key: the first token is the last.
      await conn.write('G')
      const size = (await conn.read(4)).readUInt32BE()
      await readBytes(conn, Math.min(size, 16_384))
      return undefined
    }
    if (code === TLS) {
      const go = cx.options.tls && !cx.encrypted
      await conn.write(go ? 'S' : 'N')
      if (go) {
        await cx.startTls()
        cx.encrypted = true
      }
    } else return await parameters(conn, packet, code)
  }
  throw new Malformed('Too many requests for encryption')
}

async function parameters(conn: Conn, packet: Buffer, code: number): Promise<Map<string, string> | undefined> {
  const [major, minor] = [code >>> 16, code & 0xffff]
  const refuse = async (fields: Omit<Failure, 'severity'>) => {
    await conn.write(failure({ severity: 'FATAL', ...fields }))
    return undefined
  }
  if (major === 2 || major === 1) {
    // Clients of before 7.4 know no fields.
    await conn.write(`EFATAL:  unsupported frontend protocol ${major}.${minor}: server supports 3.0 to 3.0\n\0`)
    return undefined
  }
  if (major !== 3)
    return refuse({
      code: '0A000',
      words: `unsupported frontend protocol ${major}.${minor}: server supports 3.0 to 3.0`,
      where: ['postmaster.c', '2222', 'ProcessStartupPacket'],
    })
  if (packet.at(-1) !== 0)
    return refuse({
      code: '08P01',
      words: 'invalid startup packet layout: expected terminator as last byte',
      where: ['postmaster.c', '2284', 'ProcessStartupPacket'],
    })
  const strings = cstrings(packet.subarray(4), 128)
  const found = new Map<string, string>()
  for (let i = 0; i + 1 < strings.length; i += 2) found.set(strings[i]!, strings[i + 1]!)
  // A newer minor protocol is answered with what this server knows.
  if (minor > 0) await conn.write(message('v', i32(0), i32(0)))
  if (!found.get('user'))
    return refuse({
      code: '28000',
      words: 'no PostgreSQL user name specified in startup packet',
      where: ['postmaster.c', '2351', 'ProcessStartupPacket'],
    })
  return found
}

/** PQ_SEND_BUFFER_SIZE. */
const BUFFER = 8192

async function talk(conn: Conn, one: Session): Promise<void> {
  const pending = extended(one)
  let held: Buffer[] = []
  let size = 0
  const flush = async () => {
    if (size > 0) await conn.write(Buffer.concat(held))
    held = []
    size = 0
  }
  for (;;) {
    const { kind, body } = await readMessage(conn, MOST)
    if (kind === 'X') return
    if (kind === 'Q') {
      const sql = body.toString('latin1').replace(/\0[\s\S]*$/, '')
      await simple(conn, one, sql)
      continue
    }
    const answer = await pending(kind, body)
    if (answer === 'unknown') {
      one.cx.record.malformed({ why: `A message ${JSON.stringify(kind)}` })
      await conn.write(
        failure({
          severity: 'FATAL',
          code: '08P01',
          words: `invalid frontend message type ${kind.charCodeAt(0)}`,
          where: ['postgres.c', '446', 'SocketBackend'],
        }),
      )
      return
    }
    await rest(one)
    held.push(answer)
    size += answer.length
    // Answers wait for Sync or Flush, or until the buffer is full; errors do not.
    if (kind === 'S' || kind === 'H' || size > BUFFER || answer[0] === 0x45) await flush()
  }
}

/** SLEEP and its like cost time. */
async function rest(one: Session): Promise<void> {
  const { slept } = one
  one.slept = 0
  if (slept > 0) await one.cx.pause(slept)
}

async function simple(conn: Conn, one: Session, sql: string): Promise<void> {
  note(one, verbOf(sql), sql)
  try {
    const statements = parse(sql)
    if (statements.length === 0) await conn.write(message('I'))
    // Several statements in one message are one transaction, if none of them says otherwise (exec_simple_query).
    if (statements.length > 1) one.work.begin()
    for (const { carry, verb } of statements) {
      if (one.transaction === 'E' && !/^(?:ROLLBACK|COMMIT|ABORT|END)$/.test(verb)) throw new Aborted()
      const answer = await carried(carry, one)
      await rest(one)
      if (answer.is === 'copy in') await copyIn(conn, one, answer)
      else await conn.write(Buffer.concat(packetsOf(answer, one)))
    }
  } catch (error) {
    if (!(error instanceof SqlError)) throw error
    const columns = columnsOf(error)
    if (one.transaction === 'I') one.work.rollback()
    const words = failure(failedWith(error, one, sql))
    await conn.write(columns ? Buffer.concat([rowDescription(columns, one), words]) : words)
  }
  if (one.transaction === 'I') one.work.commit()
  await conn.write(ready(one.transaction))
}
/** In a transaction that failed nothing goes on but its end. */
export class Aborted extends SqlError {
  constructor() {
    super('product')
  }
}
export function failedWith(error: SqlError, one: Session, sql: string): Failure {
  if (one.transaction === 'T') one.transaction = 'E'
  if (error instanceof Aborted)
    return {
      code: '25P02',
      words: 'current transaction is aborted, commands ignored until end of transaction block',
      where: ['postgres.c', '1081', 'exec_simple_query'],
    }
  return problemOf(error, sql)
}

function packetsOf(answer: Exclude<Answer, { is: 'copy in' }>, one: Session): Buffer[] {
  switch (answer.is) {
    case 'empty':
      return [message('I')]
    case 'done':
      return [
        ...(answer.notices ?? []).map(failure),
        complete(answer.tag),
        ...(answer.reported ? [parameter(...answer.reported)] : []),
      ]
    case 'rows':
      return [
        rowDescription(answer.fields, one),
        ...answer.rows.map(row => dataRow(row, answer.fields)),
        complete(answer.tag),
      ]
    case 'copy out':
      return [
        message('H', Buffer.of(0), i16(answer.columns), Buffer.alloc(2 * answer.columns)),
        ...answer.lines.map(line => message('d', text(line))),
        message('c'),
        complete(answer.tag),
      ]
  }
}

async function copyIn(conn: Conn, one: Session, { columns, take }: Extract<Answer, { is: 'copy in' }>): Promise<void> {
  await conn.write(message('G', Buffer.of(0), i16(columns), Buffer.alloc(2 * columns)))
  let data = ''
  for (;;) {
    const { kind, body } = await readMessage(conn, MOST)
    if (kind === 'd') {
      if (data.length + body.length > 8 << 20) throw new SqlError('too much', ['bytes'])
      data += body.toString('latin1')
    } else if (kind === 'c') break
    else if (kind === 'f') throw new CopyFailed(body.toString('latin1').replace(/\0$/, ''))
    else if (kind !== 'H' && kind !== 'S') throw new Malformed(`A message ${JSON.stringify(kind)} during COPY`)
  }
  one.cx.record.command({ line: readable(Buffer.from(data.slice(0, 8192), 'latin1'), 8192), verb: 'COPY' })
  await conn.write(complete(`COPY ${await take(data)}`))
}
class CopyFailed extends SqlError {
  constructor(why: string) {
    super('unsupported', [`COPY from stdin failed: ${why}`])
  }
}
