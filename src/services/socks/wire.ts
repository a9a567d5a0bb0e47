import { dotted, ipv6Of } from '#machine/internet/addresses.ts'
import type { Conn } from '#sensor/conn.ts'

export const Command = { Connect: 1, Bind: 2, UdpAssociate: 3 } as const
/** RFC 1928 §3. */
export const Method = { None: 0, Username: 2, Unacceptable: 0xff } as const
/** RFC 1928 §6. */
export const Reply = {
  Succeeded: 0,
  NotAllowed: 2,
  NetworkUnreachable: 3,
  HostUnreachable: 4,
  Refused: 5,
  TtlExpired: 6,
  AddressNotSupported: 8,
} as const
/** SOCKS4.protocol: 91 is the only refusal that Dante knows. */
export const Reply4 = { Granted: 90, Rejected: 91 } as const
const Kind = { V4: 1, Name: 3, V6: 4 } as const

/** Where somebody wants to go: `host` as text (Latin-1), and the same in the request's own bytes for an answer. */
export type Target = { host: string; port: number; address: Buffer }

/** The methods that a client offers; version byte read already. */
export async function readMethods(conn: Conn): Promise<Buffer> {
  const [count = 0] = await conn.read(1)
  return conn.read(count)
}

/** RFC 1929 §2; `undefined` for any other version of it. Latin-1. */
export async function readLogIn(conn: Conn): Promise<{ user: string; password: string } | undefined> {
  const [version] = await conn.read(1)
  if (version !== 1) return undefined
  const field = async () => {
    const [length = 0] = await conn.read(1)
    return (await conn.read(length)).toString('latin1')
  }
  return { user: await field(), password: await field() }
}

/** The address of a request (RFC 1928 §5); `undefined` for a kind that there is none of. */
export async function readTarget(conn: Conn): Promise<Target | undefined> {
  const kind = await conn.read(1)
  const [number] = kind
  if (number !== Kind.V4 && number !== Kind.Name && number !== Kind.V6) return undefined
  const length = number === Kind.Name ? await conn.read(1) : Buffer.alloc(0)
  const address = await conn.read(number === Kind.V4 ? 4 : number === Kind.V6 ? 16 : length[0]!)
  const port = (await conn.read(2)).readUInt16BE()
  const host =
    number === Kind.V4 ? [...address].join('.') : number === Kind.V6 ? shownV6(address) : address.toString('latin1')
  return { host, port, address: Buffer.concat([kind, length, address]) }
}

const shownV6 = (address: Buffer): string => {
  const groups = Array.from({ length: 8 }, (_, i) => address.readUInt16BE(2 * i).toString(16))
  return ipv6Of(groups.join(':')) ?? groups.join(':')
}

/** Bytes of a user's or a host's name that SOCKS 4 may bring. */
const NAME = 255

/** SOCKS 4 after its version and command: port, address, user, and 4a's name where the address is 0.0.0.x. */
export async function readVersion4(
  conn: Conn,
  named: boolean,
): Promise<{ target: Target; user: string; version4a: boolean }> {
  const port = (await conn.read(2)).readUInt16BE()
  const ip = Buffer.from(await conn.read(4))
  const text = async () => (await conn.readUntil('\0', NAME)).toString('latin1').slice(0, -1)
  const user = await text()
  const version4a = ip.readUInt32BE() > 0 && ip.readUInt32BE() < 256
  const host = version4a && named ? await text() : dotted(ip.readUInt32BE())
  return { target: { host, port, address: Buffer.from([Kind.V4, ...ip]) }, user, version4a }
}

const port = (number: number): Buffer => Buffer.of(number >> 8, number & 255)

export const reply5 = (code: number, address: Buffer, at: number): Buffer =>
  Buffer.concat([Buffer.of(5, code, 0), address, port(at)])
/** The null version, and the fields in SOCKS 4's order. */
export const reply4 = (code: number, address: Buffer, at: number): Buffer =>
  Buffer.concat([Buffer.of(0, code), port(at), address.subarray(1, 5)])

/** An IPv4 address of ours as an answer has it; whoever reached us by IPv6 alone is told none. */
export const boundTo = (ip: string): Buffer => {
  const parts = ip.split('.').map(Number)
  return Buffer.from([Kind.V4, ...(parts.length === 4 ? parts : [0, 0, 0, 0])])
}
