import { text } from '#events/text.ts'
import type { Conn } from '#sensor/conn.ts'
import type { TcpContext } from '#sensor/service.ts'
import { forgiven, turnedAway } from './blacklist.ts'
import { isGood } from './login.ts'
import type { Options } from './options.ts'

type Cx = TcpContext<Options>

/** RFC 6143 §7.1.2, and VeNCrypt's own numbers. */
const Security = { None: 1, VncAuth: 2, VeNCrypt: 19 } as const
const TLSVnc = 258
/** Seconds before a wrong password is told of. */
const DELAY = 0.1

const u32 = (value: number): Buffer => {
  const bytes = Buffer.alloc(4)
  bytes.writeUInt32BE(value)
  return bytes
}
const reason = (words: string): Buffer => Buffer.concat([u32(words.length), Buffer.from(words, 'latin1')])

/** From the first byte to the security result (RFC 6143 §7.1); true for whom it lets in. TigerVNC 1.12, recorded. */
export async function handshake(conn: Conn, cx: Cx): Promise<boolean> {
  if (turnedAway(cx)) {
    await conn.write(Buffer.concat([Buffer.from('RFB 003.003\n'), u32(0), reason('Too many security failures')]))
    return false
  }
  await conn.write('RFB 003.008\n')
  const minor = await readVersion(conn, cx)
  if (minor === undefined) return false
  const open = cx.options.security === 'none'
  const offered = open ? [Security.None] : [Security.VeNCrypt, Security.VncAuth]
  let chosen: number
  if (minor === 3) {
    // The server decides.
    chosen = open ? Security.None : Security.VncAuth
    await conn.write(u32(chosen))
  } else {
    await conn.write(Buffer.of(offered.length, ...offered))
    chosen = (await conn.read(1))[0]!
    if (!offered.some(type => type === chosen)) {
      // RealVNC 4.1.1 let in whoever chose not to be asked.
      if (chosen === Security.None)
        cx.record.exploit({
          id: 'CVE-2006-2369',
          name: 'RealVNC authentication bypass',
          evidence: 'Security type 1 (None) was chosen and not offered',
        })
      return false
    }
  }
  const good = await prove(conn, cx, chosen)
  if (good === true) {
    forgiven(cx)
    if (chosen !== Security.None || minor >= 8) await conn.write(u32(0))
    return true
  }
  await cx.pause(DELAY)
  await conn.write(minor >= 8 ? Buffer.concat([u32(1), reason(good)]) : u32(1))
  return false
}

/** The client's version, as its minor number counts: 3, 7 or 8. */
async function readVersion(conn: Conn, cx: Cx): Promise<number | undefined> {
  const line = (await conn.read(12)).toString('latin1')
  // As sscanf reads `RFB %03d.%03d\n`: blanks and a sign before digits will do.
  const [, major, minor] = /^RFB\s*([ +-]?\d{1,3})\.\s*([+-]?\d{1,3})/.exec(line) ?? []
  if (minor === undefined) {
    cx.record.malformed({ why: 'Not a version of RFB', bytes: text(Buffer.from(line, 'latin1'), 64) })
    return undefined
  }
  const version = [Number(major), Number(minor)] as const
  if (version[0] !== 3) {
    const words = `Client needs protocol version ${version[0]}.${version[1]}, server has 3.8`
    await conn.write(Buffer.concat([Buffer.of(0), reason(words)]))
    return undefined
  }
  return version[1] >= 8 ? 8 : version[1] === 7 ? 7 : 3
}

/** True for a good password, the reason for a bad one. */
async function prove(conn: Conn, cx: Cx, type: number): Promise<true | string> {
  if (type === Security.None) {
    cx.record.login({ method: 'none', outcome: 'success' })
    return true
  }
  if (type === Security.VncAuth) return vncAuth(conn, cx)
  // VeNCrypt: version 0.2 is all that is spoken.
  await conn.write(Buffer.of(0, 2))
  const version = await conn.read(2)
  const number = version.readUInt16BE()
  if (number !== 2) {
    await conn.write(Buffer.of(255))
    return number < 2
      ? "Authentication failure: The client cannot support the server's VeNCrypt version"
      : 'Authentication failure: The client returned an unsupported VeNCrypt version'
  }
  await conn.write(Buffer.concat([Buffer.of(0, 2), u32(Security.VncAuth), u32(TLSVnc)]))
  const subtype = (await conn.read(4)).readUInt32BE()
  if (subtype === Security.VncAuth) return vncAuth(conn, cx)
  if (subtype !== TLSVnc) return 'Authentication failure: No valid VeNCrypt sub-type'
  await conn.write(Buffer.of(1))
  await cx.startTls()
  return vncAuth(conn, cx)
}

async function vncAuth(conn: Conn, cx: Cx): Promise<true | string> {
  const challenge = cx.random(16)
  await conn.write(challenge)
  return isGood(cx, challenge, await conn.read(16)) || 'Authentication failure'
}
