import { text } from '#events/text.ts'
import type { Conn } from '#sensor/conn.ts'
import type { TcpContext } from '#sensor/service.ts'
import { controls, encode, LONGEST, readMessage } from './wire.ts'

/** Debian's pptpd 1.4.0 (the same in all releases since): its control connection, recorded in test/oracle/pptp. */

type Cx = TcpContext<Record<string, never>>

/** Who calls is told a number that goes up with each call; it begins at nought. */
type Calls = { next: number }

const Control = { start: 1, stop: 3, echo: 5, call: 7, clear: 12 } as const
const OK = 1

/** One control connection (RFC 2637 §2). */
export async function session(conn: Conn, cx: Cx): Promise<void> {
  const buffer = Buffer.alloc(LONGEST)
  for (let started = false; ; ) {
    const control = await readMessage(conn, buffer)
    note(control, buffer, cx)
    // Its manager looks at the first message before it has anybody serve it.
    if (!started && control !== Control.start) return
    started = true
    if (control === Control.start) await conn.write(reply)
    else if (control === Control.echo) await conn.write(encode(6, Buffer.concat([buffer.subarray(12, 16), result()])))
    else if (control === Control.call) await conn.write(called(buffer, cx))
    else if (control === Control.stop) return await conn.write(encode(4, result()))
    else if (control === Control.clear) return
  }
}

/** Result code, error code, and two bytes of nothing. */
const result = (): Buffer => Buffer.from([OK, 0, 0, 0])

const padded = (name: string): Buffer => Buffer.from(name.padEnd(64, '\0'))

/**
 * Start-Control-Connection-Reply (§2.2): uint16 version, byte result, byte error, uint32 framing, uint32 bearer, uint16
 * channels, uint16 firmware, 64 bytes host name, 64 bytes vendor. The names are the package's own.
 */
const reply: Buffer = encode(
  2,
  Buffer.concat([Buffer.from([1, 0, OK, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 0, 1]), padded('local'), padded('linux')]),
)

/**
 * Outgoing-Call-Reply (§2.8): uint16 call id, uint16 the peer's, byte result, byte error, uint16 cause, uint32 speed, uint16
 * window, uint16 delay, uint32 channel. Speed and window are those asked for.
 */
function called(request: Buffer, cx: Cx): Buffer {
  const calls = cx.attacker((): Calls => ({ next: 0 }))
  const body = Buffer.alloc(20)
  body.writeUInt16BE(calls.next++ & 0xffff)
  request.copy(body, 2, 12, 14)
  body[4] = OK
  request.copy(body, 8, 20, 24)
  request.copy(body, 12, 32, 34)
  return encode(8, body)
}

/** What is between here and the first NUL. */
const nameAt = (message: Buffer, from: number): string => {
  const field = message.subarray(from, from + 64)
  const end = field.indexOf(0)
  return text(end < 0 ? field : field.subarray(0, end))
}

function note(control: number, message: Buffer, { record }: Cx): void {
  const verb = controls[control] || `control ${control}`
  record.command({ line: [verb, ...about(control, message)].join(' '), verb })
  if (control !== Control.start) return
  for (const [name, from] of [
    ['PPTP host', 28],
    ['PPTP vendor', 92],
  ] as const) {
    const value = nameAt(message, from)
    if (value !== '') record.environment({ name, value })
  }
}

/** The fields of a request that tell something of who asks. */
function about(control: number, message: Buffer): string[] {
  if (control === Control.start)
    return [`version ${message[12]}.${message[13]}`, `firmware ${message.readUInt16BE(26)}`]
  if (control === Control.stop) return [`reason ${message[12]}`]
  if (control === Control.clear) return [`call ${message.readUInt16BE(12)}`]
  if (control !== Control.call) return []
  // Most leave the telephone's number empty: it is of a time when there was one.
  const number = nameAt(message, 40)
  return [
    `call ${message.readUInt16BE(12)}`,
    `speed ${message.readUInt32BE(16)}-${message.readUInt32BE(20)}`,
    `window ${message.readUInt16BE(32)}`,
    ...(number === '' ? [] : [`number ${number}`]),
  ]
}
