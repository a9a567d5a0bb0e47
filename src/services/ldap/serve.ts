import { accessOf } from '#access/access.ts'
import type { Conn } from '#sensor/conn.ts'
import { Malformed } from '#sensor/endings.ts'
import type { TcpContext } from '#sensor/service.ts'
import { bind } from './bind.ts'
import { add, removeEntry, rename } from './change.ts'
import { compare } from './compare.ts'
import { judge, readControls, type Wishes } from './controls.ts'
import { extended } from './extended.ts'
import { modify } from './modify.ts'
import { noteStrings } from './notes.ts'
import type { Options } from './options.ts'
import { readSearch, search } from './search.ts'
import type { Ldap } from './session.ts'
import { Code, type Message, noticeOfDisconnection, type Result, readMessage, refused, resultBytes } from './wire.ts'

/** OpenLDAP's slapd 2.4 and 2.5; answers recorded from slapd 2.5.13 (test/oracle/ldap). */

type Operation = {
  /** Tag of the response. */
  answer: number
  run(ldap: Ldap, message: Message, wishes: Wishes): Result | Promise<Result>
}
const operations = new Map<number, Operation>([
  [0x60, { answer: 0x61, run: (ldap, { op }) => bind(ldap, op.content) }],
  [0x63, { answer: 0x65, run: (ldap, { id, op }, wishes) => search(ldap, id, readSearch(op.content), wishes) }],
  [0x66, { answer: 0x67, run: (ldap, { op }) => modify(ldap, op.content) }],
  [0x68, { answer: 0x69, run: (ldap, { op }) => add(ldap, op.content) }],
  [0x4a, { answer: 0x6b, run: (ldap, { op }) => removeEntry(ldap, op.content) }],
  [0x6c, { answer: 0x6d, run: (ldap, { op }) => rename(ldap, op.content) }],
  [0x6e, { answer: 0x6f, run: (ldap, { op }) => compare(ldap, op.content) }],
  [0x77, { answer: 0x78, run: (ldap, { id, op }) => extended(ldap, id, op.content) }],
])
const BIND = 0x60
const UNBIND = 0x42
const ABANDON = 0x50
const IN_PROGRESS = refused(Code.operationsError, 'SASL bind in progress')

export async function session(conn: Conn, cx: TcpContext<Options>): Promise<void> {
  const access = accessOf(cx, cx.options.access)
  const ldap: Ldap = {
    conn,
    cx,
    access,
    as: { dn: '', key: '' },
    sasl: undefined,
    saslDetail: 'SASL(0): successful result: ',
  }
  for (;;) {
    const message = await readMessage(conn)
    noteStrings(ldap, message.whole)
    const waiting = ldap.sasl !== undefined && message.op.tag !== BIND
    if (message.op.tag === UNBIND) {
      // Even a good-bye is answered then, as what it is not.
      if (waiting) await conn.write(resultBytes(0, 0x30, IN_PROGRESS))
      return
    }
    // Whatever is to be abandoned has been answered already.
    if (message.op.tag === ABANDON) continue
    await answer(ldap, message, waiting)
  }
}

async function answer(ldap: Ldap, message: Message, waiting: boolean): Promise<void> {
  const { conn, cx } = ldap
  const operation = operations.get(message.op.tag)
  if (!operation) await disconnect(conn, 'unknown LDAP request', `Tag ${message.op.tag} is no request`)
  const { answer: tag, run } = operation!
  if (waiting) return await conn.write(resultBytes(message.id, tag, IN_PROGRESS))
  const wishes = await decoded(conn, 'decoding controls error', () =>
    judge(readControls(message.controls), message.op.tag),
  )
  if ('code' in wishes) return await conn.write(resultBytes(message.id, tag, wishes))
  const result = await decoded(conn, 'decoding error', () => run(ldap, message, wishes))
  await conn.write(resultBytes(message.id, tag, result))
  if ('startTls' in result) await cx.startTls()
}

/** What cannot be decoded ends the conversation, with notice (RFC 4511 §4.4.1). */
async function decoded<T>(conn: Conn, why: string, work: () => T | Promise<T>): Promise<T> {
  try {
    return await work()
  } catch (error) {
    if (error instanceof Malformed) await disconnect(conn, why, error.message)
    throw error
  }
}
async function disconnect(conn: Conn, why: string, message: string): Promise<never> {
  await conn.write(noticeOfDisconnection(why))
  throw new Malformed(message)
}
