import { withoutTail } from '#codec/tail.ts'
import { text } from '#events/text.ts'
import type { Conn } from '#sensor/conn.ts'
import { Malformed } from '#sensor/endings.ts'
import { SqlError } from '#sql/error.ts'
import { Transaction } from '#sql/transaction.ts'
import { noticesOf } from './errors.ts'
import { note, verbOf } from './exploits.ts'
import { type Entered, failedLogin, logIn, refuse, STRICT } from './login.ts'
import { carryRpc, parseRpc, withoutHeaders } from './rpc.ts'
import { newFrame, runBatch } from './run.ts'
import { Sink } from './sink.ts'
import { type Cx, newServer, now, type Server, type Session, serverName } from './state.ts'
import {
  change,
  changed,
  changedBytes,
  changedOld,
  done,
  doneBit,
  features,
  loginAck,
  notice,
  TDS,
  token,
} from './tokens.ts'
import { begin, commit, rollBack } from './transactions.ts'
import { collation } from './typeinfo.ts'
import { MOST, packetType, Wire } from './wire.ts'

export { datagram } from './browser.ts'

/** The administrator may leave an idle client alone for hours. */
const PATIENCE = 7200

/** One client: who it is, then its requests. */
export async function session(conn: Conn, cx: Cx): Promise<void> {
  const server = cx.attacker(() => newServer(cx))
  const wire = new Wire(conn)
  const entered = await logIn(wire, cx, server)
  if (!entered) return
  const one = await welcome(wire, cx, server, entered)
  if (!one) return
  wire.most = MOST
  conn.patience = PATIENCE
  try {
    for (;;) {
      const message = await wire.read()
      if (message.reset) reset(one)
      await answer(wire, one, message.type, message.data)
    }
  } finally {
    rollBack(one)
    if (server.catalog.schemas.has(one.temporary)) server.catalog.dropSchema(one.temporary)
  }
}

/** What a log-in is answered; `undefined` when the database it asked for is not there. */
async function welcome(wire: Wire, cx: Cx, server: Server, { login, version }: Entered): Promise<Session | undefined> {
  const wanted = login.database === '' ? 'master' : login.database
  const database = server.databases.get(wanted.toLowerCase())?.name
  if (database === undefined) {
    const missing = {
      number: 4060,
      state: 1,
      class: 11,
      text: `Cannot open database "${wanted.slice(0, 128)}" requested by the login. The login failed.`,
    }
    await refuse(wire, cx, version, [missing, failedLogin(login.user)])
    return undefined
  }
  const one = newSession(cx, server, { ...login, version, database })
  wire.spid = one.id
  const says = (number: number, state: number, words: string) =>
    notice({ number, state, class: 0, text: words }, serverName(cx), version)
  const inDatabase = says(5701, 2, `Changed database context to '${database}'.`)
  const inLanguage = says(5703, 1, 'Changed language setting to us_english.')
  const acknowledged = login.features.filter(([id]) => id === UTF8).map(([id]) => [id, Buffer.of(1)] as const)
  const asked = String(wire.packet)
  if (version < TDS.v70)
    await wire.send(
      changedOld(change.database, database, 'master'),
      inDatabase,
      changedOld(change.language, 'us_english', ''),
      inLanguage,
      loginAck(version, server.version),
      changedOld(change.packet, asked, asked),
      done(token.done, version, 0),
    )
  else
    await wire.send(
      changed(change.database, database, 'master'),
      inDatabase,
      ...(version >= TDS.v71 ? [changedBytes(change.collation, collation, Buffer.alloc(0))] : []),
      changed(change.language, 'us_english', ''),
      inLanguage,
      loginAck(login.version === STRICT ? STRICT : version, server.version),
      changed(change.packet, asked, '4096'),
      ...(acknowledged.length ? [features(acknowledged)] : []),
      done(token.done, version, 0),
    )
  return one
}
const UTF8 = 0x0a

export function newSession(
  cx: Cx,
  server: Server,
  who: { user: string; host: string; app: string; library: string; version: number; database: string },
): Session {
  const id = server.session++
  return {
    cx,
    server,
    id,
    user: who.user,
    host: who.host,
    app: who.app,
    library: who.library,
    database: who.database,
    version: who.version,
    settings: new Map(),
    temporary: `#${id}`,
    prepared: new Map(),
    cursors: new Map(),
    named: new Map(),
    objects: new Map(),
    handle: 0,
    transactions: 0,
    work: new Transaction(server.use),
    outermost: undefined,
    count: 0n,
    error: 0,
    identity: undefined,
    fetch: 0,
    waits: 0,
    steps: 0,
    connectedAt: now({ cx }),
    caught: undefined,
  }
}
/** A connection out of a pool is given to another user of the same program. */
function reset(one: Session): void {
  for (const map of [one.settings, one.prepared, one.cursors, one.named, one.objects]) map.clear()
  rollBack(one)
  one.database = 'master'
}

async function answer(wire: Wire, one: Session, type: number, data: Buffer): Promise<void> {
  const { version } = one
  switch (type) {
    case packetType.batch: {
      const body = withoutHeaders(data, version)
      const sql = withoutTail(body.toString(version < TDS.v70 ? 'latin1' : 'utf16le'), '\0')
      note(one, verbOf(sql), sql)
      return finish(wire, one, async sink => void (await runBatch(one, sink, sql, newFrame())))
    }
    case packetType.rpc: {
      const requests = parseRpc(data, version)
      return finish(wire, one, async sink => {
        for (const request of requests) await carryRpc(one, sink, request)
      })
    }
    case packetType.attention:
      await wire.send(done(token.done, version, doneBit.attention))
      return
    case packetType.transaction:
      return transaction(wire, one, withoutHeaders(data, version))
    case packetType.bulk: {
      const writer = one.cx.sample()
      await writer.write(data)
      one.cx.record.fileUpload({ path: 'bulk rows', sample: await writer.close() })
      await wire.send(done(token.done, version, 0))
      return
    }
    default:
      throw new Malformed(`A packet of type ${type} after the log-in`)
  }
}

async function finish(wire: Wire, one: Session, carry: (sink: Sink) => Promise<void>): Promise<void> {
  const sink = new Sink(one.version, serverName(one.cx))
  sink.quiet = one.settings.get('nocount') === true
  try {
    await carry(sink)
  } catch (error) {
    if (!(error instanceof SqlError)) throw error
    for (const said of noticesOf(error, '').notices) sink.notice(said)
    sink.done(0xfd, undefined, true)
  }
  const { waits } = one
  one.waits = 0
  if (waits > 0) await one.cx.pause(waits)
  await wire.send(...sink.all)
}

/** Requests of the transaction manager: begin, commit, roll back (MS-TDS 2.2.6.9). */
async function transaction(wire: Wire, one: Session, data: Buffer): Promise<void> {
  if (data.length < 2) throw new Malformed('A transaction request that is cut off')
  const kind = data.readUInt16LE()
  const none = Buffer.alloc(0)
  const own = Buffer.alloc(8)
  own.writeUInt32LE(one.id, 0)
  own.writeUInt32LE(53, 4)
  const before = one.transactions
  if (kind === 5) begin(one)
  else if (kind === 7 && before > 0) commit(one)
  else if (kind === 8) rollBack(one)
  const told =
    kind === 5
      ? [changedBytes(change.begin, own, none)]
      : (kind === 7 || kind === 8) && before > 0
        ? [changedBytes(kind === 7 ? change.commit : change.rollback, none, own)]
        : []
  one.cx.record.command({
    line: text(
      Buffer.from(
        kind === 5
          ? 'BEGIN TRANSACTION'
          : kind === 7
            ? 'COMMIT'
            : kind === 8
              ? 'ROLLBACK'
              : `transaction request ${kind}`,
      ),
      64,
    ),
    verb: 'TRANSACTION',
  })
  await wire.send(...told, done(token.done, one.version, 0, 0n, 0xfd))
}
