import { Malformed } from '#codec/malformed.ts'
import type { Conn } from '#sensor/conn.ts'

/** Control message types (RFC 2637 §2). */
export const controls = [
  '',
  'Start-Control-Connection-Request',
  'Start-Control-Connection-Reply',
  'Stop-Control-Connection-Request',
  'Stop-Control-Connection-Reply',
  'Echo-Request',
  'Echo-Reply',
  'Outgoing-Call-Request',
  'Outgoing-Call-Reply',
  'Incoming-Call-Request',
  'Incoming-Call-Reply',
  'Incoming-Call-Connected',
  'Call-Clear-Request',
  'Call-Disconnect-Notify',
  'WAN-Error-Notify',
  'Set-Link-Info',
] as const

/** The longest message there is, an Incoming-Call-Request; pptpd's buffer. */
export const LONGEST = 220
const SHORTEST = 12
const COOKIE = 0x1a2b3c4d
const CONTROL = 1

/**
 * The next message's control type; its bytes go over those of the one before, as in pptpd, which reads the fields of a
 * message that is too short out of what is left there.
 *
 *     uint16 length, uint16 message type (1), uint32 magic cookie, uint16 control type, uint16 reserved
 */
export async function readMessage(conn: Conn, buffer: Buffer): Promise<number> {
  const head = await conn.peek(2)
  // The peer has gone.
  if (head.length < 2) await conn.read(2)
  const length = head.readUInt16BE()
  if (length < SHORTEST || length > LONGEST) throw new Malformed(`A message of ${length} bytes`)
  const message = await conn.read(length)
  const type = message.readUInt16BE(2)
  const cookie = message.readUInt32BE(4)
  if (type !== CONTROL) throw new Malformed(`Message type ${type}`)
  if (cookie !== COOKIE) throw new Malformed(`Magic cookie ${cookie.toString(16).padStart(8, '0')}`)
  message.copy(buffer)
  return message.readUInt16BE(8)
}

/** A message with its header; `body` begins behind the reserved part. */
export function encode(control: number, body: Buffer): Buffer {
  const head = Buffer.alloc(12)
  head.writeUInt16BE(12 + body.length)
  head.writeUInt16BE(CONTROL, 2)
  head.writeUInt32BE(COOKIE, 4)
  head.writeUInt16BE(control, 8)
  return Buffer.concat([head, body])
}
