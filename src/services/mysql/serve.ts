import { accessOf } from '#access/access.ts'
import { withoutTail } from '#codec/tail.ts'
import { text } from '#events/text.ts'
import type { Conn } from '#sensor/conn.ts'
import { Malformed } from '#sensor/endings.ts'
import { SqlError } from '#sql/error.ts'
import { badHandshake, type Failure, failed, failureOf, unknownCommand } from './errors.ts'
import { type Answer, execute } from './execute.ts'
import { note } from './exploits.ts'
import { logQuery } from './general-log.ts'
import { can, NATIVE } from './handshake.ts'
import { authSwitch, decide, denied, logIn, readNative } from './login.ts'
import { attributesEnd, closeStatement, executeStatement, longData, prepare, resetStatement } from './prepared.ts'
import { relationOf } from './relations.ts'
import { definition, end, MORE, okay, resultPackets } from './resultset.ts'
import { schemas } from './schema.ts'
import { type Cx, newServer, newSession, type Session, wordingOf } from './state.ts'
import { uptime } from './variables.ts'
import { MOST, OutOfOrder, TooLarge, Wire } from './wire.ts'

/** Commands of the protocol ("Command Phase") by number. */
const command = {
  quit: 1,
  initDb: 2,
  query: 3,
  fieldList: 4,
  createDb: 5,
  dropDb: 6,
  refresh: 7,
  shutdown: 8,
  statistics: 9,
  processInfo: 10,
  kill: 12,
  debug: 13,
  ping: 14,
  changeUser: 17,
  prepare: 22,
  execute: 23,
  longData: 24,
  close: 25,
  reset: 26,
  setOption: 27,
  fetch: 28,
  resetConnection: 31,
} as const
/** wait_timeout. */
const PATIENCE = 28_800

/** One client: who it is, then its commands. */
export async function session(conn: Conn, cx: Cx): Promise<void> {
  const server = cx.attacker(() => newServer(cx))
  const wire = new Wire(conn)
  const thread = server.thread++
  const entered = await logIn(wire, cx, server, thread)
  if (!entered) return
  const one = newSession(cx, server, thread, entered.person)
  if (entered.person.database !== undefined && !(await enter(wire, one, entered.person.database))) return
  await wire.send(okay(one))
  wire.most = MOST
  conn.patience = PATIENCE
  try {
    for (;;) {
      wire.sequence = 0
      const packet = await wire.read()
      one.questions++
      if (!(await answer(wire, one, packet, entered.salt))) return
    }
  } catch (error) {
    if (error instanceof TooLarge)
      await wire.fail(failed(1153, '08S01', "Got a packet bigger than 'max_allowed_packet' bytes"))
    if (error instanceof OutOfOrder) throw conn.hangup('malformed')
    throw error
  } finally {
    one.work.rollback()
  }
}

async function enter(wire: Wire, session: Session, database: string): Promise<boolean> {
  if (schemas(session).includes(database)) {
    session.database = database
    return true
  }
  await wire.fail(failed(1049, '42000', `Unknown database '${database}'`))
  return false
}

/** One command; false when it was the last. */
async function answer(wire: Wire, session: Session, packet: Buffer, salt: Buffer): Promise<boolean> {
  const body = packet.subarray(1)
  const latin = body.toString('latin1')
  switch (packet[0]) {
    case command.quit:
      return false
    case command.initDb:
      note(session, 'USE', `USE ${latin}`)
      if (await enter(wire, session, latin)) await wire.send(okay(session))
      return true
    case command.query:
      return query(
        wire,
        session,
        (session.flags & can.queryAttributes ? body.subarray(attributesEnd(body)) : body).toString('latin1'),
      )
    case command.fieldList:
      return fieldList(wire, session, latin)
    case command.createDb:
    case command.dropDb:
      return query(wire, session, `${packet[0] === command.createDb ? 'CREATE' : 'DROP'} DATABASE \`${latin}\``)
    case command.refresh:
      note(session, 'REFRESH', 'FLUSH')
      await wire.send(okay(session))
      return true
    case command.shutdown:
      note(session, 'SHUTDOWN', 'SHUTDOWN')
      await wire.send(okay(session))
      return false
    case command.statistics:
      note(session, 'STATISTICS', 'COM_STATISTICS')
      await wire.send(Buffer.from(statistics(session)))
      return true
    case command.processInfo:
      return query(wire, session, 'SHOW PROCESSLIST')
    case command.kill:
      if (body.length < 4) throw new Malformed('A thread id is cut off')
      return query(wire, session, `KILL ${body.readUInt32LE()}`)
    case command.debug:
      await wire.send(end(session))
      return true
    case command.ping:
      await wire.send(okay(session, { warnings: 0 }))
      return true
    case command.changeUser:
      return changeUser(wire, session, body, salt)
    case command.prepare:
      note(session, 'PREPARE', latin)
      await wire.send(...prepare(session, latin))
      return true
    case command.execute:
      return finish(wire, session, await executeStatement(session, body))
    case command.longData:
      longData(session, body)
      return true
    case command.close:
      closeStatement(session, body)
      return true
    case command.reset:
      return finish(wire, session, resetStatement(session, body))
    case command.setOption: {
      if (body.length < 2) throw new Malformed('An option is cut off')
      const off = body.readUInt16LE() === 1
      session.flags = off ? session.flags & ~can.multiStatements : session.flags | can.multiStatements
      await wire.send(end(session))
      return true
    }
    case command.resetConnection:
      session.work.rollback()
      Object.assign(session, {
        variables: new Map(),
        own: new Map(),
        statements: new Map(),
        warnings: [],
        inserted: 0n,
      })
      await wire.send(okay(session))
      return true
    default:
      session.cx.record.command({ line: text(packet.subarray(0, 512), 512), verb: `COM_${packet[0] ?? ''}` })
      await wire.fail(unknownCommand)
      return true
  }
}

async function query(wire: Wire, session: Session, sql: string): Promise<boolean> {
  note(session, /^\W{0,64}(\w{1,24})/.exec(sql.slice(0, 128))?.[1]?.toUpperCase() ?? '', sql)
  await logQuery(session, sql)
  for await (const { answer: one, more } of execute(session, withoutTail(sql, '\0'))) {
    const slept = session.slept
    session.slept = 0
    if (slept > 0) await session.cx.pause(slept)
    await wire.send(...packetsOf(one, session, more ? MORE : 0))
    if (one.is === 'error' && one.failure.code === 1317 && /\bkill\b/i.test(sql)) return false
  }
  return true
}

function packetsOf(one: Answer, session: Session, status: number): Buffer[] {
  if (one.is === 'error') return [failureBuffer(one.failure)]
  if (one.is === 'ok') return [okay(session, { ...one, status: status | (one.status ?? 0) })]
  return resultPackets(one, session, { status: status | (one.status ?? 0) })
}
function failureBuffer({ code, state, text: words }: Failure): Buffer {
  const head = Buffer.from([0xff, code & 255, code >> 8])
  return Buffer.concat([head, Buffer.from(`#${state}${words.slice(0, 511)}`, 'latin1')])
}

async function finish(wire: Wire, session: Session, packets: readonly Buffer[]): Promise<boolean> {
  const slept = session.slept
  session.slept = 0
  if (slept > 0) await session.cx.pause(slept)
  await wire.send(...packets)
  return true
}

function statistics(session: Session): string {
  const up = uptime(session)
  const questions = Math.floor(up / 3) + session.questions
  return `Uptime: ${up}  Threads: 1  Questions: ${questions}  Slow queries: 0  Opens: 33  Open tables: 26  Queries per second avg: ${(questions / Math.max(1, up)).toFixed(3)}`
}

/** COM_FIELD_LIST: a table's columns without its rows. */
async function fieldList(wire: Wire, session: Session, given: string): Promise<boolean> {
  const name = given.split('\0')[0]!
  note(session, 'FIELDS', `SHOW FIELDS FROM ${name}`)
  try {
    const { columns, schema } = relationOf(session, [name], 0)
    const packets = columns.map(column =>
      Buffer.concat([
        definition(
          { table: name, name: column.name, type: column.type, origin: { schema, table: name, column: column.name } },
          session,
        ),
        Buffer.of(0xfb),
      ]),
    )
    await wire.send(...packets, end(session))
  } catch (error) {
    if (!(error instanceof SqlError)) throw error
    await wire.fail(failureOf(error, '', wordingOf(session)))
  }
  return true
}

/** COM_CHANGE_USER: another log-in on the same connection, with the salt of the first unless it is switched. */
async function changeUser(wire: Wire, session: Session, body: Buffer, salt: Buffer): Promise<boolean> {
  const { cx, server } = session
  const nul = body.indexOf(0)
  if (nul < 0 || nul + 1 >= body.length) {
    await wire.fail(badHandshake)
    return false
  }
  const user = body.toString('latin1', 0, nul)
  const length = body[nul + 1]!
  const from = nul + 2 + length
  const databaseEnd = body.indexOf(0, from)
  if (from > body.length) throw new Malformed('An answer is cut off')
  const database = body.toString('latin1', from, databaseEnd < 0 ? body.length : databaseEnd)
  let proof = body.subarray(nul + 2, from)
  if (proof.length > 0 || server.product === 'MySQL') {
    await wire.send(authSwitch(NATIVE, salt))
    proof = await wire.read()
  }
  const read = readNative(cx, user, salt, proof)
  if (!decide({ cx, server, access: accessOf(cx, cx.options.access) }, user, read)) {
    await wire.fail(denied(cx, user, read.used))
    return false
  }
  Object.assign(session, {
    user,
    database: '',
    variables: new Map(),
    own: new Map(),
    statements: new Map(),
    transaction: false,
  })
  if (database !== '' && !(await enter(wire, session, database))) return true
  await wire.send(okay(session))
  return true
}
