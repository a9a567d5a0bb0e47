import { at, certain, header, likely, type Recogniser, type Sight, within } from './kit.ts'

const smb = (bytes: Buffer): Sight => {
  // MS-SMB2 §2.1: a zero, a length of three bytes, then the protocol id
  if (!at(bytes, 0, 0) || !at(bytes, 1, 0, 1)) return undefined
  if (bytes.length < 8)
    return at(bytes, 4, 0xfe, 0xff, 0xfd, 0xfc) && at(bytes, 5, 0x53) && at(bytes, 6, 0x4d) && bytes.length > 1
      ? 'more'
      : undefined
  if (bytes.toString('latin1', 5, 8) !== 'SMB') return undefined
  const kind = bytes[4]!
  if (kind === 0xff) return certain(`SMB1${bytes[8] === 0x72 ? ' negotiate' : ''}`)
  return kind === 0xfe
    ? certain(`SMB2${bytes.length > 17 && bytes.readUInt16LE(16) === 0 ? ' negotiate' : ''}`)
    : kind === 0xfd || kind === 0xfc
      ? certain('SMB3 transform')
      : undefined
}

/** RFC 1002 §4.3.2: session request with two encoded names of 34 bytes. */
const netbios = header(
  72,
  bytes =>
    at(bytes, 0, 0x81) &&
    at(bytes, 1, 0) &&
    at(bytes, 2, 0) &&
    at(bytes, 3, 0x44) &&
    at(bytes, 4, 0x20) &&
    at(bytes, 38, 0x20),
  bytes => certain(`called ${decoded(bytes.subarray(5, 37))}, calling ${decoded(bytes.subarray(39, 71))}`),
)
/** Half-ASCII: each byte as two letters from A to P. */
const decoded = (name: Buffer): string => {
  let out = ''
  for (let i = 0; i + 1 < name.length; i += 2)
    out += String.fromCharCode((((name[i]! - 65) & 15) << 4) | ((name[i + 1]! - 65) & 15))
  return out.slice(0, 15).replace(/[^\x21-\x7e]/g, '')
}

/** BER: the tag's length, and where the value begins. */
function ber(bytes: Buffer, index: number): { length: number; start: number } | 'more' | undefined {
  const first = bytes[index]
  if (first === undefined) return 'more'
  if (first < 0x80) return { length: first, start: index + 1 }
  const size = first & 0x7f
  if (size === 0 || size > 4) return undefined
  if (bytes.length < index + 1 + size) return 'more'
  return { length: bytes.readUIntBE(index + 1, size), start: index + 1 + size }
}

const ldap = (bytes: Buffer): Sight => {
  // RFC 4511 §4.1.1: SEQUENCE { messageID INTEGER, protocolOp }
  if (!at(bytes, 0, 0x30)) return undefined
  const outer = ber(bytes, 1)
  if (outer === 'more' || outer === undefined) return outer
  if (outer.length < 5 || outer.length > 1 << 20) return undefined
  const id = outer.start
  if (!at(bytes, id, 2) || (bytes.length > id + 1 && (bytes[id + 1]! < 1 || bytes[id + 1]! > 4))) return undefined
  if (bytes.length < id + 2) return 'more'
  const op = id + 2 + bytes[id + 1]!
  if (bytes.length <= op) return 'more'
  const name = new Map([
    [0x60, 'bind'],
    [0x63, 'search'],
    [0x42, 'unbind'],
    [0x77, 'extended'],
    [0x66, 'modify'],
    [0x68, 'add'],
    [0x4a, 'delete'],
    [0x6e, 'compare'],
    [0x50, 'abandon'],
  ]).get(bytes[op]!)
  if (name === undefined) return undefined
  const text = bytes.toString('latin1', op, op + 300)
  return certain(name === 'extended' && text.includes('1.3.6.1.4.1.1466.20037') ? 'StartTLS' : name)
}

/** What Windows machines speak, and directories. */
export const windows: readonly Recogniser[] = [
  { protocol: 'smb', ports: [445, 139], see: smb },
  { protocol: 'netbios', service: 'smb', ports: [139], see: netbios },
  { protocol: 'ldap', ports: [389, 636, 3268], see: ldap },
  {
    // C706 §12.6.3.1: version 5.0, bind or request, flags, little-endian drep
    protocol: 'dcerpc',
    ports: [135, 593],
    see: header(
      16,
      bytes =>
        at(bytes, 0, 5) &&
        at(bytes, 1, 0) &&
        at(bytes, 2, 0, 11, 14, 16) &&
        at(bytes, 4, 0x10, 0) &&
        at(bytes, 5, 0) &&
        at(bytes, 6, 0) &&
        at(bytes, 7, 0),
      bytes => certain(bytes[2] === 11 ? 'bind' : bytes[2] === 14 ? 'alter context' : 'request'),
    ),
  },
  {
    // RFC 4120 §7.2.2: a length, then AS-REQ or TGS-REQ
    protocol: 'kerberos',
    ports: [88],
    see: header(
      5,
      bytes => at(bytes, 0, 0) && at(bytes, 1, 0) && within(bytes, 0, 4, 40, 65535) && at(bytes, 4, 0x6a, 0x6c),
      bytes => (bytes.length > 5 && bytes[5]! < 0x30 ? undefined : likely(bytes[4] === 0x6a ? 'AS-REQ' : 'TGS-REQ')),
    ),
  },
]
