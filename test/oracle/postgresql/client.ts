import { createHash, createHmac, pbkdf2Sync } from 'node:crypto'
import type { Duplex } from 'node:stream'
import type { Exchange } from '../kit/dialogue.ts'

/**
 * A client whose bytes are the same but for what the server's salt makes of its password. A step is text:
 *   `login USER PASSWORD [DATABASE]`  start-up and SCRAM-SHA-256; what is heard is everything from the request on
 *   `query SQL`                       a simple query
 *   `parse SQL`, `bind A|B`, `describe`, `execute`, `sync`   the extended protocol, all unnamed
 *   `raw hex`                         bytes as they are
 */
const NONCE = 'b3JhY2xlLWNsaWVudC1ub25jZQ'

const i16 = (n: number) => Buffer.from([n >> 8, n & 255])
const i32 = (n: number) => {
  const out = Buffer.alloc(4)
  out.writeInt32BE(n)
  return out
}
const text = (words: string) => Buffer.from(`${words}\0`, 'latin1')
const message = (kind: string, ...parts: Buffer[]) => {
  const body = Buffer.concat(parts)
  return Buffer.concat([Buffer.from(kind), i32(body.length + 4), body])
}

function startUp(user: string, database: string): Buffer {
  const body = Buffer.concat([i32(196_608), text('user'), text(user), text('database'), text(database), Buffer.of(0)])
  return Buffer.concat([i32(body.length + 4), body])
}
const hmac = (key: Buffer, words: string) => createHmac('sha256', key).update(words).digest()

/** The client's last message for this challenge (RFC 5802 §3). */
function proof(challenge: string, password: string): Buffer {
  const [, nonce = '', salt = '', count = ''] = /^r=(.*),s=(.*),i=(\d+)$/.exec(challenge) ?? []
  const salted = pbkdf2Sync(password, Buffer.from(salt, 'base64'), Number(count), 32, 'sha256')
  const key = hmac(salted, 'Client Key')
  const without = `c=biws,r=${nonce}`
  const signature = hmac(createHash('sha256').update(key).digest(), `n=,r=${NONCE},${challenge},${without}`)
  return message(
    'p',
    Buffer.from(`${without},p=${Buffer.from(key.map((byte, i) => byte ^ signature[i]!)).toString('base64')}`),
  )
}

function bytesOf(step: string): Buffer {
  const [verb = ''] = step.split(' ')
  const rest = step.slice(verb.length + 1)
  switch (verb) {
    case 'raw':
      return Buffer.from(rest, 'hex')
    case 'query':
      return message('Q', text(rest))
    case 'parse':
      return message('P', Buffer.of(0), text(rest), i16(0))
    case 'bind': {
      const values = rest === '' ? [] : rest.split('|').map(value => Buffer.from(value, 'latin1'))
      return message(
        'B',
        Buffer.of(0, 0),
        i16(0),
        i16(values.length),
        ...values.flatMap(value => [i32(value.length), value]),
        i16(0),
      )
    }
    case 'describe':
      return message('D', Buffer.from('P'), Buffer.of(0))
    case 'execute':
      return message('E', Buffer.of(0), i32(0))
    case 'flush':
      return message('H')
    default:
      return message('S')
  }
}

/** Plays the client's part as the kit's `converse` does. */
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
  const settle = async () => {
    for (let before = -1, looks = 0; (before !== heard.length || (heard === '' && looks < 4)) && !closed; looks++) {
      before = heard.length
      await quiet()
    }
  }
  for (const step of steps) {
    if (closed) break
    if (step.startsWith('login ')) {
      const [, user = '', password = '', database = 'postgres'] = step.split(' ')
      wire.write(startUp(user, database))
      await settle()
      if (heard.startsWith('R')) {
        const initial = Buffer.from(`n,,n=,r=${NONCE}`)
        wire.write(message('p', text('SCRAM-SHA-256'), i32(initial.length), initial))
        const from = heard.length
        await settle()
        wire.write(proof(heard.slice(from + 9), password))
        // Deriving the keys takes its time.
        for (let i = 0; i < 8; i++) await quiet()
      }
    } else wire.write(bytesOf(step))
    await settle()
    exchanges.push({ sent: step, heard, ...(closed ? { closed: true as const } : {}) })
    heard = ''
  }
  wire.destroy()
  return exchanges
}

/** Puts out of sight what differs from one moment to the next: salts, signatures, process numbers. */
export function mask(heard: string, sent: string): string {
  // Numbers of tables: what else was made before.
  if (!sent.startsWith('login')) return heard.replace(/\0\0\0@[\s\S]/g, '\0\0\0@.')
  return heard
    .replace(/r=[^,]*,s=[^,]*,i=/, 'r=.,s=.,i=')
    .replace(/v=[A-Za-z0-9+/=]{44}/, 'v=.')
    .replace(/K\0\0\0\x0c[\s\S]{8}/, 'K.')
}
