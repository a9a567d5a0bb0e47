import { createHash } from 'node:crypto'
import type { Duplex } from 'node:stream'
import type { Exchange } from '../kit/dialogue.ts'

/**
 * A client whose bytes are always the same but for what the salt makes of its password. A step is text:
 *   `login USER PASSWORD [DATABASE]`   greets back; `-` is no password
 *   `login+multi …`                    and may send several statements at once
 *   `query SQL`, `COMMAND hex`         a command packet: 0x03 and the text; a number and bytes
 *   `raw hex`                          bytes without a packet around them
 */
const CAPABILITIES = 0x000f_a68d | (1 << 19)
const CONNECT_WITH_DB = 8
const MULTI = 1 << 16

const sha1 = (...parts: Buffer[]) => parts.reduce((hash, part) => hash.update(part), createHash('sha1')).digest()
const packet = (sequence: number, payload: Buffer): Buffer => {
  const head = Buffer.alloc(4)
  head.writeUIntLE(payload.length, 0, 3)
  head[3] = sequence
  return Buffer.concat([head, payload])
}

function response(step: string, greeting: Buffer): Buffer {
  const [verb = '', user = '', password = '-', database] = step.split(' ')
  const nul = greeting.indexOf(0, 5)
  const salt = Buffer.concat([greeting.subarray(nul + 5, nul + 13), greeting.subarray(nul + 32, nul + 44)])
  const once = sha1(Buffer.from(password))
  const mask = sha1(salt, sha1(once))
  const proof = password === '-' ? Buffer.alloc(0) : Buffer.from(once.map((byte, i) => byte ^ mask[i]!))
  const flags =
    (CAPABILITIES & ~CONNECT_WITH_DB & ~MULTI) | (database ? CONNECT_WITH_DB : 0) | (verb.includes('multi') ? MULTI : 0)
  const head = Buffer.alloc(32)
  head.writeUInt32LE(flags >>> 0, 0)
  head.writeUInt32LE(1 << 24, 4)
  head[8] = 45
  const text = (words: string) => Buffer.from(`${words}\0`, 'latin1')
  return Buffer.concat([
    head,
    text(user),
    Buffer.of(proof.length),
    proof,
    ...(database ? [text(database)] : []),
    text('mysql_native_password'),
  ])
}

function bytesOf(step: string, greeting: Buffer): Buffer {
  if (step.startsWith('login')) return packet(1, response(step, greeting))
  if (step.startsWith('raw ')) return Buffer.from(step.slice(4), 'hex')
  if (step.startsWith('query ')) return packet(0, Buffer.concat([Buffer.of(3), Buffer.from(step.slice(6), 'latin1')]))
  const [number = '', rest = ''] = step.split(' ')
  return packet(0, Buffer.concat([Buffer.of(Number(number)), Buffer.from(rest, 'hex')]))
}

/** Plays the client's part as the kit's `converse` does; the first exchange is the greeting. */
export async function converse(
  wire: Duplex,
  steps: readonly string[],
  quiet: () => Promise<void>,
): Promise<Exchange[]> {
  let heard = ''
  let closed = false
  wire.on('data', (chunk: Buffer) => (heard += chunk.toString('latin1')))
  for (const end of ['end', 'close', 'error']) wire.on(end, () => (closed = true))
  const exchanges: Exchange[] = []
  const listen = async (sent: string) => {
    for (let before = -1, looks = 0; (before !== heard.length || (heard === '' && looks < 4)) && !closed; looks++) {
      before = heard.length
      await quiet()
    }
    exchanges.push({ sent, heard, ...(closed ? { closed: true as const } : {}) })
    heard = ''
  }
  await listen('')
  const greeting = Buffer.from(exchanges[0]!.heard, 'latin1')
  for (const step of steps) {
    if (closed) break
    wire.write(bytesOf(step, greeting))
    await listen(step)
  }
  wire.destroy()
  return exchanges
}

/** Puts out of sight what differs from one moment to the next: thread numbers, salts. */
export function mask(heard: string, sent: string): string {
  if (sent === '' && heard.length > 60) {
    const nul = heard.indexOf('\0', 5)
    const hidden = (text: string, from: number, length: number) =>
      text.slice(0, from) + '.'.repeat(length) + text.slice(from + length)
    return hidden(hidden(heard, nul + 1, 12), nul + 32, 12)
  }
  return heard
}
