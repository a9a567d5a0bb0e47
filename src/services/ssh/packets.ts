import { Hangup, Malformed } from '#sensor/endings.ts'
import type { Open, Seal } from './ciphers.ts'
import { type Manners, openssh } from './manners.ts'

// Every real client stays within what RFC 4253 §6.1 asks for. More is taken, as sshd takes it, but not from everybody at
// once: a thousand unfinished packets of 256 KiB would fill a small machine.
const usualPacket = 35_000
const mostLarge = 32
let large = 0

/**
 * A whole packet around a payload (RFC 4253 §6). OpenSSH pads with zeros before there are keys, with random bytes
 * after, and never more than it must.
 */
export function frame(payload: Buffer, seal: Seal, padding: (bytes: number) => Buffer | undefined): Buffer {
  const block = seal.blockBytes
  const counted = payload.length + (seal.lengthApart ? 1 : 5)
  let pad = block - (counted % block)
  if (pad < 4) pad += block
  const packet = Buffer.alloc(5 + payload.length + pad)
  packet.writeUInt32BE(packet.length - 4)
  packet[4] = pad
  packet.set(payload, 5)
  const bytes = padding(pad)
  if (bytes) packet.set(bytes, 5 + payload.length)
  return packet
}

/** A packet that a real sshd answers with a DISCONNECT of this text before it closes. */
export class Disconnect extends Malformed {}

/** The payload of a packet after the `first` bytes that tell its length. */
export async function readPayload(
  first: Buffer,
  read: (n: number) => Promise<Buffer>,
  open: Open,
  sequence: number,
  { least, most, padding: leastPadding }: Manners['packet'] = openssh.packet,
): Promise<Buffer> {
  const length = open.length(sequence, first)
  if (length < least || length > most) throw new Malformed(`Packet length ${length}`)
  const beyond = open.lengthApart ? length : 4 + length - open.firstBytes
  if (beyond < 0 || beyond % open.blockBytes !== 0)
    throw new Malformed(`Packet length ${length} does not fit blocks of ${open.blockBytes}`)
  const left = beyond + open.tagBytes
  const rest = await (length > usualPacket ? readLarge(left, read) : read(left))
  const packet = open.open(sequence, first, rest)
  if (!packet) throw new Malformed('Corrupted MAC on input')
  const padding = packet[0]!
  if (padding < leastPadding) throw new Disconnect(`Corrupted padlen ${padding} on input.`)
  return packet.subarray(1, Math.max(1, packet.length - padding))
}

/** A payload whose first byte is a message number; anything else ends the connection, unless `any` will do. */
export function withType(payload: Buffer, any = false): Buffer {
  if (payload.length === 0) throw new Malformed('A packet without a payload')
  // 0 is no message, from 192 on numbers are local (RFC 4250 §4.1.1).
  const type = payload[0]!
  if (any) return payload
  if (type === 0 || type >= 192) throw new Disconnect(`Invalid ssh2 packet type: ${type}`)
  return payload
}

async function readLarge(bytes: number, read: (n: number) => Promise<Buffer>): Promise<Buffer> {
  if (large >= mostLarge) throw new Hangup('flooded')
  large++
  try {
    return await read(bytes)
  } finally {
    large--
  }
}
