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
  verbs,
  within,
} from './kit.ts'

/** The remaining length of MQTT (OASIS MQTT 3.1.1 §2.2.3): seven bits a byte. */
function remaining(bytes: Buffer): { value: number; size: number } | undefined {
  let value = 0
  for (let i = 0; i < 4; i++) {
    const byte = bytes[1 + i]
    if (byte === undefined) return undefined
    value += (byte & 0x7f) * 128 ** i
    if (byte < 0x80) return { value, size: i + 1 }
  }
  return undefined
}
const mqtt = (bytes: Buffer): Sight => {
  // CONNECT: 0x10, remaining length, the protocol's name behind its length
  if (!at(bytes, 0, 0x10)) return undefined
  const length = remaining(bytes)
  if (length === undefined) return bytes.length < 5 ? 'more' : undefined
  const name = bytes.subarray(1 + length.size)
  if (length.value < 10) return undefined
  for (const mark of ['\0\x04MQTT', '\0\x06MQIsdp']) {
    const answer = begins(name, mark)
    if (answer === 'more') return 'more'
    if (answer === 'no') continue
    const version = name[mark.length]
    if (version === undefined) return 'more'
    const client = name.length > mark.length + 6 ? name.readUInt16BE(mark.length + 4) : 0
    const id = name.toString('latin1', mark.length + 6, mark.length + 6 + Math.min(client, 64))
    return certain(`version ${version}${version < 5 && id ? `, client ${shown(id)}` : ''}`)
  }
  return undefined
}

const smtp = verbs('EHLO HELO LHLO MAIL RCPT STARTTLS VRFY EXPN TURN ETRN BDAT', (verb, rest, line) => {
  if (/^[ELH]/.test(verb) && verb.endsWith('LO')) return /^\S{0,255}$/.test(rest) ? certain(shown(line)) : undefined
  if (verb === 'MAIL') return /^FROM:/i.test(rest) ? certain(shown(line)) : undefined
  if (verb === 'RCPT') return /^TO:/i.test(rest) ? certain(shown(line)) : undefined
  return verb === 'STARTTLS' ? guess('STARTTLS') : likely(shown(line))
})

/** RFC 959, 2228, 2389, 3659. USER alone is POP3's as well, and IRC's with four words. */
const ftp = verbs(
  'USER PASS ACCT CWD CDUP SMNT QUIT REIN PORT PASV EPSV EPRT TYPE STRU MODE RETR STOR STOU APPE ALLO REST RNFR RNTO ABOR DELE RMD MKD PWD LIST NLST SITE SYST STAT HELP NOOP AUTH FEAT OPTS MLST MLSD SIZE MDTM PBSZ PROT CCC ADAT HOST CLNT XCRC',
  (verb, rest, line) => {
    if (/^(?:PASV|EPSV|EPRT|PORT|SYST|STOR|RETR|MKD|CWD|MLSD|MLST|NLST|PBSZ|PROT|MDTM|FEAT|OPTS|SITE)$/.test(verb))
      return likely(shown(line))
    if (verb === 'AUTH') return /^(?:TLS|SSL|TLS-C|GSSAPI)$/i.test(rest) ? likely(shown(line)) : undefined
    if (verb === 'USER') return /^\S{0,128}$/.test(rest) ? guess(shown(line)) : undefined
    if (verb === 'TYPE') return /^[AIEL]\b/i.test(rest) ? likely(shown(line)) : undefined
    return /^[\x20-\x7e]{0,200}$/.test(rest) ? guess(shown(line)) : undefined
  },
)
const pop3 = verbs('CAPA APOP STLS USER PASS STAT LIST RETR TOP UIDL AUTH QUIT', (verb, rest, line) => {
  if (/^(?:CAPA|STLS|UIDL)$/.test(verb)) return rest === '' ? likely(verb) : undefined
  if (verb === 'APOP') return /^\S+ [0-9a-f]{32}$/i.test(rest) ? certain('APOP') : undefined
  if (verb === 'TOP') return /^\d+ \d+$/.test(rest) ? likely(shown(line)) : undefined
  return verb === 'AUTH' || /^\S*$/.test(rest) ? guess(shown(line)) : undefined
})
const IMAP = 'CAPABILITY LOGIN STARTTLS AUTHENTICATE ID SELECT LIST LOGOUT NOOP EXAMINE'.split(' ')
const imap = (bytes: Buffer): Sight => {
  // RFC 9051 §2.2.1: a tag and a command
  const found = firstLine(bytes)
  const parts = found && /^([A-Za-z]{0,6}\d{1,6}|[A-Za-z]{1,8})( [A-Za-z]*)?(.*)$/.exec(found.line)
  if (!found || !parts) return undefined
  const verb = (parts[2] ?? '').trimStart().toUpperCase()
  if (!found.whole)
    return IMAP.some(known => (parts[3] === '' ? known.startsWith(verb) : known === verb)) ? 'more' : undefined
  if (!IMAP.includes(verb)) return undefined
  return /\d/.test(parts[1]!) ? likely(shown(found.line)) : guess(shown(found.line))
}
const irc = verbs('NICK USER PASS CAP JOIN PRIVMSG PONG', (verb, rest, line) => {
  if (verb === 'USER') return /^\S+ \S+ \S+ :?\S/.test(rest) ? certain(shown(line)) : undefined
  if (verb === 'CAP') return /^(?:LS|REQ|END|LIST)\b/i.test(rest) ? certain(shown(line)) : undefined
  if (verb === 'PASS') return guess('PASS')
  return rest === '' ? undefined : likely(shown(line))
})

const kafka = header(
  14,
  // A length, an API key, its version, a correlation id, the client's name
  bytes =>
    within(bytes, 0, 4, 10, 1 << 20) && within(bytes, 4, 2, 0, 80) && within(bytes, 6, 2, 0, 17) && at(bytes, 0, 0),
  bytes => {
    const [key, name] = [bytes.readUInt16BE(4), bytes.readInt16BE(12)]
    if (name < -1 || name > 255 || 14 + name > bytes.readUInt32BE(0) + 4) return undefined
    const client = bytes.toString('latin1', 14, 14 + Math.max(0, name))
    if (!/^[\x20-\x7e]*$/.test(client)) return undefined
    if (bytes.length < 14 + Math.max(0, name)) return 'more'
    const names = new Map([
      [0, 'Produce'],
      [1, 'Fetch'],
      [2, 'ListOffsets'],
      [3, 'Metadata'],
      [17, 'SaslHandshake'],
      [18, 'ApiVersions'],
      [36, 'SaslAuthenticate'],
    ])
    // No name, not an empty one, is what clients without one send.
    if (name === 0 || (!names.has(key) && client === '')) return undefined
    return {
      confidence: client !== '' && names.has(key) ? 'certain' : 'guess',
      detail: `${names.get(key) ?? `key ${key}`}${client && `, client ${shown(client)}`}`,
    }
  },
)

/** ZooKeeper's administration words, and its ConnectRequest. */
const zookeeper = (bytes: Buffer): Sight => {
  const text = bytes.toString('latin1', 0, 6)
  if (
    /^(?:ruok|srvr|conf|cons|crst|dump|envi|mntr|srst|wchs|wchc|wchp|dirs|isro|gtmk|stmk|hash|lead)(?:\r?\n)?$/.test(
      text,
    )
  )
    return certain(text.slice(0, 4))
  if (/^(?:stat|kill|reqs)(?:\r?\n)?$/.test(text)) return likely(text.slice(0, 4))
  // Length 44 or 45, protocol version 0, last zxid 0, time-out, session 0, password of 16 bytes
  if (!within(bytes, 0, 4, 44, 45) || !at(bytes, 4, 0) || !at(bytes, 5, 0) || !at(bytes, 6, 0) || !at(bytes, 7, 0))
    return undefined
  if (bytes.length < 28) return bytes.length >= 4 ? 'more' : undefined
  return bytes.length < 32 ? 'more' : bytes.readUInt32BE(28) === 16 ? certain('ConnectRequest') : undefined
}

/** The method that a JSON-RPC request names; `more` when it may still come. */
function rpcMethod(bytes: Buffer): { method: string; text: string } | 'more' | undefined {
  const text = bytes.toString('latin1', 0, 1024)
  if (!/^\s{0,8}[[{]/.test(text)) return undefined
  const method = /"method"\s{0,8}:\s{0,8}"([\w.:/-]{1,64})"/.exec(text)?.[1]
  if (method !== undefined) return { method, text }
  return /[}\]]\s*$/.test(text) || bytes.length >= 1024 ? undefined : 'more'
}
/** What miners say to pools: Bitcoin's stratum, Monero's, and what became of Ethereum's. */
const mining = /^mining\.|^login$|^eth_(?:submit|getWork)|^getjob$|^keepalived$|^job$/
const stratum = (bytes: Buffer): Sight => {
  const found = rpcMethod(bytes)
  return typeof found !== 'object' ? found : mining.test(found.method) ? certain(found.method) : undefined
}
const json = (bytes: Buffer): Sight => {
  const found = rpcMethod(bytes)
  if (typeof found !== 'object') return found
  const { method, text } = found
  if (mining.test(method)) return undefined
  if (/^(?:eth|net|web3|personal|admin|miner|debug|txpool)_/.test(method)) return certain(`Ethereum ${method}`)
  return /"(?:jsonrpc|id|params)"/.test(text) ? likely(shown(method)) : guess(shown(method))
}

/** RFC 6120 §4.2: a stream's opening tag, an XML declaration before it or not. */
const xmpp = (bytes: Buffer): Sight => {
  const text = bytes.toString('latin1', 0, 512).trimStart()
  if (text === '' || (text.startsWith('<?xml') && !text.includes('>'))) return text.length < 128 ? 'more' : undefined
  const opened = text.startsWith('<?xml') ? text.slice(text.indexOf('>') + 1).trimStart() : text
  for (const tag of ['<stream:stream', '<flash:stream'])
    if (opened.startsWith(tag)) return certain(/\bto=["']([^"']{1,80})/.exec(opened)?.[1])
    else if (tag.startsWith(opened)) return 'more'
  return '<?xml'.startsWith(opened) ? 'more' : undefined
}

/** Mail, talk, queues and logs. */
export const messages: readonly Recogniser[] = [
  { protocol: 'mqtt', ports: [1883, 8883], see: mqtt },
  { protocol: 'smtp', ports: [25, 465, 587, 2525], see: smtp },
  { protocol: 'ftp', ports: [21, 2121], see: ftp },
  { protocol: 'pop3', ports: [110, 995], see: pop3 },
  { protocol: 'imap', ports: [143, 993], see: imap },
  { protocol: 'irc', ports: [6667, 6666, 6697, 6668, 6669], see: irc },
  {
    protocol: 'nntp',
    ports: [119, 563],
    see: verbs('MODE GROUP ARTICLE LISTGROUP NEWNEWS NEWGROUPS CAPABILITIES AUTHINFO', (verb, rest, line) =>
      verb === 'MODE' ? (/^READER$/i.test(rest) ? certain('MODE READER') : undefined) : likely(shown(line)),
    ),
  },
  { protocol: 'xmpp', ports: [5222, 5269], see: xmpp },
  // AMQP 0-9-1 §4.2.2, AMQP 1.0 §2.2
  {
    protocol: 'amqp',
    ports: [5672, 5671],
    see: header(
      8,
      bytes => begins(bytes, 'AMQP') !== 'no',
      bytes =>
        certain(`${bytes[4] === 0 ? `0-${bytes[6]}-${bytes[7]}` : `${bytes[4]}: ${bytes[5]}.${bytes[6]}.${bytes[7]}`}`),
    ),
  },
  { protocol: 'kafka', ports: [9092], see: kafka },
  { protocol: 'zookeeper', late: true, ports: [2181], see: zookeeper },
  { protocol: 'stratum', ports: [3333, 4444, 14444], see: stratum },
  { protocol: 'json-rpc', ports: [8545], see: json },
  {
    protocol: 'nats',
    ports: [4222],
    see: bytes => {
      const answer = begins(bytes, 'CONNECT {')
      return answer === 'yes' ? certain() : answer === 'more' ? 'more' : undefined
    },
  },
  {
    protocol: 'stomp',
    late: true,
    ports: [61613],
    see: bytes =>
      /^(?:CONNECT|STOMP)\r?\n[^\n]{0,200}:/.test(bytes.toString('latin1', 0, 256)) ? certain() : undefined,
  },
  {
    protocol: 'openwire',
    ports: [61616],
    see: bytes => wireFormat(bytes) ?? exceptionResponse(bytes),
  },
  {
    protocol: 'rocketmq',
    late: true,
    ports: [10911, 9876],
    see: bytes => (/^\0.{3}\0.{3}\{"code":\d/s.test(bytes.toString('latin1', 0, 24)) ? certain() : undefined),
  },
  {
    protocol: 'pulsar',
    ports: [6650],
    see: header(
      12,
      bytes =>
        at(bytes, 0, 0) && within(bytes, 0, 4, 8, 5 << 20) && at(bytes, 8, 8) && at(bytes, 9, 2) && at(bytes, 10, 0x12),
      () => likely('CONNECT'),
    ),
  },
  {
    protocol: 'syslog',
    ports: [514, 601, 6514],
    see: bytes =>
      /^(?:\d{1,5} )?<\d{1,3}>(?:1 |[A-Z][a-z]{2} )/.test(bytes.toString('latin1', 0, 16))
        ? certain()
        : /^<(?:\d{1,3}(?:>(?:1|[A-Z][a-z]{0,2})?)?)?$/.test(bytes.toString('latin1', 0, 16))
          ? 'more'
          : undefined,
  },
  { protocol: 'gearman', ports: [4730], see: magic('\0REQ\0\0\0') },
  {
    protocol: 'beanstalkd',
    ports: [11300],
    see: verbs(
      'stats-tube list-tubes stats-job reserve-with-timeout peek-ready',
      (_, __, line) => likely(shown(line)),
      true,
    ),
  },
]

/** OpenWire: a length, WireFormatInfo (1), its magic. */
function wireFormat(bytes: Buffer): Sight {
  if (!at(bytes, 0, 0) || !at(bytes, 4, 1)) return undefined
  const answer = begins(bytes.subarray(5), 'ActiveMQ')
  return answer === 'yes' ? certain('WireFormatInfo') : answer === 'more' ? 'more' : undefined
}

/** CVE-2023-46604: OpenWire's ExceptionResponse (31) naming a class and its argument. */
function exceptionResponse(bytes: Buffer): Sight {
  if (bytes.length < 5 || bytes[4] !== 31 || bytes.readUInt32BE(0) > 1 << 20) return undefined
  if (bytes.length < 32) return 'more'
  return /\0[\x01-\xff](?:org|java|javax|com)[.\w]{4,120}/.test(bytes.toString('latin1', 5, 400))
    ? certain('ExceptionResponse')
    : undefined
}
