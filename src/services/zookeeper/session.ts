import type { Cursor } from '#codec/cursor.ts'
import { blob, bool, framed, int, long, readBool, readBuffer, readInt, readLong } from './jute.ts'
import type { Server, Session } from './state.ts'

/** ConnectRequest and ConnectResponse: sessions made, and taken up again by who knows their password. */

/** Milliseconds: twice and twenty times tickTime. */
const TIMEOUT = { least: 4000, most: 40_000 } as const
/** ZooKeeperServer.superSecret. */
const SECRET = 0xb3415c00n

export type Hello = {
  seen: bigint
  timeout: number
  session: bigint
  password: Buffer
  /** Clients of before 3.4 do not say whether they would put up with a server that only reads. */
  readOnly: boolean | undefined
}

export const readHello = (cursor: Cursor): Hello => {
  readInt(cursor)
  const seen = readLong(cursor)
  const timeout = Math.min(TIMEOUT.most, Math.max(TIMEOUT.least, readInt(cursor)))
  const session = readLong(cursor)
  const password = readBuffer(cursor) ?? Buffer.alloc(0)
  return { seen, timeout, session, password, readOnly: cursor.left > 0 ? readBool(cursor) : undefined }
}

export function welcome(hello: Hello, session: Session | undefined): Buffer {
  const about = session
    ? [int(session.timeout), long(session.id), blob(passwordOf(session.id))]
    : [int(0), long(0n), blob(Buffer.alloc(16))]
  return framed(int(0), ...about, ...(hello.readOnly === undefined ? [] : [bool(false)]))
}

export function newSession(server: Server, timeout: number, now: number): Session {
  const id = server.nextSession++
  const session: Session = { id, timeout, ephemerals: new Set(), client: undefined, heardAt: now }
  server.zxid++
  server.sessions.set(id, session)
  return session
}

/** What java.util.Random draws from the session's number. */
export function passwordOf(session: bigint): Buffer {
  const mask = (1n << 48n) - 1n
  let seed = (BigInt.asUintN(64, session ^ SECRET) ^ 0x5deece66dn) & mask
  const password = Buffer.alloc(16)
  for (let at = 0; at < 16; at += 4) {
    seed = (seed * 0x5deece66dn + 0xbn) & mask
    password.writeUInt32LE(Number((seed >> 16n) & 0xffffffffn), at)
  }
  return password
}
