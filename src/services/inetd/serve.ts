import { text } from '#events/text.ts'
import { zoneOf } from '#machine/commands/text/zones.ts'
import type { Persona } from '#persona/persona.ts'
import type { Conn } from '#sensor/conn.ts'
import { Hangup } from '#sensor/endings.ts'
import type { Context, TcpContext } from '#sensor/service.ts'
import type { Options } from './options.ts'

type Cx = Context<Options>

/** RFC 862 to 868, as xinetd 2.3.15 has them built in. */
const names = new Map([
  [7, 'echo'],
  [9, 'discard'],
  [13, 'daytime'],
  [19, 'chargen'],
  [37, 'time'],
])

/** Whatever came, as a sample and in a line; nothing when nothing came. */
const SHOWN = 512
/** Bytes of characters that one connection is given: the real one never ends. */
const CHARACTERS = 2 << 20

export async function session(conn: Conn, cx: TcpContext<Options>): Promise<void> {
  const name = names.get(cx.port) ?? 'echo'
  cx.record.command({ line: name, verb: name })
  if (name === 'daytime') return conn.write(daytime(cx))
  if (name === 'time') return conn.write(time(cx))
  if (name === 'chargen') return generate(conn)
  return take(conn, cx, name === 'echo')
}

/** All that comes, back where it came from or into nothing. */
async function take(conn: Conn, cx: TcpContext<Options>, back: boolean): Promise<void> {
  const writer = cx.sample()
  let start = Buffer.alloc(0)
  try {
    for (;;) {
      const bytes = await conn.readSome()
      if (start.length < SHOWN) start = Buffer.concat([start, bytes.subarray(0, SHOWN - start.length)])
      await writer.write(bytes)
      if (back) await conn.write(bytes)
    }
  } catch (error) {
    if (!(error instanceof Hangup)) throw error
    if (start.length > 0) cx.record.payload({ start: text(start), sample: await writer.close() })
    else await writer.abort()
    if (error.reason !== 'eof') throw error
  }
}

const FIRST = 33
const ALPHABET = 93
const WIDTH = 72

/** Line `n`: 72 of the characters ! to }, each line begins with the next. */
function line(n: number): string {
  let out = ''
  for (let i = 0; i < WIDTH; i++) out += String.fromCharCode(FIRST + ((n + i) % ALPHABET))
  return `${out}\r\n`
}

async function generate(conn: Conn): Promise<void> {
  const block = (from: number) => Array.from({ length: ALPHABET }, (_, i) => line(from + i)).join('')
  const whole = block(0)
  for (let sent = 0; sent < CHARACTERS; sent += whole.length) await conn.write(whole)
}

/** xinetd's answer to one datagram is a buffer of this size. */
const CHARGEN_DATAGRAM = 1024

/** A datagram from another such service would be answered for ever. */
const chatty = new Set([7, 13, 17, 19, 37])

export function datagram(packet: Buffer, cx: Cx): Buffer | undefined {
  const name = names.get(cx.port) ?? 'echo'
  const shown = text(packet, SHOWN)
  cx.record.command({ line: shown === '' ? name : `${name} ${shown}`, verb: name })
  if (chatty.has(cx.source.port)) {
    cx.record.exploit({
      id: 'CVE-1999-0103',
      name: 'Two services told to answer each other for ever',
      evidence: `${name} asked from port ${cx.source.port}`,
    })
    return undefined
  }
  if (name === 'echo') return packet.length > 0 ? Buffer.from(packet) : undefined
  if (name === 'daytime') return Buffer.from(daytime(cx))
  if (name === 'time') return time(cx)
  if (name === 'chargen') return characters(cx)
  return undefined
}

/** The next of the characters, where the last datagram of this address ended. */
function characters(cx: Cx): Buffer {
  const ring = cx.attacker(() => ({ at: 0 }), 'inetd chargen')
  let out = ''
  for (; out.length < CHARGEN_DATAGRAM; ring.at = (ring.at + 1) % ALPHABET) out += line(ring.at)
  return Buffer.from(`${out.slice(0, CHARGEN_DATAGRAM - 2)}\r\n`)
}

const months = 'JAN FEB MAR APR MAY JUN JUL AUG SEP OCT NOV DEC'.split(' ')
const two = (n: number) => String(n).padStart(2, '0')

/** `22 NOV 2026 06:32:51 UTC`: xinetd's own form. */
function daytime({ persona, now }: Cx): string {
  const at = now() + persona.clockSkew
  const { offset, name } = zoneAt(persona, at)
  const local = new Date(at + offset * 1000)
  const day = `${two(local.getUTCDate())} ${months[local.getUTCMonth()]} ${local.getUTCFullYear()}`
  return `${day} ${[local.getUTCHours(), local.getUTCMinutes(), local.getUTCSeconds()].map(two).join(':')} ${name}\r\n`
}
const zoneAt = ({ timezone }: Persona, at: number) => zoneOf(timezone.name).at(Math.floor(at / 1000))

/** RFC 868: seconds since 1900, 32 bits. */
function time({ persona, now }: Cx): Buffer {
  const bytes = Buffer.alloc(4)
  bytes.writeUInt32BE((Math.floor((now() + persona.clockSkew) / 1000) + 2_208_988_800) % 2 ** 32)
  return bytes
}
