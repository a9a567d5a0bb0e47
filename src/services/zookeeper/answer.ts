import { Cursor } from '#codec/cursor.ts'
import { downloadsIn } from '#codec/downloads.ts'
import { text } from '#events/text.ts'
import { Malformed } from '#sensor/endings.ts'
import { digestOf } from './access.ts'
import { Code, Op, ofOld, opNames, Refusal } from './codes.ts'
import { int, long, readBool, readBuffer, readInt, readString } from './jute.ts'
import { readRead } from './read.ts'
import { type Client, type Cx, endSession, type Server } from './state.ts'
import { Full, failureOf, inMulti, lastResult, multi, readWish, resultOf, type Wish } from './write.ts'

/** What a request in a session is answered with, and what it leaves in the record. */

export type Reply = { header?: Buffer; body: Buffer; last?: boolean }
type Talk = { cx: Cx; server: Server; client: Client }

const NOTHING: Buffer = Buffer.alloc(0)
/** Characters of a node's data that an event shows; what is longer is a sample besides. */
const SHOWN = 512
/** Bytes of the largest answer: the same node may be asked for many times at once. */
const ANSWER = 8 << 20
const writes = new Set<number>([...inMulti, Op.setACL])
const reads = new Set<number>([
  ...[Op.exists, Op.getData, Op.getChildren, Op.getChildren2, Op.getACL, Op.sync, Op.getEphemerals, Op.whoAmI],
  ...[Op.getAllChildrenNumber, Op.checkWatches, Op.removeWatches, Op.addWatch, Op.setWatches, Op.setWatches2],
])
const noPath = new Set<number>([Op.ping, Op.auth, Op.sasl, Op.closeSession, Op.multi, Op.multiRead, Op.reconfig])

const reply = (xid: number, zxid: bigint, code: number, body = NOTHING): Reply => ({
  header: Buffer.concat([int(xid), long(zxid), int(code)]),
  body: code === Code.ok ? body : NOTHING,
})

export async function answerTo(bytes: Buffer, talk: Talk): Promise<Reply> {
  const cursor = new Cursor(bytes)
  const xid = readInt(cursor)
  const type = readInt(cursor)
  const { cx, server, client } = talk
  const known = server.old ? ofOld.has(type) : writes.has(type) || reads.has(type) || noPath.has(type)
  if (!known) {
    cx.record.command({ line: `type ${type}`, verb: 'unknown' })
    return { ...reply(xid, -1n, Code.unimplemented), last: true }
  }
  if (type === Op.ping) return reply(xid, server.zxid, Code.ok)
  if (type === Op.auth) return logIn(cursor, xid, talk)
  if (type === Op.sasl) {
    cx.record.login({ method: 'SASL', password: text(readBuffer(cursor) ?? NOTHING, SHOWN), outcome: 'failure' })
    return reply(xid, 0n, Code.ok, int(-1))
  }
  if (type === Op.closeSession) {
    cx.record.command({ line: 'closeSession', verb: 'closeSession' })
    endSession(server, client.session)
    return { ...reply(xid, server.zxid, Code.ok), last: true }
  }
  const changes = writes.has(type) || type === Op.multi || type === Op.reconfig
  if (changes) server.zxid++
  try {
    const body = changes ? await change(type, cursor, talk) : look(type, cursor, talk)
    if (type === Op.check) return { body: NOTHING }
    return reply(xid, server.zxid, Code.ok, body)
  } catch (problem) {
    if (problem instanceof Full) throw new Malformed('More than there is room for')
    if (problem instanceof Refusal) return reply(xid, server.zxid, problem.code)
    if (problem instanceof Malformed) return reply(xid, server.zxid, Code.marshalling)
    throw problem
  }
}

/** Everybody who gives a name and a password has them from then on: there is nobody to compare them with. */
function logIn(cursor: Cursor, xid: number, { cx, client }: Talk): Reply {
  readInt(cursor)
  const scheme = readString(cursor) ?? ''
  const said = readBuffer(cursor) ?? NOTHING
  const outcome = scheme === 'digest' || scheme === 'ip' ? 'success' : 'failure'
  const method = text(Buffer.from(scheme), 64)
  const at = said.indexOf(':')
  if (scheme === 'digest' && at >= 0)
    cx.record.login({
      method,
      user: text(said.subarray(0, at), 256),
      password: text(said.subarray(at + 1), 256),
      outcome,
    })
  else cx.record.login({ method, password: text(said, 256), outcome })
  if (outcome === 'failure') return { ...reply(xid, 0n, Code.authFailed), last: true }
  const id = scheme === 'digest' ? digestOf(said) : cx.source.ip
  const { identities } = client
  if (identities.length < 64 && !identities.some(one => one.scheme === scheme && one.id === id))
    identities.push({ scheme, id })
  return reply(xid, 0n, Code.ok)
}

async function change(type: number, cursor: Cursor, talk: Talk): Promise<Buffer> {
  const { cx, server, client } = talk
  if (type === Op.reconfig) {
    cx.record.command({ line: 'reconfig', verb: 'reconfig' })
    throw new Refusal(Code.reconfigDisabled)
  }
  const time = Math.floor(cx.now() + cx.persona.clockSkew)
  if (type === Op.multi) {
    const wishes = readOps(cursor, op => {
      if (!inMulti.has(op) || (server.old && op !== Op.check && !ofOld.has(op))) throw new Refusal(Code.marshalling)
      const wish = readWish(op, cursor)
      return { op, wish }
    })
    for (const { op, wish } of wishes) await tell(cx, `multi ${nameOf(op)}`, wish)
    return multi(
      server,
      client,
      time,
      wishes.map(({ wish }) => wish),
    )
  }
  const wish = readWish(type, cursor)
  await tell(cx, nameOf(type), wish)
  const { body, tell: notify } = wish.change(server, client, time)
  notify()
  return body
}

const nameOf = (type: number): string => opNames.get(type) ?? String(type)

/** Operations behind their headers, up to the one that says that it was the last. */
function readOps<T>(cursor: Cursor, one: (op: number) => T): T[] {
  const found: T[] = []
  for (;;) {
    const op = readInt(cursor)
    const done = readBool(cursor)
    readInt(cursor)
    if (done) return found
    found.push(one(op))
  }
}

async function tell(cx: Cx, verb: string, { path, about, data }: Wish): Promise<void> {
  const words = [verb, text(Buffer.from(path), 1024), text(Buffer.from(about), 512), data ? text(data, SHOWN) : '']
  cx.record.command({ line: words.filter(Boolean).join(' '), verb })
  if (!data) return
  for (const download of downloadsIn(data.toString('latin1'))) cx.record.fileDownload(download)
  if (data.length <= SHOWN && !data.includes(0)) return
  const writer = cx.sample()
  await writer.write(data)
  cx.record.fileUpload({ path: `zookeeper:${text(Buffer.from(path), 1024)}`, sample: await writer.close() })
}

function look(type: number, cursor: Cursor, { cx, server, client }: Talk): Buffer {
  if (type !== Op.multiRead) {
    const { path, about, answer } = readRead(type, cursor)
    const words = [nameOf(type), text(Buffer.from(path), 1024), about]
    cx.record.command({ line: words.filter(Boolean).join(' '), verb: nameOf(type) })
    return answer(server, client)
  }
  const wanted = readOps(cursor, op => {
    if (op !== Op.getData && op !== Op.getChildren) throw new Refusal(Code.marshalling)
    return { op, read: readRead(op, cursor) }
  })
  cx.record.command({ line: `multiRead ${wanted.length}`, verb: 'multiRead' })
  let room = ANSWER
  const results = wanted.map(({ op, read }) => {
    try {
      const result = resultOf(op, read.answer(server, client))
      room -= result.length
      if (room < 0) throw new Full()
      return result
    } catch (problem) {
      if (problem instanceof Refusal) return failureOf(problem.code)
      throw problem
    }
  })
  return Buffer.concat([...results, lastResult])
}
