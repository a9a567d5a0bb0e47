import { text } from '#events/text.ts'
import type { Conn } from '#sensor/conn.ts'
import type { TcpContext } from '#sensor/service.ts'
import type { Options } from './options.ts'
import { type Order, Out } from './wire.ts'

/** Numbers that Xvfb gives at its start. */
export const ROOT = 0x50d
export const COLORMAP = 0x20
export const VISUAL = 0x21
/** Where a client's own numbers begin. */
export const BASE = 0x200000
export const MASK = 0x1fffff
const VENDOR = 'The X.Org Foundation'

const refused = 'Authorization required, but no authorization protocol specified\n'
const unknown = 'Authorization protocol not supported by server\n'
const wrong = 'Invalid MIT-MAGIC-COOKIE-1 key'

/** Connection setup (X11 §8); the byte order for whom it lets in. */
export async function setUp(conn: Conn, cx: TcpContext<Options>): Promise<Order | undefined> {
  const first = (await conn.read(1))[0]
  if (first !== 0x6c && first !== 0x42) return undefined
  const order: Order = first === 0x6c ? 'l' : 'B'
  const head = await conn.read(11)
  const u16 = (at: number) => (order === 'l' ? head.readUInt16LE(at - 1) : head.readUInt16BE(at - 1))
  const padded = (length: number) => length + ((4 - (length % 4)) % 4)
  const name = (await conn.read(padded(u16(6)))).subarray(0, u16(6)).toString('latin1')
  const data = (await conn.read(padded(u16(8)))).subarray(0, u16(8))
  const why =
    u16(2) !== 11 || u16(4) !== 0
      ? 'Protocol version mismatch'
      : cx.options.control === 'open'
        ? undefined
        : refusal(name)
  if (why !== 'Protocol version mismatch')
    cx.record.login({
      method: name === '' ? 'none' : text(Buffer.from(name, 'latin1'), 64),
      ...(data.length === 0 ? {} : { hash: data.subarray(0, 256).toString('hex') }),
      outcome: why === undefined ? 'success' : 'failure',
    })
  await conn.write(why === undefined ? accepted(order, cx) : failed(order, why))
  return why === undefined ? order : undefined
}

const refusal = (name: string): string => (name === '' ? refused : name === 'MIT-MAGIC-COOKIE-1' ? wrong : unknown)

/** `Failed`: length of the reason, version, length in four bytes, the reason. */
function failed(order: Order, reason: string): Buffer {
  return new Out(order)
    .u8(0, reason.length)
    .u16(11, 0, Math.ceil(reason.length / 4))
    .text(reason)
    .pad().done
}

/** Versions of Debian's and Ubuntu's X servers as release numbers: 21.1.7 is 12101007. */
function releaseNumber({ persona }: TcpContext<Options>): number {
  const [major = 0, minor = 0, patch = 0] = persona.software.xorg.version.split('.').map(Number)
  // From 21.1 on the number is ten million plus a hundred thousand a major version; 1.20.13 is 12013000.
  return major >= 21
    ? 10_000_000 + major * 100_000 + minor * 1000 + patch
    : major * 10_000_000 + minor * 100_000 + patch * 1000
}

const formats = [
  [1, 1],
  [4, 8],
  [8, 8],
  [16, 16],
  [24, 32],
  [32, 32],
] as const

const made = new Map<string, Buffer>()
/** `Success`: the server, its pixel formats, and one screen of 1024 by 768 with all the visuals that GLX makes of two. */
function accepted(order: Order, cx: TcpContext<Options>): Buffer {
  const release = releaseNumber(cx)
  const kept = made.get(`${order} ${release}`)
  if (kept) return kept
  const body = new Out(order)
    .u32(release, BASE, MASK, 256)
    .u16(VENDOR.length, 0xffff)
    .u8(1, formats.length, 0, 0, 32, 32, 8, 255)
    .zeros(4)
    .text(VENDOR)
  for (const [depth, bits] of formats) body.u8(depth, bits, 32).zeros(5)
  body.u32(ROOT, COLORMAP, 0xffffff, 0, 0).u16(1024, 768, 260, 195, 1, 1).u32(VISUAL).u8(1, 0, 24, 6)
  const visual = (id: number, kind: number) => body.u32(id).u8(kind, 8).u16(256).u32(0xff0000, 0xff00, 0xff).zeros(4)
  body.u8(24, 0).u16(360).zeros(4)
  visual(VISUAL, 4)
  visual(0x22, 5)
  for (let i = 0; i < 358; i++) visual(0x389 + i, i < 179 ? 4 : 5)
  for (const depth of [1, 4, 8, 16]) body.u8(depth, 0).u16(0).zeros(4)
  body.u8(32, 0).u16(30).zeros(4)
  visual(0x40, 4)
  for (let i = 0; i < 29; i++) visual(0x4ef + i, 4)
  const whole = new Out(order)
    .u8(1, 0)
    .u16(11, 0, body.length / 4)
    .bytes(body.done).done
  made.set(`${order} ${release}`, whole)
  return whole
}
