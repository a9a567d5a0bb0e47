import { text } from '#events/text.ts'
import type { Conn } from '#sensor/conn.ts'
import { Hangup, Malformed } from '#sensor/endings.ts'
import { more } from './commands/read.ts'
import { compressors } from './compress.ts'
import { failure, MongoError } from './errors.ts'
import { execute } from './execute.ts'
import { patience } from './hello.ts'
import { abandoned } from './login.ts'
import { type Cx, newServer, type Session } from './state.ts'
import { type Doc, doc, int, isArray, isDoc, type Value } from './value.ts'
import { type Frame, isHttp, MESSAGE, msg, OP, readFrame, readLegacy, readMsg, readQuery, reply } from './wire.ts'

/** Answers that one request may bring about (exhaustAllowed). */
const EXHAUST = 400

/** One client, until it has had enough. */
export async function session(conn: Conn, cx: Cx): Promise<void> {
  const server = cx.attacker(() => newServer(cx))
  const one: Session = {
    cx,
    server,
    connection: ++server.connections,
    user: undefined,
    scram: undefined,
    conversations: 0,
    greeted: false,
    compressors: [],
  }
  if (isHttp(await conn.peek(4))) return http(conn, cx)
  try {
    for (;;) {
      const frame = await readFrame(conn, MESSAGE)
      const size = frame.body.length
      await answer(conn, one, frame)
      conn.keep(-size)
    }
  } finally {
    abandoned(one)
  }
}

/** A browser or a scanner: the words it gets are those of every version since 2.5. */
async function http(conn: Conn, cx: Cx): Promise<void> {
  const head = await conn.glance(16 << 10, 0.2)
  const line = head.toString('latin1').split(/\r?\n/, 1)[0]!
  cx.record.command({ line: text(Buffer.from(line.slice(0, 1024), 'latin1')), verb: 'GET' })
  const words = 'It looks like you are trying to access MongoDB over HTTP on the native driver port.\r\n'
  await conn.write(
    `HTTP/1.0 200 OK\r\nConnection: close\r\nContent-Type: text/plain\r\nContent-Length: ${words.length}\r\n\r\n${words}`,
  )
}

async function answer(conn: Conn, one: Session, frame: Frame): Promise<void> {
  switch (frame.op) {
    case OP.msg:
      return message(conn, one, frame)
    case OP.query:
      return query(conn, one, frame)
    case OP.insert:
    case OP.update:
    case OP.delete:
    case OP.getMore:
      return legacy(conn, one, frame)
    case OP.killCursors:
      return
    default:
      throw new Malformed(`Opcode ${frame.op}`)
  }
}
const nextId = ({ server }: Session): number => {
  server.nextMessage = (server.nextMessage + 1) & 0x7fffffff
  return server.nextMessage
}
/** A log-in's messages stay as they are. */
const plain = /^(?:hello|isMaster|ismaster|sasl|getnonce|authenticate|createUser|updateUser|copydb)/
const compressorFor = (one: Session, frame: Frame, name: string): number | undefined =>
  frame.compressor !== undefined &&
  !plain.test(name) &&
  one.compressors.some(known => compressors.get(known) === frame.compressor)
    ? frame.compressor
    : undefined

async function message(conn: Conn, one: Session, frame: Frame): Promise<void> {
  const { body, checksum, moreToCome, exhaust } = readMsg(frame)
  const [name = ''] = body.keys()
  const db = body.get('$db')
  const how = { compressor: compressorFor(one, frame, name), checksum }
  if (typeof db !== 'string') {
    const error = new MongoError(40_571, 'OP_MSG requests require a $db argument')
    return conn.write(msg(failure(error), { ...how, id: nextId(one), to: frame.id }))
  }
  const wait = /^(?:hello|isMaster|ismaster)$/.test(name) ? patience(body) : 0
  let to = frame.id
  for (let round = 0; round < EXHAUST; round++) {
    if (wait > 0) await one.cx.pause(wait)
    const said = await execute(one, db, body)
    if (moreToCome) return
    const goesOn = exhaust && (wait > 0 || openCursor(name, said))
    const id = nextId(one)
    await conn.write(msg(said, { ...how, id, to, more: goesOn && round < EXHAUST - 1 }))
    if (!goesOn) return
    to = id
  }
}
/** getMore goes on by itself as long as there is more. */
const openCursor = (name: string, said: Doc): boolean => {
  const cursor = said.get('cursor')
  return name === 'getMore' && isDoc(cursor) && cursor.get('id') !== 0n
}

/** What OP_QUERY still does since 5.1. */
const queried = /^(?:hello|isMaster|ismaster|buildInfo|buildinfo|saslStart|saslContinue|authenticate|_isSelf)$/
const removed =
  'The client driver may require an upgrade. For more details see https://dochub.mongodb.org/core/legacy-opcode-removal'

async function query(conn: Conn, one: Session, frame: Frame): Promise<void> {
  const { collection, query: given, skip, count, fields } = readQuery(frame.body)
  const dot = collection.indexOf('.')
  const db = dot < 0 ? collection : collection.slice(0, dot)
  const wrapped = given.get('$query') ?? given.get('query')
  const inner = isDoc(wrapped) ? wrapped : given
  const modern = one.server.series[0] > 5
  if (collection.endsWith('.$cmd')) {
    const command = legacyCommand(inner)
    const [name = ''] = command.keys()
    const how = { id: nextId(one), to: frame.id, compressor: compressorFor(one, frame, name) }
    if (modern && !queried.test(name)) {
      one.cx.record.command({
        line: text(Buffer.from(`${db} ${name}`.slice(0, 256), 'latin1')),
        verb: text(Buffer.from(name.slice(0, 64), 'latin1')),
      })
      return conn.write(
        reply(
          [
            failure(
              new MongoError(
                'UnsupportedOpQueryCommand',
                `Unsupported OP_QUERY command: ${name.slice(0, 128)}. ${removed}`,
              ),
            ),
          ],
          how,
        ),
      )
    }
    return conn.write(reply([await execute(one, db, command)], how))
  }
  const how = { id: nextId(one), to: frame.id, compressor: frame.compressor }
  const failed = (error: Doc) => conn.write(reply([error], { ...how, flags: 2 }))
  if (modern) return failed(doc({ $err: `OP_QUERY is no longer supported. ${removed}`, code: int(5_739_101), ok: 0 }))
  const sort = given.get('$orderby') ?? given.get('orderby')
  const said = await execute(
    one,
    db,
    doc({
      find: collection.slice(dot + 1),
      filter: inner,
      ...(isDoc(sort) ? { sort } : {}),
      ...(fields ? { projection: fields } : {}),
      ...(skip > 0 ? { skip: int(skip) } : {}),
      ...(count < 0
        ? { limit: int(Math.abs(count)), singleBatch: true }
        : count > 0
          ? { batchSize: int(count === 1 ? 1 : count) }
          : {}),
    }),
  )
  const cursor = said.get('cursor')
  if (!isDoc(cursor)) return failed(doc({ $err: said.get('errmsg') ?? '', code: said.get('code') ?? int(1) }))
  const docs = cursor.get('firstBatch')
  await conn.write(reply(isArray(docs) ? docs.filter(isDoc) : [], { ...how, cursor: idOf(cursor) }))
}
const idOf = (cursor: Doc): bigint => {
  const id = cursor.get('id')
  return typeof id === 'bigint' ? id : 0n
}
/** A command whose name some clients put last: `{ user, nonce, key, _cmd: { authenticate: 1 } }`. */
function legacyCommand(given: Doc): Doc {
  const last = given.get('_cmd')
  if (!isDoc(last)) return given
  return new Map<string, Value>([...last, ...[...given].filter(([name]) => name !== '_cmd')])
}

/** The opcodes of before OP_MSG: writes have no answer. */
async function legacy(conn: Conn, one: Session, { op, body, id }: Frame): Promise<void> {
  const { collection, flags, cursor, docs } = readLegacy(op, body)
  const dot = collection.indexOf('.')
  const [db, name] = [collection.slice(0, Math.max(0, dot)), collection.slice(dot + 1)]
  if (op === OP.getMore) {
    // Since 5.1 they end the connection.
    if (one.server.series[0] > 5) throw new Hangup('done')
    const open = one.server.cursors.has(cursor)
    const batch = more(one, cursor, Math.abs(flags))
    return conn.write(
      reply(batch, {
        id: nextId(one),
        to: id,
        compressor: undefined,
        flags: open ? 8 : 9,
        cursor: one.server.cursors.has(cursor) ? cursor : 0n,
      }),
    )
  }
  const [first, second] = docs
  if (op === OP.insert) await execute(one, db, doc({ insert: name, documents: docs, ordered: (flags & 1) === 0 }))
  else if (op === OP.update && first && second)
    await execute(
      one,
      db,
      doc({
        update: name,
        updates: [doc({ q: first, u: second, upsert: (flags & 1) !== 0, multi: (flags & 2) !== 0 })],
      }),
    )
  else if (op === OP.delete && first)
    await execute(one, db, doc({ delete: name, deletes: [doc({ q: first, limit: int(flags & 1) })] }))
  if (one.server.series[0] > 5) throw new Hangup('done')
}
