import {
  at,
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

/** Commands of Redis 7 that anybody sends first; the rest comes as arrays. */
const REDIS =
  'PING INFO CONFIG AUTH SELECT SET GET KEYS FLUSHALL FLUSHDB SLAVEOF REPLICAOF MODULE EVAL CLIENT COMMAND ECHO DBSIZE SAVE BGSAVE HELLO SCAN MONITOR PSYNC SYNC LASTSAVE ACL CLUSTER SENTINEL DEBUG ROLE EXISTS DEL TYPE QUIT SCRIPT SYSTEM.EXEC'
const ELSEWHERE = new Set('INFO AUTH GET SET TYPE QUIT ECHO SAVE HELLO SYNC CLIENT ROLE DEBUG SELECT'.split(' '))

/** RESP: https://redis.io/docs/reference/protocol-spec, an array of bulk strings. */
function respArray(bytes: Buffer): Sight {
  if (!at(bytes, 0, 0x2a)) return undefined
  const text = bytes.toString('latin1', 0, 64)
  const verb = /^\*\d{1,7}\r?\n\$\d{1,9}\r?\n([^\r\n]*)/.exec(text)
  if (verb) return certain(shown(verb[1]!.toUpperCase(), 20))
  return /^\*(?:\d{1,7}(?:\r(?:\n(?:\$(?:\d{1,9}\r?)?)?)?)?|\d{1,7}\n(?:\$\d{0,9})?)?$/.test(text) ? 'more' : undefined
}

/** The MongoDB wire protocol's header: length, request id, response to, opcode, all little-endian. */
const mongo = header(
  16,
  bytes => within(bytes, 0, 4, 16, 48_000_000, 'le') && within(bytes, 12, 4, 1, 2013, 'le'),
  bytes => {
    const name = new Map([
      [2004, 'OP_QUERY'],
      [2013, 'OP_MSG'],
      [2012, 'OP_COMPRESSED'],
      [2005, 'OP_GET_MORE'],
      [2002, 'OP_INSERT'],
      [2006, 'OP_DELETE'],
      [2001, 'OP_UPDATE'],
      [2007, 'OP_KILL_CURSORS'],
      [2010, 'OP_COMMAND'],
    ]).get(bytes.readUInt32LE(12))
    // Response to none: 0, or all ones
    if (name === undefined || (bytes.readInt32LE(8) !== 0 && bytes.readInt32LE(8) !== -1)) return undefined
    const key =
      /\0\0?[\x01-\x12]((?:hello|isMaster|ismaster|buildinfo|buildInfo|listDatabases|serverStatus|ping|find|saslStart|drop|dropDatabase|insert)\w*)\0/.exec(
        bytes.toString('latin1', 16, 160),
      )?.[1]
    return certain(key ? `${name} ${key}` : name)
  },
)

const postgres = (bytes: Buffer): Sight => {
  // PostgreSQL documentation, "Message Formats": a length, then a request code or protocol version 3.x or 2.0
  if (!within(bytes, 0, 4, 8, 10_000)) return undefined
  if (bytes.length < 8) return bytes.length === 0 || (bytes[0] === 0 && at(bytes, 1, 0)) ? 'more' : undefined
  const [length, code] = [bytes.readUInt32BE(0), bytes.readUInt32BE(4)]
  if (length === 8 && code === 80877103) return certain('SSLRequest')
  if (length === 8 && code === 80877104) return certain('GSSENCRequest')
  if (length === 16 && code === 80877102) return certain('CancelRequest')
  const major = code >>> 16
  if (code === 0x30000 || (major === 3 && (code & 0xffff) < 16)) {
    const user = /(?:^|\0)user\0([^\0]{1,63})\0/.exec(bytes.toString('latin1', 8, 400))?.[1]
    return certain(user === undefined ? 'StartupMessage' : `StartupMessage, user ${shown(user)}`)
  }
  return major === 2 && length === 296 ? certain('StartupPacket 2.0') : undefined
}

const mysql = (bytes: Buffer): Sight => {
  // The server speaks first; a client that does not wait sends a response of sequence 1: HandshakeResponse41 or SSLRequest
  if (!within(bytes, 0, 2, 32, 4096, 'le') || !at(bytes, 2, 0) || !at(bytes, 3, 1)) return undefined
  if (bytes.length < 36) return bytes.length >= 4 || bytes.length === 0 ? 'more' : undefined
  // CLIENT_PROTOCOL_41, 23 bytes of filler
  const rest = bytes.subarray(13, 32)
  if ((bytes.readUInt32LE(4) & 0x200) === 0 || !rest.every(byte => byte === 0)) return undefined
  const user = bytes.toString('latin1', 36, 100).split('\0')[0]!
  return certain(user === '' ? 'SSLRequest' : `HandshakeResponse41, user ${shown(user)}`)
}

const tds = header(
  8,
  bytes =>
    // MS-TDS §2.2.3.1: type, status, length (big-endian), SPID, packet id, window
    at(bytes, 0, 0x01, 0x02, 0x10, 0x12) &&
    at(bytes, 1, 0, 1) &&
    within(bytes, 2, 2, 9, 32767) &&
    at(bytes, 4, 0) &&
    at(bytes, 5, 0) &&
    at(bytes, 6, 0, 1) &&
    at(bytes, 7, 0),
  bytes => {
    if (bytes[0] === 0x12) {
      if (bytes.length < 9) return 'more'
      // The first option is VERSION (0), at an offset inside the packet.
      return bytes[8] === 0 || bytes[8] === 0x16 ? certain(bytes[8] === 0 ? 'PRELOGIN' : 'PRELOGIN, TLS') : undefined
    }
    if (bytes[0] === 0x10)
      return bytes.length < 16 ? 'more' : bytes.readUInt32LE(8) <= bytes.readUInt16BE(2) ? certain('LOGIN7') : undefined
    if (bytes[0] === 2) return bytes.readUInt16BE(2) === 512 ? likely('TDS 4.2 login') : undefined
    return bytes.length > 9 && bytes[9] === 0 ? likely('batch') : undefined
  },
)

const memcachedBinary = header(
  24,
  bytes =>
    at(bytes, 0, 0x80) &&
    (bytes.length < 2 || bytes[1]! <= 0x24) &&
    within(bytes, 2, 2, 0, 250) &&
    (bytes.length < 5 || bytes[4]! <= 32) &&
    at(bytes, 5, 0),
  bytes =>
    bytes.readUInt32BE(8) >= bytes.readUInt16BE(2) + bytes[4]! && bytes.readUInt32BE(8) < 1 << 20
      ? likely('binary')
      : undefined,
)
const memcachedText = verbs(
  'get gets gat gats set add replace append prepend cas delete incr decr touch stats flush_all version verbosity mn mg ms md slabs lru',
  (verb, rest, line) => {
    if (/^(?:stats|version|flush_all|mn|verbosity)$/.test(verb))
      return /^[\w ]{0,40}$/.test(rest) ? likely(shown(line)) : undefined
    if (/^(?:set|add|replace|append|prepend)$/.test(verb))
      return /^\S{1,250} \d+ -?\d+ \d+/.test(rest) ? certain(verb) : undefined
    return /^\S/.test(rest) ? guess(shown(line)) : undefined
  },
  true,
)

const oracle = header(
  8,
  // TNS: length, checksum 0, type 1 (connect), reserved, checksum 0
  bytes =>
    within(bytes, 0, 2, 26, 8192) &&
    at(bytes, 2, 0) &&
    at(bytes, 3, 0) &&
    at(bytes, 4, 1) &&
    at(bytes, 6, 0) &&
    at(bytes, 7, 0),
  bytes => {
    if (bytes.length < 26) return 'more'
    if (!within(bytes, 8, 2, 300, 400) || bytes.readUInt16BE(24) > 1024) return undefined
    const data = bytes.toString('latin1', 26, 600)
    return certain(shown(/\((?:COMMAND|SERVICE_NAME|SID)=[^)]*\)/i.exec(data)?.[0] ?? 'CONNECT'))
  },
)

const cassandra = header(
  9,
  // CQL native protocol v1 to v5: version, flags, stream, opcode, length
  bytes => at(bytes, 0, 1, 2, 3, 4, 5, 0x42) && (bytes.length < 2 || bytes[1]! < 0x20),
  bytes => {
    const old = bytes[0]! < 3
    const opcode = bytes[old ? 3 : 4]!
    const length = bytes.readUInt32BE(old ? 4 : 5)
    if (opcode === 5 && length === 0) return bytes[1] === 0 ? likely('OPTIONS') : undefined
    if (opcode !== 1 || length < 2 || length > 4096) return undefined
    const body = bytes.toString('latin1', old ? 8 : 9, 80)
    return body.includes('CQL_VERSION') ? certain('STARTUP') : bytes.length < 28 ? 'more' : undefined
  },
)

/** Databases and caches. */
export const databases: readonly Recogniser[] = [
  { protocol: 'redis', ports: [6379], see: respArray },
  {
    protocol: 'redis',
    ports: [6379],
    see: verbs(REDIS, (verb, rest, line) => {
      // A shell has an `echo` of its own.
      if (/^(?:\/|https?:).* HTTP\/\d/.test(rest) || line.startsWith('echo ')) return undefined
      return ELSEWHERE.has(verb) || (verb === 'PING' && rest !== '') || /^[a-z]+$/.test(line)
        ? guess(`inline ${shown(line)}`)
        : likely(`inline ${shown(line)}`)
    }),
  },
  { protocol: 'mongodb', ports: [27017, 27018], see: mongo },
  { protocol: 'postgresql', ports: [5432], see: postgres },
  { protocol: 'mysql', late: true, ports: [3306], see: mysql },
  { protocol: 'mssql', ports: [1433], see: tds },
  { protocol: 'memcached', ports: [11211], see: memcachedText },
  { protocol: 'memcached', ports: [11211], see: memcachedBinary },
  { protocol: 'oracle', ports: [1521, 1526], see: oracle },
  { protocol: 'cassandra', ports: [9042], see: cassandra },
  { protocol: 'neo4j', ports: [7687], see: magic('\x60\x60\xb0\x17', certain('Bolt')) },
  {
    // ClickHouse hello: packet 0, client name behind its length, versions
    protocol: 'clickhouse',
    late: true,
    ports: [9000],
    see: bytes =>
      /^\0[\x04-\x28](?:ClickHouse|Golang|clickhouse|Python)/.test(bytes.toString('latin1', 0, 16))
        ? certain('Hello')
        : undefined,
  },
  { protocol: 'firebird', ports: [3050], see: magic('\0\0\0\x01\0\0\0\x13', certain('op_connect')) },
  {
    protocol: 'db2',
    ports: [50000],
    see: header(
      10,
      bytes => at(bytes, 2, 0xd0) && at(bytes, 3, 0x01, 0x41, 0x51) && at(bytes, 8, 0x10) && at(bytes, 9, 0x41),
      () => certain('DRDA EXCSAT'),
    ),
  },
  {
    protocol: 'rethinkdb',
    ports: [28015],
    see: magic(['\xc3\xbd\xc2\x34', '\x20\x2d\x0c\x40', '\x3d\xa1\x0a\x5f'], certain()),
  },
  {
    // SAP NI: length and eye-catcher of the router, or a ping
    protocol: 'sap-ni',
    late: true,
    ports: [3299, 3200, 3300],
    see: bytes => {
      const text = bytes.toString('latin1', 0, 16)
      return /^\0\0..NI_(?:ROUTE|RTERR|PING)/s.test(text) || text.startsWith('\0\0\0\x08NI_PING\0')
        ? certain(shown(text.slice(4)))
        : undefined
    },
  },
  {
    protocol: 'zabbix',
    ports: [10050, 10051],
    see: magic(['ZBXD\x01', 'ZBXD\x03'], certain()),
  },
  {
    protocol: 'zabbix',
    ports: [10050],
    see: bytes => {
      const found = firstLine(bytes, 128)
      return found?.whole && /^(?:agent|system|vfs|vm|net|proc)\.[a-z.]{2,40}(?:\[.{0,60}\])?$/.test(found.line)
        ? likely(found.line)
        : undefined
    },
  },
]
