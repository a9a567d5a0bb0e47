import { Malformed } from '#codec/malformed.ts'
import type { Conn } from '#sensor/conn.ts'

/** gitprotocol-common(5): the packets that have a length and nothing in it. */
export const FLUSH = '0000'
export const DELIMITER = '0001'
/** Bytes of a packet, its length included, and of what a band may carry in one (LARGE_PACKET_MAX). */
const LARGEST = 65_520
export const BAND = LARGEST - 5
/** The same of clients that know `side-band` alone. */
export const OLD_BAND = 1000 - 5

/** One packet's content as Latin-1; `flush` and `delimiter` for those without. */
export async function readPacket(conn: Conn): Promise<string | { special: 'flush' | 'delimiter' | 'end' }> {
  const head = (await conn.read(4)).toString('latin1')
  if (!/^[0-9a-fA-F]{4}$/.test(head)) throw new Malformed(`protocol error: bad line length character: ${head}`)
  const length = Number.parseInt(head, 16)
  if (length < 3) return { special: (['flush', 'delimiter', 'end'] as const)[length]! }
  if (length < 4 || length > LARGEST) throw new Malformed(`protocol error: bad line length ${length}`)
  return (await conn.read(length - 4)).toString('latin1')
}

/** A packet. Latin-1. */
export const packet = (content: string): string => `${(content.length + 4).toString(16).padStart(4, '0')}${content}`

/** Bytes behind the number of a band (gitprotocol-pack(5)), in as many packets as it takes. */
export function banded(band: 1 | 2, content: Buffer, most = BAND): Buffer {
  const packets: Buffer[] = []
  for (let at = 0; at < content.length; at += most) {
    const piece = content.subarray(at, at + most)
    packets.push(Buffer.from(`${(piece.length + 5).toString(16).padStart(4, '0')}${String.fromCharCode(band)}`), piece)
  }
  return Buffer.concat(packets)
}
