import {
  at,
  begins,
  certain,
  firstLine,
  guess,
  header,
  likely,
  line,
  magic,
  type Recogniser,
  type Sight,
  shown,
  verbs,
  within,
} from './kit.ts'

const dns = header(
  14,
  // RFC 1035 §4.2.2: a length, then id, flags of a query, one question
  bytes =>
    within(bytes, 0, 2, 17, 512) &&
    (bytes.length < 5 || (bytes[4]! & 0xf8) === 0 || (bytes[4]! & 0xf8) === 0x10) &&
    within(bytes, 6, 2, 1, 1) &&
    within(bytes, 8, 2, 0, 0) &&
    within(bytes, 10, 2, 0, 1),
  bytes => {
    const labels: string[] = []
    let i = 14
    for (; i < bytes.length && bytes[i] !== 0; i += 1 + bytes[i]!) {
      if (bytes[i]! > 63 || labels.length > 32) return undefined
      labels.push(shown(bytes.toString('latin1', i + 1, i + 1 + bytes[i]!)))
    }
    if (i + 5 > bytes.length) return bytes.length < bytes.readUInt16BE(0) + 2 ? 'more' : undefined
    const [type, kind] = [bytes.readUInt16BE(i + 1), bytes.readUInt16BE(i + 3)]
    return [1, 3, 254, 255].includes(kind)
      ? certain(`${labels.join('.') || '.'} type ${type}${kind === 3 ? ' CHAOS' : ''}`)
      : undefined
  },
)

/** ONC RPC over TCP, RFC 5531 §11: a last fragment, xid, CALL, version 2. */
const rpc = header(
  16,
  bytes => at(bytes, 0, 0x80) && at(bytes, 1, 0) && within(bytes, 8, 4, 0, 0) && within(bytes, 12, 4, 2, 2),
  bytes => {
    if (bytes.length < 20) return 'more'
    const program = bytes.readUInt32BE(16)
    return program >= 100000 && program < 700000 ? certain(`program ${program}`) : undefined
  },
)

const minecraft = (bytes: Buffer): Sight => {
  if (bytes[0] === 0xfe && (bytes.length === 1 || bytes[1] === 1))
    return bytes.length === 1 ? guess('ping before 1.4') : certain('ping before 1.7')
  // A length, packet 0, protocol version, host, port, next state 1 or 2
  const length = bytes[0] ?? 0
  if (length < 7 || length > 127 || !at(bytes, 1, 0)) return undefined
  let i = 2
  while (i < 7 && bytes[i]! >= 0x80) i++
  const host = bytes[i + 1]
  if (host === undefined) return 'more'
  if (i + 1 + host + 3 !== length || !at(bytes, length, 1, 2, 3)) return undefined
  if (bytes.length <= length) return 'more'
  return certain(
    `${bytes[length] === 1 ? 'status' : 'log-in'} ${shown(bytes.toString('latin1', i + 2, i + 2 + host).split('\0')[0]!)}`,
  )
}

/** Commands of a shell, sent to a port where one is hoped for. */
const shell = line(2048, command => {
  const hit =
    /^(?:\s{0,8}|.{0,40}[;&|] ?)(?:id|uname|whoami|cat \/|ls\b|cd \/|wget |curl |busybox|\/bin\/(?:sh|busybox)|sh$|sh -c|enable$|system$|echo |chmod |rm -|nproc|ifconfig|ps\b|export |tftp |shell$|linuxshell$|cmd(?:\.exe)?\b|powershell)/.test(
      command,
    )
  return hit ? guess(shown(command)) : undefined
})

/** Small protocols of the Internet, peers, games, and scanners' questions that belong to none. */
export const small: readonly Recogniser[] = [
  {
    protocol: 'rsync',
    ports: [873],
    see: bytes =>
      begins(bytes, '@RSYNCD:') === 'yes'
        ? certain(shown(firstLine(bytes, 40)?.line ?? ''))
        : begins(bytes, '@RSYNCD:') === 'more'
          ? 'more'
          : undefined,
  },
  {
    // gitprotocol-pack(5): pkt-line of a request
    protocol: 'git',
    ports: [9418],
    see: bytes => {
      const text = bytes.toString('latin1', 0, 200)
      const hit = /^[0-9a-f]{4}git-(upload-pack|receive-pack|upload-archive) ([^\0\n]{1,128})/i.exec(text)
      return hit
        ? certain(`${hit[1]} ${shown(hit[2]!)}`)
        : /^[0-9a-f]{1,4}(?:g(?:it?)?|git-[a-z-]*(?: \/?)?)?$/.test(text)
          ? 'more'
          : undefined
    },
  },
  { protocol: 'dns', ports: [53], see: dns },
  { protocol: 'rpc', ports: [111, 2049], see: rpc },
  { protocol: 'bittorrent', ports: [6881], see: magic('\x13BitTorrent protocol') },
  {
    protocol: 'edonkey',
    ports: [4662],
    see: header(
      6,
      bytes => at(bytes, 0, 0xe3, 0xc5, 0xd4) && within(bytes, 1, 4, 6, 300, 'le') && at(bytes, 5, 1),
      () => likely('hello'),
    ),
  },
  {
    // Network magics of mainnet, testnets, signet, Litecoin, Dogecoin, Bitcoin Cash; then the command's name
    protocol: 'bitcoin',
    ports: [8333, 18333],
    see: header(
      16,
      bytes =>
        [
          '\xf9\xbe\xb4\xd9',
          '\x0b\x11\x09\x07',
          '\x1c\x16\x3f\x28',
          '\xfa\xbf\xb5\xda',
          '\x0a\x03\xcf\x40',
          '\xfb\xc0\xb6\xdb',
          '\xc0\xc0\xc0\xc0',
          '\xe3\xe1\xf3\xe8',
        ].some(mark => begins(bytes, mark) !== 'no'),
      bytes =>
        /^[a-z]{2,12}\0*$/.test(bytes.toString('latin1', 4, 16))
          ? certain(bytes.toString('latin1', 4, 16).replaceAll('\0', ''))
          : undefined,
    ),
  },
  // Monero's levin: signature 0x0101010101012101
  { protocol: 'levin', ports: [18080], see: magic('\x01\x21\x01\x01\x01\x01\x01\x01', certain('Monero')) },
  {
    // tor-spec §4.1: VERSIONS cell with circuit 0, for those who leave TLS out
    protocol: 'tor',
    ports: [9001],
    see: header(
      7,
      bytes => at(bytes, 0, 0) && at(bytes, 1, 0) && at(bytes, 2, 7) && at(bytes, 3, 0) && within(bytes, 3, 2, 2, 16),
      bytes => (bytes.readUInt16BE(5) >= 2 && bytes.readUInt16BE(5) <= 5 ? likely('VERSIONS') : undefined),
    ),
  },
  { protocol: 'minecraft', ports: [25565], see: minecraft },
  { protocol: 'distcc', ports: [3632], see: magic(['DIST00000001', 'DIST00000002', 'DIST00000003']) },
  { protocol: 'cvs', ports: [2401], see: magic(['BEGIN AUTH REQUEST', 'BEGIN VERIFICATION REQUEST']) },
  { protocol: 'svn', ports: [3690], see: magic('( 2 ( ', certain()) },
  {
    protocol: 'ident',
    ports: [113],
    // RFC 1413 §3: a pair of ports
    see: line(40, (pair, whole) =>
      (whole ? /^ {0,4}\d{1,5} {0,4}, {0,4}\d{1,5} {0,4}$/ : /^ {0,4}\d{1,5} {0,4}(?:, {0,4}\d{0,5})?$/).test(pair)
        ? certain(pair)
        : undefined,
    ),
  },
  {
    protocol: 'finger',
    ports: [79],
    onlyAtHome: true,
    see: line(128, query => (/^(?:\/W? ?)?[\w.@-]{0,64}$/.test(query) ? guess(shown(query)) : undefined)),
  },
  {
    protocol: 'whois',
    ports: [43],
    onlyAtHome: true,
    see: line(256, query => (/^(?:-[a-zA-Z] )*[\w.:/-]{1,128}$/.test(query) ? guess(shown(query)) : undefined)),
  },
  // RFC 7143 §11.12: login request, immediate
  {
    protocol: 'iscsi',
    ports: [3260],
    see: header(
      48,
      bytes =>
        at(bytes, 0, 0x43) &&
        at(bytes, 1, 0x87, 0x81, 0, 0x04, 0x05) &&
        at(bytes, 2, 0) &&
        at(bytes, 3, 0) &&
        at(bytes, 4, 0),
      bytes => likely(/InitiatorName=([^\0]{1,80})/.exec(bytes.toString('latin1', 48, 400))?.[1]),
    ),
  },
  // Apple Filing Protocol: DSI request, OpenSession or GetStatus
  {
    protocol: 'afp',
    ports: [548],
    see: header(
      16,
      bytes =>
        at(bytes, 0, 0) &&
        at(bytes, 1, 3, 4) &&
        at(bytes, 2, 0) &&
        within(bytes, 4, 4, 0, 0) &&
        within(bytes, 12, 4, 0, 0),
      bytes => (bytes.readUInt32BE(8) < 64 ? likely(bytes[1] === 3 ? 'GetStatus' : 'OpenSession') : undefined),
    ),
  },
  {
    protocol: 'ndmp',
    ports: [10000],
    see: header(
      24,
      bytes => at(bytes, 0, 0x80) && within(bytes, 12, 4, 0, 0) && within(bytes, 16, 4, 0x900, 0x910),
      () => certain(),
    ),
  },
  // RFC 4271 §4.1: sixteen ones, length, OPEN
  {
    protocol: 'bgp',
    ports: [179],
    see: header(
      19,
      bytes => bytes.subarray(0, 16).every(byte => byte === 0xff) && at(bytes, 16, 0) && at(bytes, 18, 1, 2, 3, 4),
      bytes => certain(['OPEN', 'UPDATE', 'NOTIFICATION', 'KEEPALIVE'][bytes[18]! - 1]),
    ),
  },
  {
    protocol: 'diameter',
    ports: [3868],
    see: header(
      20,
      bytes => at(bytes, 0, 1) && at(bytes, 1, 0) && at(bytes, 4, 0x80, 0xc0) && at(bytes, 5, 0) && at(bytes, 6, 1),
      bytes => (bytes.readUIntBE(5, 3) === 257 ? certain('Capabilities-Exchange') : undefined),
    ),
  },
  {
    protocol: 'h323',
    ports: [1720],
    see: header(
      9,
      bytes => at(bytes, 0, 3) && at(bytes, 1, 0) && at(bytes, 4, 8) && at(bytes, 5, 2, 1),
      () => certain('Q.931'),
    ),
  },
  {
    protocol: 'skinny',
    ports: [2000],
    onlyAtHome: true,
    see: header(
      12,
      bytes =>
        within(bytes, 0, 4, 4, 512, 'le') &&
        within(bytes, 4, 4, 0, 0, 'le') &&
        within(bytes, 8, 4, 0, 0x50, 'le') &&
        at(bytes, 1, 0),
      bytes => guess(`message ${bytes.readUInt32LE(8)}`),
    ),
  },
  {
    protocol: 'asterisk-ami',
    late: true,
    ports: [5038],
    see: bytes =>
      /^Action: ?\w/i.test(bytes.toString('latin1', 0, 16))
        ? certain(shown(firstLine(bytes, 64)?.line ?? ''))
        : undefined,
  },
  {
    protocol: 'clamav',
    ports: [3310],
    see: magic(['zPING\0', 'zVERSION', 'nPING', 'zINSTREAM\0', 'nVERSION', 'SHUTDOWN'], likely()),
  },
  { protocol: 'ceph', ports: [6789], see: magic('ceph v', certain()) },
  {
    protocol: 'spamd',
    ports: [783],
    see: verbs('SYMBOLS CHECK REPORT PROCESS TELL HEADERS', (_, rest) =>
      /^SPAMC\//.test(rest) ? certain(rest) : undefined,
    ),
  },
  { protocol: 'shell', late: true, ports: [23, 1524, 31337], see: shell },
  { protocol: 'ibm-mq', ports: [1414], see: magic('TSH ', certain()) },
  {
    protocol: 'nmap-probe',
    late: true,
    see: bytes => (bytes.length === 4 && begins(bytes, '\r\n\r\n') === 'yes' ? guess('GenericLines') : undefined),
  },
]
