import { Cursor } from '#codec/cursor.ts'
import type { Conn } from '#sensor/conn.ts'
import { Malformed } from '#sensor/endings.ts'

/** What arrives: a PDU in TPKT (RFC 1006 §6), or one of the fast path, which only input takes (MS-RDPBCGR §2.2.8.1.2). */
export type Frame = { fast: false; body: Buffer } | { fast: true; header: number; body: Buffer }

/** No PDU of a client's is as long; xrdp takes no more than 16 KiB of any. */
const LONGEST = 16 << 10

/** The next frame. A length that cannot be is `Malformed`; one that is not filled is waited for, as xrdp does. */
export async function readFrame(conn: Conn): Promise<Frame> {
  const [version, first, high, low] = await conn.peek(4)
  if (version === undefined || first === undefined || high === undefined || low === undefined) {
    await conn.read(4)
    throw new Malformed('No header')
  }
  const fast = version !== 3
  const length = fast ? (first & 0x80 ? ((first & 0x7f) << 8) | high : first) : (high << 8) | low
  const header = fast ? (first & 0x80 ? 3 : 2) : 4
  if (length <= Math.max(header, 3) || length > LONGEST) throw new Malformed(`A frame of ${length} bytes`)
  const frame = await conn.read(length)
  const body = frame.subarray(header)
  return fast ? { fast, header: version, body } : { fast, body }
}

export const tpkt = (body: Buffer): Buffer => {
  const header = Buffer.from([3, 0, 0, 0])
  header.writeUInt16BE(body.length + 4, 2)
  return Buffer.concat([header, body])
}

/** X.224 class 0 data, the envelope of everything behind the first exchange. */
const DT = Buffer.from([2, 0xf0, 0x80])
export const data = (body: Buffer): Buffer => tpkt(Buffer.concat([DT, body]))
export function dataOf(frame: Frame): Buffer {
  if (frame.fast || !frame.body.subarray(0, 3).equals(DT)) throw new Malformed('Expected X.224 data')
  return frame.body.subarray(3)
}

/** T.125 DisconnectProviderUltimatum, `rn-user-requested`: how xrdp ends what it does not understand. */
export const ultimatum = data(Buffer.from([0x21, 0x80]))

export const protocols = new Map([
  [1, 'TLS'],
  [2, 'CredSSP'],
  [4, 'RDSTLS'],
  [8, 'CredSSP with early user authorization'],
  [16, 'RDSAAD'],
])
/** What a client asks for first (MS-RDPBCGR §2.2.1.1). `wanted` is absent in clients of before 2006. */
export type ConnectionRequest = { cookie?: string; wanted?: number }

export function connectionRequest(frame: Frame): ConnectionRequest {
  if (frame.fast) throw new Malformed('Expected a connection request')
  const cursor = new Cursor(frame.body)
  const length = cursor.u8()
  if (length < 6 || cursor.u8() !== 0xe0) throw new Malformed('Expected a connection request')
  cursor.bytes(5)
  const rest = cursor.bytes(cursor.left)
  const request: ConnectionRequest = {}
  const end = rest.indexOf('\r\n')
  if (end >= 0) request.cookie = rest.toString('latin1', 0, Math.min(end, 512))
  const negotiation = rest.subarray(end < 0 ? 0 : end + 2)
  if (negotiation.length >= 8 && negotiation[0] === 1) request.wanted = negotiation.readUInt32LE(4)
  return request
}

/** The answer: `selected` is absent where nothing was asked for. The source reference is xrdp's. */
export function connectionConfirm(selected: number | undefined): Buffer {
  const confirm = Buffer.from([0x06, 0xd0, 0, 0, 0x12, 0x34, 0])
  if (selected === undefined) return tpkt(confirm)
  confirm[0] = 0x0e
  // Response, "extended client data supported", eight bytes.
  return tpkt(Buffer.concat([confirm, Buffer.from([2, 1, 8, 0, selected, 0, 0, 0])]))
}

const IO_CHANNEL = 1003

/** T.125 SendDataIndication on the I/O channel. */
export function indication(user: number, payload: Buffer): Buffer {
  const { length } = payload
  const size = length < 0x80 ? [length] : [0x80 | (length >> 8), length & 255]
  return data(Buffer.concat([Buffer.from([0x68, 0, user, IO_CHANNEL >> 8, IO_CHANNEL & 255, 0x70, ...size]), payload]))
}
