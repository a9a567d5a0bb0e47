import { createHash } from 'node:crypto'
import { Cursor } from './cursor.ts'
import { Malformed } from './malformed.ts'

/** A ClientHello as its sender wrote it, and the two fingerprints the field exchanges. */
export type ClientHello = {
  serverName?: string
  alpn: string[]
  /** The highest version offered: `1.3`, `1.2`, … */
  version: string
  /** MD5 of `ja3String` (Salesforce, 2017). */
  ja3: string
  ja3String: string
  /** JA4 (FoxIO): `t13d1516h2_8daaf6152771_b186095e22b6`. */
  ja4: string
}

const versions = new Map([
  [0x0304, '1.3'],
  [0x0303, '1.2'],
  [0x0302, '1.1'],
  [0x0301, '1.0'],
  [0x0300, 'SSL 3.0'],
])
const Extension = {
  ServerName: 0,
  Groups: 10,
  PointFormats: 11,
  SignatureAlgorithms: 13,
  Alpn: 16,
  Versions: 43,
} as const

/** RFC 8701: values a client sprinkles in to keep servers tolerant; fingerprints leave them out. */
const isGrease = (value: number) => (value & 0x0f0f) === 0x0a0a && value >> 8 === (value & 0xff)

/** A ClientHello of one record, or of a few where it was split on purpose. */
const MOST_RECORDS = 64

/**
 * How many bytes of the stream hold the whole ClientHello, as far as `bytes` tells; `undefined` when it is no TLS record
 * (RFC 8446 §5.1). Handshake messages may be split over several records.
 */
export function helloLength(bytes: Buffer): number | undefined {
  let at = 0
  let message = 0
  let expected = 4
  for (let records = 0; message < expected; records++) {
    // Each look begins anew: a hello in thousands of tiny records would cost seconds.
    if (records > MOST_RECORDS) return undefined
    if (bytes.length < at + 5) {
      return at === 0 && bytes.length > 0 && bytes[0] !== 0x16 ? undefined : at + 5
    }
    const length = bytes.readUInt16BE(at + 3)
    if (bytes[at] !== 0x16 || bytes[at + 1] !== 3 || length === 0 || length > 0x4000) return undefined
    if (message === 0) {
      if (length < 4 || bytes.length < at + 9) return at + 5 + Math.max(length, 4)
      if (bytes[at + 5] !== 1) return undefined
      expected = 4 + bytes.readUIntBE(at + 6, 3)
    }
    message += length
    at += 5 + length
  }
  return at
}

/** Throws `Malformed`. `bytes` are the records that `helloLength` measured. */
export function parseClientHello(bytes: Buffer): ClientHello {
  const body = new Cursor(handshakeBody(bytes))
  const legacyVersion = body.u16be()
  body.bytes(32)
  body.lp8()
  const ciphers = u16List(body.lp16())
  body.lp8()
  const extensions = body.left > 0 ? readExtensions(body.lp16()) : []
  const find = (type: number) => extensions.find(e => e.type === type)?.data

  const groups = u16List(new Cursor(find(Extension.Groups) ?? Buffer.of(0, 0)).lp16())
  const points = [...new Cursor(find(Extension.PointFormats) ?? Buffer.of(0)).lp8()]
  const signatures = u16List(new Cursor(find(Extension.SignatureAlgorithms) ?? Buffer.of(0, 0)).lp16())
  const offered = u16List(new Cursor(find(Extension.Versions) ?? Buffer.of(0)).lp8()).filter(v => !isGrease(v))
  const version = offered.length ? Math.max(...offered) : legacyVersion
  const alpn = readAlpn(find(Extension.Alpn))
  const serverName = readServerName(find(Extension.ServerName))
  const real = (values: number[]) => values.filter(value => !isGrease(value))
  const types = real(extensions.map(e => e.type))

  const ja3String = [[legacyVersion], real(ciphers), types, real(groups), points].map(list => list.join('-')).join(',')
  return {
    ...(serverName === undefined ? {} : { serverName }),
    alpn,
    version: versions.get(version) ?? `0x${version.toString(16)}`,
    ja3: createHash('md5').update(ja3String).digest('hex'),
    ja3String,
    ja4: ja4(version, serverName !== undefined, real(ciphers), types, alpn[0], real(signatures)),
  }
}

function handshakeBody(bytes: Buffer): Buffer {
  const records: Buffer[] = []
  for (const stream = new Cursor(bytes); stream.left > 0; ) {
    stream.bytes(3)
    records.push(stream.lp16())
  }
  const message = new Cursor(records.length === 1 ? records[0]! : Buffer.concat(records))
  if (message.u8() !== 1) throw new Malformed('Not a ClientHello')
  return message.lp24()
}

function readExtensions(block: Buffer): { type: number; data: Buffer }[] {
  const found = []
  for (const c = new Cursor(block); c.left > 0; ) found.push({ type: c.u16be(), data: c.lp16() })
  return found
}

function u16List(block: Buffer): number[] {
  if (block.length % 2) throw new Malformed(`Odd length ${block.length} of a list of 16-bit values`)
  return Array.from({ length: block.length / 2 }, (_, i) => block.readUInt16BE(2 * i))
}

function readAlpn(data: Buffer | undefined): string[] {
  if (!data) return []
  const names = []
  for (const c = new Cursor(new Cursor(data).lp16()); c.left > 0; ) names.push(c.lp8().toString('latin1'))
  return names.slice(0, 16)
}

function readServerName(data: Buffer | undefined): string | undefined {
  if (!data?.length) return undefined
  for (const c = new Cursor(new Cursor(data).lp16()); c.left > 0; ) {
    const type = c.u8()
    const name = c.lp16()
    if (type === 0) return name.toString('latin1').slice(0, 255)
  }
  return undefined
}

const hex4 = (value: number) => value.toString(16).padStart(4, '0')
const sha12 = (list: string) => (list ? createHash('sha256').update(list).digest('hex').slice(0, 12) : '000000000000')
const two = (n: number) => String(Math.min(n, 99)).padStart(2, '0')

function ja4(
  version: number,
  named: boolean,
  ciphers: number[],
  extensions: number[],
  alpn: string | undefined,
  signatures: number[],
): string {
  const short =
    new Map([
      [0x0304, '13'],
      [0x0303, '12'],
      [0x0302, '11'],
      [0x0301, '10'],
      [0x0300, 's3'],
    ]).get(version) ?? '00'
  const sortedCiphers = ciphers.map(hex4).sort().join(',')
  const sortedExtensions = extensions
    .filter(type => type !== Extension.ServerName && type !== Extension.Alpn)
    .map(hex4)
    .sort()
    .join(',')
  const signed = signatures.length ? `${sortedExtensions}_${signatures.map(hex4).join(',')}` : sortedExtensions
  const a = `t${short}${named ? 'd' : 'i'}${two(ciphers.length)}${two(extensions.length)}${alpnMark(alpn)}`
  return `${a}_${sha12(sortedCiphers)}_${sha12(signed)}`
}

function alpnMark(name: string | undefined): string {
  if (!name) return '00'
  const ends = name[0]! + name.at(-1)!
  if (/^[0-9A-Za-z]{2}$/.test(ends)) return ends
  const bytes = Buffer.from(name, 'latin1').toString('hex')
  return bytes[0]! + bytes.at(-1)!
}
