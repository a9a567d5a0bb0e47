import { Cursor } from '#codec/cursor.ts'
import { text } from '#events/text.ts'
import type { Conn } from '#sensor/conn.ts'
import { Hangup, Malformed } from '#sensor/endings.ts'
import { answerTo, type Reply } from './answer.ts'
import { blob, framed, int, long } from './jute.ts'
import { seededServer } from './seed.ts'
import { newSession, passwordOf, readHello, welcome } from './session.ts'
import { type Client, type Cx, endSession, expire, leave, type Server, type Session } from './state.ts'
import { answerWord, isWord } from './words.ts'

/** A connection: a four-letter word, or a session's requests one after another (NIOServerCnxn). */

/** jute.maxbuffer. */
const FRAME = 0xfffff
/** Notifications that may wait for a client to read them. */
const PENDING = 2000
/** KeeperState.SyncConnected. */
const CONNECTED = 3

export async function session(conn: Conn, cx: Cx): Promise<void> {
  const server = cx.attacker(() => seededServer(cx))
  server.connections++
  try {
    await converse(conn, cx, server)
  } finally {
    server.connections--
  }
}

async function converse(conn: Conn, cx: Cx, server: Server): Promise<void> {
  const first = await conn.read(4)
  const word = first.toString('latin1')
  if (isWord(server, word)) {
    server.received++
    cx.record.command({ line: word, verb: word })
    await conn.write(answerWord(server, cx, word))
    server.sent++
    return
  }
  const hello = readHello(new Cursor(await frame(conn, first)))
  server.received++
  const now = cx.now()
  expire(server, now)
  cx.record.command({
    line: `connect timeout=${hello.timeout}${hello.session === 0n ? '' : ` session=0x${hex(hello.session)}`}`,
    verb: 'connect',
  })
  // It would have to forget what that client has seen.
  if (hello.seen > server.zxid) return
  const own =
    hello.session === 0n ? newSession(server, hello.timeout, now) : takenUp(server, hello.session, hello.password)
  if (!own) {
    await conn.write(welcome(hello, undefined))
    return
  }
  own.timeout = hello.timeout
  conn.patience = own.timeout / 1000
  await serve(conn, cx, server, own, welcome(hello, own))
}

const hex = (id: bigint): string => BigInt.asUintN(64, id).toString(16)

/** A session that lost its connection, or leaves one that it still has. */
function takenUp(server: Server, id: bigint, password: Buffer): Session | undefined {
  const found = server.sessions.get(id)
  if (!found || !passwordOf(id).equals(password)) return undefined
  found.client?.close()
  return found
}

async function serve(conn: Conn, cx: Cx, server: Server, own: Session, greeting: Buffer): Promise<void> {
  let out: Buffer[] | undefined
  let pending = 0
  const client: Client = {
    session: own,
    identities: [{ scheme: 'ip', id: cx.source.ip }],
    server,
    notify(type, path) {
      const event = framed(int(-1), long(-1n), int(0), int(type), int(CONNECTED), blob(path))
      if (out) out.push(event)
      else if (++pending > PENDING) conn.hangup('stalled')
      else
        conn.write(event).then(
          () => pending--,
          () => {},
        )
    },
    close: () => void conn.hangup('shutdown'),
  }
  own.client = client
  try {
    await conn.write(greeting)
    for (;;) {
      const bytes = await frame(conn, await conn.read(4))
      server.received++
      out = []
      const reply: Reply = await answerTo(bytes, { cx, server, client })
      const said = Buffer.concat([...out, ...(reply.header ? [framed(reply.header, reply.body)] : [])])
      out = undefined
      server.sent++
      if (said.length > 0) await conn.write(said)
      if (reply.last) return
    }
  } catch (problem) {
    // The session ran out: what is its own goes at once.
    if (problem instanceof Hangup && problem.reason === 'idle' && own.client === client) endSession(server, own)
    throw problem
  } finally {
    leave(server, client, cx.now())
  }
}

async function frame(conn: Conn, head: Buffer): Promise<Buffer> {
  const length = head.readInt32BE()
  if (length < 0 || length > FRAME) throw new Malformed(`Len error: ${length} (${text(head, 16)})`)
  return await conn.read(length)
}
