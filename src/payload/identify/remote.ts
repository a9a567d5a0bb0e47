import {
  at,
  begins,
  certain,
  firstLine,
  guess,
  header,
  likely,
  magic,
  type Recogniser,
  type Sight,
  shown,
  within,
} from './kit.ts'

/** X.224 connection request in a TPKT (RFC 1006 §6, MS-RDPBCGR §2.2.1.1): RDP's, or ISO-TSAP's of Siemens S7 and others. */
function connectionRequest(bytes: Buffer): { rdp: boolean; detail: string } | 'more' | undefined {
  const fits =
    at(bytes, 0, 3) &&
    at(bytes, 1, 0) &&
    within(bytes, 2, 2, 7, 4096) &&
    at(bytes, 5, 0xe0) &&
    at(bytes, 6, 0) &&
    at(bytes, 7, 0)
  if (!fits) return undefined
  if (bytes.length < 11) return 'more'
  if (bytes[4]! < 6) return undefined
  const rest = bytes.toString('latin1', 11, bytes.readUInt16BE(2))
  const cookie = /^Cookie: (mstshash|msts)=([^\r\n]{0,64})/.exec(rest)
  if (cookie) return { rdp: true, detail: `${cookie[1]}=${shown(cookie[2]!)}` }
  // TPDU size, calling and called TSAP: parameters that RDP never sends.
  const tsap = /^[\xc0-\xc2]/.exec(rest)
  if (tsap) return { rdp: false, detail: tsapsOf(bytes.subarray(11)) }
  if (bytes.length < Math.min(bytes.readUInt16BE(2), 19)) return 'more'
  return {
    rdp: true,
    detail: /^\x01[\0-\x03]\x08\0/.test(rest.slice(-8)) ? 'negotiation request' : 'connection request',
  }
}

/** Called and calling TSAP: parameters 0xc2 and 0xc1. */
function tsapsOf(parameters: Buffer): string {
  const found: string[] = []
  for (let i = 0; i + 2 <= parameters.length && found.length < 2; i += 2 + parameters[i + 1]!)
    if (parameters[i] === 0xc1 || parameters[i] === 0xc2)
      found.push(
        `${parameters[i] === 0xc1 ? 'from' : 'to'} ${parameters.toString('hex', i + 2, i + 2 + Math.min(8, parameters[i + 1]!))}`,
      )
  return found.join(' ')
}

const tpkt =
  (rdp: boolean): Recogniser['see'] =>
  bytes => {
    const found = connectionRequest(bytes)
    if (found === 'more' || found === undefined) return found
    return found.rdp === rdp ? certain(found.detail) : undefined
  }

const socks4 = (bytes: Buffer): Sight => {
  // CONNECT or BIND, port, address, user up to a NUL; 4a names the host after 0.0.0.x
  if (!at(bytes, 0, 4) || !at(bytes, 1, 1, 2)) return undefined
  if (bytes.length < 9) return 'more'
  const end = bytes.indexOf(0, 8)
  if (end < 0) return bytes.length > 264 ? undefined : 'more'
  if (bytes.readUInt16BE(2) === 0) return undefined
  const named = bytes[4] === 0 && bytes[5] === 0 && bytes[6] === 0 && bytes[7] !== 0
  const host = named ? bytes.toString('latin1', end + 1, end + 256).split('\0')[0]! : bytes.subarray(4, 8).join('.')
  if (named && host === '') return 'more'
  return certain(`${named ? '4a' : '4'} to ${shown(host)}:${bytes.readUInt16BE(2)}`)
}
const socks5 = (bytes: Buffer): Sight => {
  // RFC 1928 §3: version, count, that many methods, and nothing else before the answer
  if (!at(bytes, 0, 5) || (bytes.length > 1 && (bytes[1]! === 0 || bytes[1]! > 16))) return undefined
  if (bytes.length < 2 + (bytes[1] ?? 1)) return 'more'
  const methods = [...bytes.subarray(2, 2 + bytes[1]!)]
  if (methods.some(method => method > 9 && method < 0x80)) return undefined
  const alone = bytes.length === 2 + bytes[1]! || bytes[2 + bytes[1]!] === 5 || bytes[2 + bytes[1]!] === 1
  return alone ? certain(`methods ${methods.join(' ')}`) : guess(`methods ${methods.join(' ')}`)
}

const x11 = (bytes: Buffer): Sight => {
  // X11 protocol, connection set-up: byte order, unused, 11.0, lengths of name and data
  const big = bytes[0] === 0x42
  if (!at(bytes, 0, 0x42, 0x6c) || !at(bytes, 1, 0)) return undefined
  const order = big ? 'be' : 'le'
  if (!within(bytes, 2, 2, 11, 11, order) || !within(bytes, 4, 2, 0, 1, order)) return undefined
  if (!within(bytes, 6, 2, 0, 256, order)) return undefined
  return bytes.length < 12 ? 'more' : certain(big ? 'big-endian' : 'little-endian')
}

const telnet = (bytes: Buffer): Sight => {
  // RFC 854: IAC and WILL, WONT, DO, DONT with an option, SB, or a lone command
  if (!at(bytes, 0, 0xff)) return undefined
  if (bytes.length < 2) return 'more'
  const verb = bytes[1]!
  if (verb >= 0xfb && verb <= 0xfe)
    return bytes.length < 3 ? 'more' : bytes[2]! < 50 || bytes[2]! >= 0x80 ? certain('negotiation') : undefined
  return verb === 0xfa ? certain('sub-negotiation') : verb >= 0xf1 && verb <= 0xf9 ? likely('command') : undefined
}

/** RFC 1282 §1, and rsh's port number before the names: NUL-ended strings. */
const rlogin = (bytes: Buffer): Sight => {
  const text = bytes.toString('latin1', 0, 128)
  if (/^\0[\x20-\x7e]{1,32}\0[\x20-\x7e]{1,32}\0[\w.+-]{1,32}\/\d{1,6}\0/.test(text)) return certain('rlogin')
  if (/^\d{0,5}\0[\x20-\x7e]{1,32}\0[\x20-\x7e]{1,32}\0[\x20-\x7e]{1,60}\0/.test(text)) return likely('rsh or rexec')
  return /^\d{0,5}(?:\0[\x20-\x7e]{0,60}){0,3}$/.test(text) && text !== '' && text.includes('\0') ? 'more' : undefined
}

const lpd = (bytes: Buffer): Sight => {
  // RFC 1179 §5: a command byte, a queue, an end of line
  if (bytes.length === 0 || bytes[0]! < 1 || bytes[0]! > 5) return undefined
  const found = firstLine(bytes.subarray(1), 256)
  if (!found || !/^[\w.@/-]*(?: [\w .@/-]*)?$/.test(found.line)) return undefined
  if (!found.whole) return 'more'
  const orders = ['print', 'receive job', 'short list', 'long list', 'remove']
  return found.line === '' ? guess(orders[bytes[0]! - 1]) : likely(`${orders[bytes[0]! - 1]} ${shown(found.line)}`)
}

/** What logs in to machines, sees their screens, or drives their printers. */
export const remote: readonly Recogniser[] = [
  {
    protocol: 'ssh',
    ports: [22, 2222],
    see: bytes => {
      // RFC 4253 §4.2
      const answer = begins(bytes, 'SSH-')
      return answer === 'yes'
        ? certain(shown(firstLine(bytes, 255)?.line ?? '', 80))
        : answer === 'more'
          ? 'more'
          : undefined
    },
  },
  { protocol: 'rdp', ports: [3389], see: tpkt(true) },
  { protocol: 'iso-tsap', service: 's7comm', ports: [102], see: tpkt(false) },
  { protocol: 'telnet', ports: [23, 2323], see: telnet },
  { protocol: 'socks4', service: 'socks', ports: [1080], see: socks4 },
  { protocol: 'socks5', service: 'socks', ports: [1080], see: socks5 },
  {
    protocol: 'vnc',
    ports: [5900, 5901],
    see: bytes =>
      /^RFB \d{3}\.\d{3}\n/.test(bytes.toString('latin1', 0, 12))
        ? certain(bytes.toString('latin1', 0, 11))
        : begins(bytes, 'RFB ') === 'more' || (begins(bytes, 'RFB ') === 'yes' && bytes.length < 12)
          ? 'more'
          : undefined,
  },
  { protocol: 'x11', ports: [6000, 6001], see: x11 },
  {
    // AOSP system/core/adb/protocol.txt: A_CNXN, version, maxdata, length, checksum, magic = ~command
    protocol: 'adb',
    ports: [5555],
    see: bytes => {
      const answer = magic(['CNXN', 'STLS', 'AUTH', 'OPEN'])(bytes)
      if (typeof answer !== 'object') return answer
      if (bytes.length < 24) return 'more'
      return bytes.readUInt32LE(0) === ~bytes.readUInt32LE(20) >>> 0
        ? certain(shown(bytes.toString('latin1', 24, 88).split('\0')[0]!))
        : undefined
    },
  },
  {
    // The helper's own protocol: four hex digits of length and a service
    protocol: 'adb-server',
    ports: [5037],
    see: bytes => {
      const text = bytes.toString('latin1', 0, 16)
      if (/^[0-9a-f]{4}host[:-]/i.test(text)) return certain('host service')
      return /^[0-9a-f]{1,4}(?:h|ho|hos|host)?$/i.test(text) ? 'more' : undefined
    },
  },
  {
    // MikroTik's API: words behind their lengths, the log-in first
    protocol: 'mikrotik-api',
    ports: [8728, 8729],
    see: magic('\x06/login', certain()),
  },
  {
    // MikroTik Winbox: a length, 6, and the list's or the session's name
    protocol: 'winbox',
    late: true,
    ports: [8291],
    see: bytes => {
      const text = bytes.toString('latin1', 0, 16)
      if (/^[\x10-\xff][\x01\x06](?:index|list|\0.?M2|M2)/s.test(text)) return certain()
      if (/^.[\x01\x02]\0.M2/s.test(text)) return certain('M2 message')
      // EC-SRP5 greeting: length, 6, user name, NUL, a key of 32 bytes and its parity
      if (
        bytes.length > 34 &&
        bytes[1] === 6 &&
        bytes[0] === bytes.length - 2 &&
        bytes.indexOf(0, 2) === bytes.length - 34
      )
        return likely('EC-SRP5')
      return undefined
    },
  },
  { protocol: 'radmin', ports: [4899], see: magic('\x01\0\0\0\x01\0\0\0\x08\x08') },
  { protocol: 'ica', ports: [1494], see: magic('\x7f\x7fICA\0') },
  { protocol: 'teamviewer', ports: [5938], see: magic('\x17\x24', likely()) },
  { protocol: 'nomachine', ports: [4000], see: magic('NXSH-') },
  { protocol: 'rlogin', ports: [512, 513, 514], see: rlogin },
  {
    // HP: PJL Technical Reference Manual, Universal Exit Language
    protocol: 'pjl',
    ports: [9100],
    see: magic(['\x1b%-12345X', '@PJL'], certain()),
  },
  { protocol: 'postscript', service: 'pjl', ports: [9100], see: magic('%!PS', certain()) },
  { protocol: 'lpd', ports: [515], see: lpd },
  {
    protocol: 'pptp',
    ports: [1723],
    see: header(
      8,
      bytes =>
        at(bytes, 0, 0) &&
        at(bytes, 2, 0) &&
        at(bytes, 3, 1) &&
        at(bytes, 4, 0x1a) &&
        at(bytes, 5, 0x2b) &&
        at(bytes, 6, 0x3c) &&
        at(bytes, 7, 0x4d),
      () => certain(),
    ),
  },
  {
    // P_CONTROL_HARD_RESET_CLIENT_V1, V2, V3 behind a 16-bit length
    protocol: 'openvpn',
    ports: [1194],
    see: header(
      16,
      bytes =>
        at(bytes, 0, 0) &&
        within(bytes, 0, 2, 14, 512) &&
        at(bytes, 2, 0x08, 0x38, 0x50) &&
        (bytes.length < 2 || bytes.length < 12 || bytes.length <= 2 + bytes.readUInt16BE(0)),
      bytes => (bytes.length === 2 + bytes.readUInt16BE(0) ? likely() : undefined),
    ),
  },
  {
    // IKE and ESP over TCP, RFC 8229 §4
    protocol: 'ike-tcp',
    ports: [500, 4500],
    see: magic('IKETCP', certain()),
  },
  {
    protocol: 'cisco-smart-install',
    ports: [4786],
    see: header(
      12,
      bytes =>
        at(bytes, 0, 0) &&
        at(bytes, 1, 0) &&
        at(bytes, 2, 0) &&
        at(bytes, 3, 1, 2) &&
        at(bytes, 4, 0) &&
        at(bytes, 7, 1) &&
        at(bytes, 8, 0) &&
        at(bytes, 11, 1, 2, 3, 4, 5, 6, 7, 8),
      bytes => (bytes.length >= 16 && bytes.readUInt32BE(4) === 1 ? likely() : undefined),
    ),
  },
]
