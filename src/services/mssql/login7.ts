import { Malformed } from '#sensor/endings.ts'

/** What a client tells of itself with its credentials; texts as they stood there. */
export type Login = {
  version: number
  packet: number
  host: string
  user: string
  password: string
  app: string
  server: string
  library: string
  language: string
  database: string
  /** The client's network card, as it says. */
  address: string
  pid: number
  attach: string
  change: string
  /** The first message of the security package, where Windows' log-in is wanted. */
  sspi: Buffer
  /** Identifiers of the features that it asks for (LOGIN7 FEATUREEXT), with their data. */
  features: readonly (readonly [number, Buffer])[]
}

/** Fixed part of LOGIN7; the older of 7.0 and 7.1 end before the change of a password. */
const FIXED = 86
const WITH_CHANGE = 94
const FEATURES = 32

/** MS-TDS 2.2.6.4. */
export function parseLogin7(data: Buffer): Login {
  if (data.length < FIXED) throw new Malformed('A LOGIN7 that is cut off')
  const length = data.readUInt32LE(0)
  if (length > data.length) throw new Malformed('A LOGIN7 that is longer than its message')
  const bytesAt = (offset: number, count: number): Buffer => {
    if (count === 0) return Buffer.alloc(0)
    if (offset + count > data.length) throw new Malformed('A field leads out of LOGIN7')
    return data.subarray(offset, offset + count)
  }
  const field = (at: number): Buffer => bytesAt(data.readUInt16LE(at), data.readUInt16LE(at + 2) * 2)
  const text = (at: number): string => field(at).toString('utf16le')
  const long = data.length >= WITH_CHANGE && firstOffset(data) >= WITH_CHANGE
  const short = data.readUInt16LE(80)
  const sspiLength = short === 0xffff && long ? data.readUInt32LE(90) : short
  return {
    version: data.readUInt32LE(4),
    packet: data.readUInt32LE(8),
    pid: data.readUInt32LE(16),
    host: text(36),
    user: text(40),
    password: revealed(field(44)).toString('utf16le'),
    app: text(48),
    server: text(52),
    library: text(60),
    language: text(64),
    database: text(68),
    address: data
      .subarray(72, 78)
      .toString('hex')
      .replace(/(..)(?=.)/g, '$1-'),
    sspi: bytesAt(data.readUInt16LE(78), sspiLength),
    attach: text(82),
    change: long ? revealed(field(86)).toString('utf16le') : '',
    features: data[27]! & 0x10 ? featuresAt(data, field4(data)) : [],
  }
}
const firstOffset = (data: Buffer): number =>
  Math.min(...[36, 40, 44, 48, 52, 60, 64, 68].map(at => data.readUInt16LE(at)).filter(offset => offset > 0), 0xffff)
/** The extension's field leads to another offset. */
function field4(data: Buffer): number {
  const at = data.readUInt16LE(56)
  if (at + 4 > data.length) throw new Malformed('The extension leads out of LOGIN7')
  return data.readUInt32LE(at)
}
function featuresAt(data: Buffer, from: number): (readonly [number, Buffer])[] {
  const found: (readonly [number, Buffer])[] = []
  for (let at = from; ; ) {
    const id = data[at]
    if (id === undefined) throw new Malformed('Features without an end')
    if (id === 0xff) return found
    if (at + 5 > data.length || found.length >= FEATURES) throw new Malformed('Features that are cut off')
    const length = data.readUInt32LE(at + 1)
    if (at + 5 + length > data.length) throw new Malformed('A feature that is cut off')
    found.push([id, data.subarray(at + 5, at + 5 + length)])
    at += 5 + length
  }
}

/** Passwords are hidden from the casual eye: each byte's halves changed, then 0xA5. */
export const revealed = (hidden: Buffer): Buffer =>
  Buffer.from(hidden.map(byte => (((byte ^ 0xa5) << 4) | ((byte ^ 0xa5) >> 4)) & 255))

/**
 * The log-in of TDS 4.2 and 5.0, which brute-force programs still send: names in fields of 30 bytes with their length behind
 * them, nothing hidden. FreeTDS, "TDS 4.x/5.0 login packet".
 */
export function parseOldLogin(data: Buffer): Login {
  if (data.length < 400) throw new Malformed('A log-in of TDS 4.2 that is cut off')
  const field = (at: number, room = 30): string =>
    data.toString('latin1', at, at + Math.min(room, data[at + room] ?? 0)).split('\0')[0]!
  const at = 458
  return {
    version: data.length >= at + 4 ? data.readUInt32BE(at) || 0x04020000 : 0x04020000,
    packet: 512,
    host: field(0),
    user: field(31),
    password: field(62),
    app: field(140),
    server: field(171),
    library: data.length >= 473 ? field(462, 10) : '',
    language: '',
    database: '',
    address: '',
    pid: 0,
    attach: '',
    change: '',
    sspi: Buffer.alloc(0),
    features: [],
  }
}
