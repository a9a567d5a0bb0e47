import { Cursor } from '#codec/cursor.ts'
import { Malformed } from '#sensor/endings.ts'

/** What a client says of itself in its MCS Connect Initial (MS-RDPBCGR §2.2.1.3). */
export type ClientData = {
  name?: string
  build?: number
  /** Windows' number of the keyboard's language: 0x0411 is Japanese. */
  keyboard?: number
  width: number
  height: number
  /** Bits a pixel. */
  depth: number
  /** Encryption methods of the standard security, as flags. */
  encryption: number
  channels: string[]
}

/** T.125 Connect-Initial in BER, the GCC request in PER within, blocks of Microsoft's within that. */
export function connectInitial(pdu: Buffer): ClientData {
  const cursor = new Cursor(pdu)
  if (cursor.u16be() !== 0x7f65) throw new Malformed('Expected MCS Connect-Initial')
  berLength(cursor)
  for (const tag of [4, 4, 1, 0x30, 0x30, 0x30]) {
    if (cursor.u8() !== tag) throw new Malformed('Broken MCS Connect-Initial')
    cursor.bytes(berLength(cursor))
  }
  if (cursor.u8() !== 4) throw new Malformed('No user data in MCS Connect-Initial')
  const user = cursor.bytes(berLength(cursor))
  const key = user.indexOf('Duca', 0, 'latin1')
  if (key < 0) throw new Malformed('No conference request of Microsoft’s')
  const blocks = new Cursor(user.subarray(key + 4))
  perLength(blocks)
  return clientData(blocks)
}

const CORE = 0xc001
const SECURITY = 0xc002
const NETWORK = 0xc003
const BLOCKS = 32
const CHANNELS = 31

function clientData(blocks: Cursor): ClientData {
  const client: ClientData = { width: 1024, height: 768, depth: 16, encryption: 0, channels: [] }
  for (let n = 0; n < BLOCKS && blocks.left >= 4; n++) {
    const type = blocks.u16le()
    const length = blocks.u16le()
    if (length < 4) throw new Malformed(`A client block of ${length} bytes`)
    const block = blocks.bytes(length - 4)
    if (type === CORE) readCore(block, client)
    else if (type === SECURITY && block.length >= 4) client.encryption = block.readUInt32LE()
    else if (type === NETWORK) readChannels(block, client)
  }
  return client
}

/** §2.2.1.3.2. Old clients leave out the end. */
function readCore(block: Buffer, client: ClientData): void {
  const cursor = new Cursor(block)
  cursor.u32le()
  client.width = within(cursor.u16le(), 200, 8192)
  client.height = within(cursor.u16le(), 200, 8192)
  cursor.u32le()
  client.keyboard = cursor.u32le()
  client.build = cursor.u32le()
  const name = cursor.bytes(32).toString('utf16le').split('\0')[0]
  if (name) client.name = name
  // Keyboard's kind and the input method's file; two older fields; the colours.
  if (cursor.left < 76 + 14) return
  cursor.bytes(76 + 8)
  const colours = cursor.u16le()
  cursor.u16le()
  const wants32 = (cursor.u16le() & 2) !== 0
  client.depth = wants32 && colours === 24 ? 32 : [8, 15, 16, 24].includes(colours) ? colours : 16
}
const within = (value: number, low: number, high: number) => Math.min(high, Math.max(low, value))

function readChannels(block: Buffer, client: ClientData): void {
  const cursor = new Cursor(block)
  for (let left = Math.min(cursor.u32le(), CHANNELS); left > 0; left--) {
    client.channels.push(cursor.bytes(8).toString('latin1').split('\0')[0]!)
    cursor.u32le()
  }
}

function berLength(cursor: Cursor): number {
  const first = cursor.u8()
  if (first < 0x80) return first
  if (first === 0x81) return cursor.u8()
  if (first === 0x82) return cursor.u16be()
  throw new Malformed('A length beyond all measure')
}
function perLength(cursor: Cursor): number {
  const first = cursor.u8()
  return first & 0x80 ? ((first & 0x7f) << 8) | cursor.u8() : first
}

/** MCS Connect-Response as xrdp 0.9.21 writes it, with the protocols that the client had asked for. */
export function connectResponse(client: ClientData, wanted: number | undefined, security: Buffer): Buffer {
  const core = Buffer.from('0400080000000000', 'hex')
  core.writeUInt32LE(wanted ?? 0, 4)
  const count = client.channels.length
  const ids = Buffer.alloc(2 * (count + (count % 2)))
  for (let i = 0; i < count; i++) ids.writeUInt16LE(1004 + i, 2 * i)
  const blocks = Buffer.concat([
    block(0x0c01, wanted === undefined ? core.subarray(0, 4) : core),
    block(0x0c03, Buffer.concat([Buffer.from([0xeb, 0x03, count, 0]), ids])),
    block(0x0c02, security),
  ])
  const length = Buffer.from([0x80 | (blocks.length >> 8), blocks.length & 255])
  const conference = Buffer.from('000500147c00012a14760a01010001c0004d63446e', 'hex')
  const user = ber(0x04, Buffer.concat([conference, length, blocks]))
  const domain = Buffer.from('0a0100020100301a020116020103020100020101020100020101020300fff8020102', 'hex')
  const body = Buffer.concat([domain, user])
  return Buffer.concat([Buffer.from([0x7f]), ber(0x66, body)])
}

function block(type: number, body: Buffer): Buffer {
  const header = Buffer.alloc(4)
  header.writeUInt16LE(type)
  header.writeUInt16LE(body.length + 4, 2)
  return Buffer.concat([header, body])
}

function ber(tag: number, body: Buffer): Buffer {
  const { length } = body
  const header =
    length < 0x80 ? [tag, length] : length < 0x100 ? [tag, 0x81, length] : [tag, 0x82, length >> 8, length & 255]
  return Buffer.concat([Buffer.from(header), body])
}
