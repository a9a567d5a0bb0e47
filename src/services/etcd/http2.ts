import type { Conn } from '#sensor/conn.ts'
import { Malformed } from '#sensor/endings.ts'
import { decoder, encoder } from './hpack.ts'

/** HTTP/2 as far as a server of gRPC speaks it (RFC 9113; google.golang.org/grpc's http2_server.go). */
const PREFACE = 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n'
const Frame = { Data: 0, Headers: 1, Reset: 3, Settings: 4, Ping: 6, GoAway: 7, Window: 8, Continuation: 9 } as const
const END_STREAM = 1
const ACK = 1
const END_HEADERS = 4
const PADDED = 8
const PRIORITY = 32
/** SETTINGS_MAX_FRAME_SIZE, and the window that both sides begin with. */
const FRAME = 16_384
const WINDOW = 65_535
/** Streams at once, bytes of one message (1.5 MiB and half a MiB more), answers that wait for the client's window. */
const STREAMS = 100
export const MESSAGE = 2 << 20
const WAITING = 4 << 20

export type Head = ReadonlyMap<string, string>
/** What a stream answers: `message` sends one, `end` the status; both may come late. */
export type Reply = { message(bytes: Buffer): void; end(code: number, why: string): void }
/** Called for each message of a stream, and with none when the client has said all. */
export type Handler = (head: Head, reply: Reply) => (message: Buffer | undefined) => Promise<void>

type Stream = {
  id: number
  take: (message: Buffer | undefined) => Promise<void>
  inbox: Buffer[]
  size: number
  unread: number
  window: number
  outbox: Buffer[]
  /** Encoded when it is sent: the tables of both sides go by the order of the wire. */
  trailer?: readonly (readonly [string, string])[]
  /** The client has ended its side. */
  done: boolean
}

/** Serves one connection until its client leaves. */
export async function serveHttp2(conn: Conn, handler: Handler): Promise<void> {
  // MAX_FRAME_SIZE 16384, MAX_CONCURRENT_STREAMS 2^32-1.
  if ((await conn.read(PREFACE.length)).toString('latin1') !== PREFACE) throw new Malformed('No preface of HTTP/2')
  const decode = decoder()
  const encode = encoder()
  const streams = new Map<number, Stream>()
  let window = WINDOW
  let initial = WINDOW
  let waiting = 0
  let last = 0
  let probing = false
  let out: Buffer[] = [frame(Frame.Settings, 0, 0, Buffer.from('0005000040000003ffffffff', 'hex'))]

  /** Sends what the client's windows allow. */
  function pump(): void {
    for (const stream of streams.values()) {
      while (stream.outbox.length > 0 && window > 0 && stream.window > 0) {
        const next = stream.outbox[0]!
        const n = Math.min(next.length, FRAME, window, stream.window)
        out.push(frame(Frame.Data, 0, stream.id, next.subarray(0, n)))
        window -= n
        stream.window -= n
        waiting -= n
        if (n === next.length) stream.outbox.shift()
        else stream.outbox[0] = next.subarray(n)
      }
      if (stream.outbox.length > 0 || !stream.trailer) continue
      out.push(frame(Frame.Headers, END_HEADERS | END_STREAM, stream.id, encode(stream.trailer)))
      drop(stream.id)
    }
  }
  function drop(id: number): void {
    const stream = streams.get(id)
    if (!stream) return
    for (const bytes of stream.outbox) waiting -= bytes.length
    conn.keep(-stream.size)
    stream.inbox = []
    stream.size = 0
    streams.delete(id)
  }

  function open(id: number, head: Head, done: boolean): Stream {
    let begun = false
    const start = () => {
      begun = true
      out.push(frame(Frame.Headers, END_HEADERS, id, encode(answered)))
    }
    const reply: Reply = {
      message(bytes) {
        if (!streams.has(id)) return
        if (!begun) start()
        const prefix = Buffer.alloc(5)
        prefix.writeUInt32BE(bytes.length, 1)
        waiting += bytes.length + 5
        if (waiting > WAITING) throw new Malformed('Answers that are not taken')
        stream.outbox.push(Buffer.concat([prefix, bytes]))
        pump()
      },
      end(code, why) {
        if (!streams.has(id)) return
        stream.trailer = [...(begun ? [] : answered), ['grpc-status', String(code)], ['grpc-message', percent(why)]]
        pump()
      },
    }
    const stream: Stream = {
      id,
      take: handler(head, reply),
      inbox: [],
      size: 0,
      unread: 0,
      window: initial,
      outbox: [],
      done,
    }
    streams.set(id, stream)
    return stream
  }

  async function readHead(id: number, flags: number, payload: Buffer): Promise<void> {
    const [padding, start] = flags & PADDED ? [payload[0] ?? 0, 1] : [0, 0]
    const block = payload.subarray(start + (flags & PRIORITY ? 5 : 0), Math.max(0, payload.length - padding))
    const blocks = [Buffer.from(block)]
    for (let ended = (flags & END_HEADERS) !== 0, n = 0; !ended; n++) {
      const next = await readFrame(conn)
      if (next.type !== Frame.Continuation || next.id !== id || n > 3) throw new Malformed('A head without end')
      blocks.push(Buffer.from(next.payload))
      ended = (next.flags & END_HEADERS) !== 0
    }
    const rows = decode(Buffer.concat(blocks))
    const known = streams.get(id)
    if (known) {
      known.done = true
      return known.take(undefined)
    }
    if (id % 2 === 0 || id <= last || streams.size >= STREAMS) throw new Malformed(`Stream ${id}`)
    last = id
    const head = new Map(rows)
    // http2_server.go ends streams that are not of gRPC at once.
    if (!/^application\/grpc(?:$|[+;])/.test(head.get('content-type') ?? '')) {
      out.push(frame(Frame.Reset, 0, id, Buffer.of(0, 0, 0, 1)))
      return
    }
    const stream = open(id, head, (flags & END_STREAM) !== 0)
    if (stream.done) await stream.take(undefined)
  }

  async function readData(id: number, flags: number, payload: Buffer): Promise<void> {
    if (payload.length > 0) {
      out.push(frame(Frame.Window, 0, 0, uint32(payload.length)))
      // Measures how much the line holds, as grpc-go does.
      if (!probing) out.push(frame(Frame.Ping, 0, 0, Buffer.from('02041010090e0707', 'hex')))
      probing = true
    }
    const stream = streams.get(id)
    if (!stream || stream.done) return
    const [padding, start] = flags & PADDED ? [payload[0] ?? 0, 1] : [0, 0]
    const bytes = Buffer.from(payload.subarray(start, Math.max(start, payload.length - padding)))
    stream.unread += payload.length
    stream.size += bytes.length
    conn.keep(bytes.length)
    if (stream.size > MESSAGE + 5) throw new Malformed('A message too large')
    stream.inbox.push(bytes)
    await deliver(stream)
    if ((flags & END_STREAM) !== 0) {
      stream.done = true
      await stream.take(undefined)
    } else if (stream.unread >= WINDOW >> 2) {
      out.push(frame(Frame.Window, 0, id, uint32(stream.unread)))
      stream.unread = 0
    }
  }

  /** Whole messages of what came: a flag, a length, so many bytes. */
  async function deliver(stream: Stream): Promise<void> {
    for (;;) {
      if (stream.size < 5) return
      if ((stream.inbox[0]?.length ?? 0) < 5) stream.inbox = [Buffer.concat(stream.inbox)]
      const length = stream.inbox[0]!.readUInt32BE(1)
      if (stream.inbox[0]![0] !== 0 || length > MESSAGE) throw new Malformed('No message of gRPC')
      if (stream.size < length + 5) return
      const whole = Buffer.concat(stream.inbox)
      stream.inbox = [whole.subarray(length + 5)]
      stream.size -= length + 5
      conn.keep(-(length + 5))
      await stream.take(whole.subarray(5, length + 5))
    }
  }

  function settings(payload: Buffer): void {
    for (let at = 0; at + 6 <= payload.length; at += 6) {
      if (payload.readUInt16BE(at) !== 4) continue
      const wanted = payload.readUInt32BE(at + 2)
      if (wanted > 0x7fff_ffff) throw new Malformed('A window too large')
      for (const stream of streams.values()) stream.window += wanted - initial
      initial = wanted
    }
    out.push(frame(Frame.Settings, ACK, 0, Buffer.alloc(0)))
  }

  function widen(id: number, payload: Buffer): void {
    if (payload.length !== 4) throw new Malformed('A window of no size')
    const more = payload.readUInt32BE(0) & 0x7fff_ffff
    const stream = streams.get(id)
    if (id === 0) window += more
    else if (stream) stream.window += more
    if (window > 0x7fff_ffff || (stream?.window ?? 0) > 0x7fff_ffff) throw new Malformed('A window too large')
  }

  for (;;) {
    if (out.length > 0) {
      const bytes = Buffer.concat(out)
      out = []
      await conn.write(bytes)
    }
    const { type, flags, id, payload } = await readFrame(conn)
    if (type === Frame.Headers) await readHead(id, flags, payload)
    else if (type === Frame.Data) await readData(id, flags, payload)
    else if (type === Frame.Settings && (flags & ACK) === 0) settings(payload)
    else if (type === Frame.Ping && (flags & ACK) === 0) out.push(frame(Frame.Ping, ACK, 0, payload.subarray(0, 8)))
    else if (type === Frame.Ping) probing = false
    else if (type === Frame.Window) widen(id, payload)
    else if (type === Frame.Reset) drop(id)
    else if (type === Frame.Continuation) throw new Malformed('Nothing to continue')
    pump()
  }
}

const answered = [
  [':status', '200'],
  ['content-type', 'application/grpc'],
] as const

async function readFrame(conn: Conn) {
  const head = await conn.read(9)
  const length = head.readUIntBE(0, 3)
  if (length > FRAME) throw new Malformed(`A frame of ${length} bytes`)
  const [type, flags, id] = [head[3]!, head[4]!, head.readUInt32BE(5) & 0x7fff_ffff]
  return { type, flags, id, payload: await conn.read(length) }
}

function frame(type: number, flags: number, id: number, payload: Buffer): Buffer {
  const head = Buffer.alloc(9)
  head.writeUIntBE(payload.length, 0, 3)
  head[3] = type
  head[4] = flags
  head.writeUInt32BE(id, 5)
  return Buffer.concat([head, payload])
}
const uint32 = (value: number): Buffer => {
  const out = Buffer.alloc(4)
  out.writeUInt32BE(value)
  return out
}
/** grpc-message: what is no printable ASCII in percent. */
const percent = (why: string): string =>
  [...Buffer.from(why)]
    .map(byte =>
      byte >= 32 && byte < 127 && byte !== 37
        ? String.fromCharCode(byte)
        : `%${byte.toString(16).toUpperCase().padStart(2, '0')}`,
    )
    .join('')
