import { text } from '#events/text.ts'
import type { Conn } from '#sensor/conn.ts'
import { Malformed } from '#sensor/endings.ts'
import type { Context, TcpContext, Withheld } from '#sensor/service.ts'
import { BODY_MAX, HEADER, nameOf, parseHeader, REQUEST, refusal, runBinary, tooLarge } from './binary.ts'
import { examine, note } from './capture.ts'
import type { Options } from './options.ts'
import { type Memcached, newServer } from './server.ts'
import { runLine } from './text.ts'

/** proto_text.c: a line without an end is a long list of keys, or nothing that is waited for. */
const LINE_MAX = 2048
const KEYS_MAX = 64 << 10

/** One client, text or binary by its first byte. */
export async function session(conn: Conn, cx: TcpContext<Options>): Promise<void> {
  const m: Memcached = { cx, server: cx.attacker(() => newServer(cx)) }
  m.server.connections++
  const binary = (await conn.peek(1))[0] === REQUEST
  const out = outbox(conn, m)
  while (await (binary ? answerBinary(conn, m, out) : answerLine(conn, m, out)));
  await out.flush()
}

/** Bytes of answers that are kept for one write. */
const TOGETHER = 64 << 10
type Outbox = { say(reply: string | Buffer): Promise<void>; flush(): Promise<void> }

/** Answers to what came together leave together, once more has to be waited for: a scanner sees one segment or two. */
function outbox(conn: Conn, { server }: Memcached): Outbox {
  let unsent: Buffer[] = []
  let size = 0
  async function flush(): Promise<void> {
    if (size === 0) return
    const whole = Buffer.concat(unsent)
    unsent = []
    size = 0
    await conn.write(whole)
  }
  return {
    flush,
    async say(reply) {
      server.bytesWritten += reply.length
      unsent.push(typeof reply === 'string' ? Buffer.from(reply, 'latin1') : reply)
      size += reply.length
      if (size > TOGETHER) await flush()
    },
  }
}

async function answerLine(conn: Conn, m: Memcached, out: Outbox): Promise<boolean> {
  if (!(await conn.glance(0, 0, LINE_MAX)).includes(10)) await out.flush()
  const bytes = await readRequest(conn)
  if (bytes === undefined) return false
  const line = bytes.toString('latin1')
  m.server.bytesRead += line.length + 2
  const step = runLine(line, m)
  if ('want' in step) {
    if (conn.held < step.want) await out.flush()
    const value = await gather(conn, step.want)
    m.server.bytesRead += value.length
    const stored = value.slice(0, -2)
    note(line, stored, m.cx)
    await examine(line.split(' ').filter(Boolean)[1]!, stored, m.cx)
    await out.say(step.finish(value))
    return true
  }
  note(line, undefined, m.cx)
  if ('swallow' in step) {
    await out.flush()
    await keepLarge(conn, step.swallow, line, m)
    await out.say(step.reply)
    return true
  }
  await out.say(step.reply)
  return step.close === undefined
}

/** A request line; undefined when what comes without end is none. */
async function readRequest(conn: Conn): Promise<Buffer | undefined> {
  try {
    return await conn.readLine(LINE_MAX)
  } catch (error) {
    if (!(error instanceof Malformed)) throw error
    if (!/^ {0,100}gets? /.test((await conn.peek(106)).toString('latin1'))) return undefined
    return conn.readLine(KEYS_MAX)
  }
}

/** A value as it comes, counted with the connection while it does. */
async function gather(conn: Conn, length: number): Promise<string> {
  let value = ''
  let parts: string[] = []
  try {
    for (let left = length; left > 0; ) {
      const piece = await conn.readSome(Math.min(left, 64 << 10))
      left -= piece.length
      conn.keep(piece.length)
      parts.push(piece.toString('latin1'))
      if (parts.length > 32) parts = [parts.join('')]
    }
    value = parts.join('')
  } finally {
    conn.keep(-parts.reduce((sum, part) => sum + part.length, 0))
  }
  return value
}

/** What is too large for the cache is a sample all the same. */
async function keepLarge(conn: Conn, length: number, line: string, { cx }: Memcached): Promise<void> {
  const writer = cx.sample()
  for (let left = length; left > 0; ) {
    const piece = await conn.readSome(Math.min(left, 64 << 10))
    left -= piece.length
    await writer.write(left < 2 ? piece.subarray(0, Math.max(0, piece.length - 2 + left)) : piece)
  }
  cx.record.fileUpload({ path: line.split(' ').filter(Boolean)[1] ?? 'value', sample: await writer.close() })
}

async function answerBinary(conn: Conn, m: Memcached, out: Outbox): Promise<boolean> {
  if (conn.held < HEADER) await out.flush()
  const head = await conn.read(HEADER)
  // Something else in the middle of a binary conversation: the real one closes at once.
  if (head[0] !== REQUEST) return false
  const header = parseHeader(head)
  m.server.bytesRead += HEADER + header.bodyLength
  const wrong = refusal(header)
  if (wrong) {
    note(nameOf(header.opcode), undefined, m.cx)
    await out.say(wrong.reply)
    return false
  }
  if (header.bodyLength > BODY_MAX) {
    note(nameOf(header.opcode), undefined, m.cx)
    await out.flush()
    await keepLarge(conn, header.bodyLength, nameOf(header.opcode), m)
    await out.say(tooLarge(header).reply)
    return true
  }
  const length = Math.max(header.bodyLength, header.keyLength + header.extrasLength)
  if (conn.held < length) await out.flush()
  const body = Buffer.from(await gather(conn, length), 'latin1')
  const { reply, close, key, value } = runBinary(header, body, m)
  note(key === '' ? nameOf(header.opcode) : `${nameOf(header.opcode)} ${key}`, value || undefined, m.cx)
  if (value !== '' && !nameOf(header.opcode).startsWith('sasl')) await examine(key, value, m.cx)
  await out.say(reply)
  return close === undefined
}

/** Bytes in front of every datagram: request id, number and count of the datagrams, reserved; all 16 bits. */
const FRAME = 8
/** UDP_MAX_PAYLOAD_SIZE, of which the frame takes its part. */
const DATAGRAM = 1400 - FRAME

/** A request in one datagram. Its answer leaves only if it is no larger; what it would have been is told. */
export function datagram(packet: Buffer, cx: Context<Options>): Buffer | Withheld | undefined {
  if (packet.length < FRAME) throw new Malformed('Shorter than the frame of a datagram')
  // memcached.c, try_read_udp: it takes no request that is split.
  if (packet.readUInt16BE(4) !== 1) throw new Malformed('A request in several datagrams')
  const m: Memcached = { cx, server: cx.attacker(() => newServer(cx)) }
  const request = packet.subarray(FRAME)
  const reply = request[0] === REQUEST ? binaryReply(request, m) : textReply(request, m)
  if (reply.length === 0) return undefined
  if (reply.length + FRAME > packet.length) return { withheld: framed(reply.length) }
  // Whose key is not here stored it from elsewhere: in whose name it is asked for, there it shall go.
  const missed = typeof reply === 'string' && /^(?:END\r\n)+$/.test(reply)
  if (missed) aim(request, m)
  const frame = Buffer.alloc(FRAME)
  packet.copy(frame, 0, 0, 2)
  frame.writeUInt16BE(1, 4)
  const answer = Buffer.concat([frame, typeof reply === 'string' ? Buffer.from(reply, 'latin1') : reply])
  return missed ? { withheld: packet.length + 1, answer } : answer
}

/** The attack of 2018, once for each victim. */
function aim(request: Buffer, { cx }: Memcached): void {
  const victim = cx.attacker(() => ({ told: false }), 'memcached reflection')
  if (victim.told) return
  victim.told = true
  cx.record.exploit({
    id: 'CVE-2018-1000115',
    name: 'memcached asked over UDP for a value to be reflected',
    evidence: text(request, 256),
  })
}

/** Bytes of an answer with a frame in front of each of its datagrams. */
const framed = (length: number) => length + FRAME * Math.ceil(length / DATAGRAM)

function textReply(request: Buffer, m: Memcached): string {
  let out = ''
  for (let at = 0; at < request.length; ) {
    const end = request.indexOf('\n', at)
    if (end < 0) break
    const line = request.toString('latin1', at, request[end - 1] === 13 ? end - 1 : end)
    at = end + 1
    const step = runLine(line, m)
    if ('reply' in step) {
      note(line, undefined, m.cx)
      out += step.reply
      if ('swallow' in step) at += step.swallow
      if ('close' in step) break
      continue
    }
    if (request.length - at < step.want) break
    const value = request.toString('latin1', at, at + step.want)
    at += step.want
    note(line, value.slice(0, -2), m.cx)
    void examine(line.split(' ').filter(Boolean)[1]!, value.slice(0, -2), m.cx)
    out += step.finish(value)
    // One datagram holds few requests, but each could ask for megabytes.
    if (out.length > 4 << 20) break
  }
  return out
}

function binaryReply(request: Buffer, m: Memcached): Buffer {
  if (request.length < HEADER) return Buffer.alloc(0)
  const header = parseHeader(request)
  note(nameOf(header.opcode), undefined, m.cx)
  const wrong = refusal(header)
  if (wrong) return wrong.reply
  const { bodyLength, keyLength, extrasLength } = header
  if (request.length < HEADER + bodyLength || keyLength + extrasLength > bodyLength) return Buffer.alloc(0)
  return runBinary(header, request.subarray(HEADER, HEADER + bodyLength), m).reply
}
