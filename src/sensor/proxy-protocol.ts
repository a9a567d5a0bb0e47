import { Cursor } from '#codec/cursor.ts'
import { plainAddress } from './address.ts'
import type { Conn } from './conn.ts'
import { Malformed } from './endings.ts'

export { plainAddress } from './address.ts'

type Address = { ip: string; port: number }
/** Who really connected, told by a front end; `undefined` for its own health checks (LOCAL, UNKNOWN). */
export type Proxied = { source: Address; destination: Address } | undefined

const signature = Buffer.from('\r\n\r\n\0\r\nQUIT\n', 'latin1')

/** HAProxy's PROXY protocol, versions 1 and 2 (proxy-protocol.txt, 2020). Only configured front ends get here. */
export async function readProxyHeader(conn: Conn): Promise<Proxied> {
  const start = await conn.peek(signature.length)
  return start.equals(signature) ? readBinary(conn) : readText(conn)
}

/** §2.1: `PROXY TCP4 192.0.2.1 198.51.100.1 56324 443\r\n`, at most 107 bytes. */
async function readText(conn: Conn): Promise<Proxied> {
  const line = (await conn.readLine(107)).toString('latin1')
  const [word, family, from, to, fromPort, toPort, ...more] = line.split(' ')
  if (word !== 'PROXY' || more.length) throw new Malformed('Expected a PROXY protocol header')
  if (family === 'UNKNOWN') return undefined
  if (family !== 'TCP4' && family !== 'TCP6') throw new Malformed(`Unknown PROXY family ${JSON.stringify(family)}`)
  return { source: address(from, fromPort), destination: address(to, toPort) }
}

function address(ip = '', port = ''): Address {
  const number = Number(port)
  if (!/^[0-9a-fA-F.:]{2,45}$/.test(ip) || !/^\d{1,5}$/.test(port) || number > 65535)
    throw new Malformed(`No address: ${JSON.stringify(`${ip} ${port}`)}`)
  return { ip: plainAddress(ip), port: number }
}

/** §2.2: signature, version and command, family, length, addresses; TLVs behind them are skipped. */
async function readBinary(conn: Conn): Promise<Proxied> {
  const head = new Cursor(await conn.read(signature.length + 4))
  head.bytes(signature.length)
  const command = head.u8()
  const family = head.u8() >> 4
  const length = head.u16be()
  if (command >> 4 !== 2) throw new Malformed(`PROXY protocol version ${command >> 4}`)
  if (length > 4096) throw new Malformed(`PROXY header of ${length} bytes`)
  const body = new Cursor(await conn.read(length))
  if ((command & 0xf) === 0 || (family !== 1 && family !== 2)) return undefined
  const ip = () => (family === 1 ? [...body.bytes(4)].join('.') : plainAddress(hexGroups(body.bytes(16))))
  const [from, to] = [ip(), ip()]
  return { source: { ip: from, port: body.u16be() }, destination: { ip: to, port: body.u16be() } }
}

const hexGroups = (bytes: Buffer) =>
  Array.from({ length: 8 }, (_, i) => bytes.readUInt16BE(2 * i).toString(16)).join(':')
