import type { Script } from '../kit/dialogue.ts'

const lines = (text: string): string[] =>
  text
    .trim()
    .split('\n')
    .map(line => `${line.trim()}\r\n`)
const set = (key: string, value: string, flags = 0, seconds = 0) =>
  `set ${key} ${flags} ${seconds} ${value.length}\r\n${value}\r\n`

type Fields = { extras?: string; key?: string; value?: string; cas?: number; opaque?: number }
/** A request of the binary protocol. */
const b = (
  opcode: number,
  { extras = '', key = '', value = '', cas = 0, opaque = 0x01020304 }: Fields = {},
): string => {
  const body = Buffer.from(extras + key + value, 'latin1')
  const head = Buffer.alloc(24)
  head[0] = 0x80
  head[1] = opcode
  head.writeUInt16BE(key.length, 2)
  head[4] = extras.length
  head.writeUInt32BE(body.length, 8)
  head.writeUInt32BE(opaque, 12)
  head.writeBigUInt64BE(BigInt(cas), 16)
  return Buffer.concat([head, body]).toString('latin1')
}
const zeros = (n: number) => '\0'.repeat(n)
const never = '\xff\xff\xff\xff'
const one = `${zeros(7)}\x01`

/** What is sent to the real daemon and to ours; each dialogue meets a server that was just started. */
export const script: Script = {
  'store and get': [
    set('a', 'abc', 5),
    ...lines(`get a
      gets a
      get a b a
      get nope
      get
      gets
      add a 0 0 1`),
    'x\r\n',
    'add new 0 0 1\r\nx\r\n',
    'replace nope 0 0 1\r\nx\r\n',
    'replace a 7 0 2\r\nxy\r\n',
    'append a 9 0 3\r\n123\r\n',
    'prepend a 9 0 3\r\n456\r\n',
    'append nope 0 0 1\r\nx\r\n',
    ...lines(`gets a new`),
    'cas a 0 0 1 1\r\nz\r\n',
    'cas a 0 0 1 5\r\nz\r\n',
    'cas nope 0 0 1 5\r\nz\r\n',
    'cas a 0 0 1\r\nz\r\n',
    'cas a 0 0 1 x\r\nz\r\n',
    'set quiet 0 0 1 noreply\r\nq\r\nget quiet\r\n',
    'set empty 0 0 0\r\n\r\nget empty\r\n',
    `get ${'k'.repeat(250)}\r\n`,
    `get ${'k'.repeat(251)}\r\n`,
    `${set('k'.repeat(251), 'x')}`,
    'set neg 0 -1 1\r\nx\r\nget neg\r\n',
  ],
  'wrong requests': [
    ...lines(`nope
      NOPE
      GET a
      get
      set
      set a
      set a 0 0
      set a x 0 1
      set a 0 x 1
      set a 0 0 x
      set a 0 0 -1
      set a -1 0 1
      set a 4294967296 0 1
      set a 0 0 4294967296
      incr
      decr a
      delete
      touch a
      constructor
      __proto__ x
      verbosity
      flush_all x
      get  a`),
    '\r\n',
    ' \r\n',
    '\n',
    'version\n',
    'set a 0 0 3\r\nabcd\r\nget a\r\n',
    'set a 0 0 3\r\nab\r\nget a\r\n',
    'set a 0 0 3\nabc\r\n',
  ],
  numbers: [
    set('n', '10'),
    ...lines(`incr n 5
      decr n 6
      get n
      decr n 100
      get n
      incr n 18446744073709551615
      incr n 1
      incr n -1
      incr n x
      incr n 18446744073709551616
      incr nope 1
      decr nope 1
      incr n 1 noreply
      get n`),
    set('word', 'abc'),
    'incr word 1\r\n',
    set('long', '99'),
    'incr long 1\r\nget long\r\n',
    set('padded', '100'),
    'decr padded 1\r\nget padded\r\nincr padded 1\r\n',
  ],
  'delete, touch, flush': [
    set('a', 'abc'),
    ...lines(`delete a
      delete a
      delete a 0
      delete a 5
      delete a noreply
      delete a 0 noreply
      delete a x y
      touch a 10`),
    set('a', 'abc'),
    ...lines(`touch a 100
      touch a x
      gat 100 a
      gats 100 a b
      gat x a
      gat 100
      gat
      flush_all
      get a
      flush_all noreply
      flush_all 0
      flush_all 100
      flush_all 0 noreply
      flush_all a b c`),
  ],
  'small words': [
    ...lines(`version
      version x
      verbosity 1
      verbosity 1 noreply
      verbosity x
      verbosity a b c
      shutdown
      shutdown graceful
      cache_memlimit 100
      cache_memlimit x
      cache_memlimit 1
      cache_memlimit
      slabs reassign 1 2
      slabs reassign 1 1
      slabs reassign 1 90
      slabs reassign x 1
      slabs automove 1
      slabs automove 0
      slabs automove x
      slabs automove
      slabs
      slabs nope
      lru
      lru mode flat
      lru mode segmented
      lru mode x
      lru tune 10 20 0.1 2.0
      lru tune 10
      lru temp_ttl 60
      lru_crawler
      lru_crawler enable
      lru_crawler disable
      lru_crawler sleep 100
      lru_crawler sleep x
      lru_crawler tocrawl 10
      lru_crawler x
      debugtime 5
      misbehave
      refresh_certs
      extstore`),
    'quit\r\nversion\r\n',
  ],
  'walking through the keys': [
    set('sess:1', 'x'.repeat(200)),
    set('a b'.replace(' ', '%'), 'y', 3, 100),
    'lru_crawler metadump all\r\n',
    'lru_crawler metadump 6\r\n',
    'lru_crawler metadump hash\r\n',
    'lru_crawler metadump\r\n',
    'lru_crawler metadump 99\r\n',
    'stats cachedump 1 10\r\n',
    'stats cachedump 40 0\r\n',
    'stats cachedump\r\n',
    'stats cachedump 1\r\n',
    'stats cachedump x 1\r\n',
    'stats cachedump 99 1\r\n',
  ],
  statistics: [
    set('a', 'abc', 5),
    set('b', 'x'.repeat(3000)),
    'get a b nope\r\n',
    ...lines(`stats settings
      stats items
      stats slabs
      stats sizes
      stats conns
      stats
      stats nope
      stats detail
      stats detail on
      stats detail off
      stats detail dump
      stats detail x
      stats extstore
      stats reset
      stats`),
  ],
  'meta: get': [
    set('a', 'abc', 5),
    ...lines(`mn
      mg
      mg a
      mg a v
      mg a s v f t c k O123
      mg a s v f t h l c k q Oabc
      mg a h
      mg nope
      mg nope v q
      mg nope k O1
      mg a b
      mg YQ== b v k
      mg a x
      mg a v v
      mg a T100 t
      mg a t
      mg a Tx
      mg viv N30 v t c
      mg viv N30 v
      mg a R300 v
      mg a R300 v
      me
      me a
      me nope
      mg ${'k'.repeat(251)} v`),
  ],
  'meta: set and delete': [
    'ms\r\n',
    'ms a\r\n',
    'ms a 3\r\nabc\r\n',
    'ms a 3 T0 F5 c\r\nabc\r\n',
    'ms a 3 c k O7\r\nabc\r\n',
    'ms a 3 q\r\nabc\r\n',
    'ms a 3 ME\r\nabc\r\n',
    'ms new 3 ME\r\nabc\r\n',
    'ms new 3 MA\r\ndef\r\n',
    'ms new 3 MP\r\n012\r\n',
    'mg new v\r\n',
    'ms nope 1 MR\r\nx\r\n',
    'ms nope 1 MA\r\nx\r\n',
    'ms a 1 C1\r\nx\r\n',
    'ms a 1 MX\r\nx\r\n',
    'ms a 1 Mset\r\nx\r\n',
    'ms a S1\r\n',
    'ms a -1\r\n',
    'ms a 3\r\nabcd\r\n',
    'ms a 1 Fx\r\nx\r\n',
    'ms a 1 Tx\r\nx\r\n',
    'ms YQ== 1 b\r\nx\r\n',
    'mg a v\r\n',
    'md\r\n',
    'md a C99\r\n',
    'md a I T30\r\n',
    'mg a v\r\n',
    'mg a v\r\n',
    'md a\r\n',
    'md a\r\n',
    'md a k O5\r\n',
    'md a q\r\n',
    'md a x\r\n',
  ],
  'meta: arithmetic': lines(`ma
    ma n
    ma n N0 J13 v
    ma n v
    ma n v t c D5
    ma n MD D3 v
    ma n M- v
    ma n MX
    ma n Dx
    ma n q
    ma n O1 k
    ma n D30 MD v
    ma n x
    ma nope q
    ma n T100 t v`),
  'no text': ['\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03\r\n', 'version\r\n'],
  'a web page': ['GET / HTTP/1.1\r\nHost: x\r\n\r\n'],
  'a line without end': ['x'.repeat(3000)],
  'a list of keys without end': [`get ${'key '.repeat(600)}`, '\r\n'],
  'a value that is too large': [
    set('big', 'x'.repeat(1_048_577)).slice(0, -2),
    '\r\n',
    'version\r\n',
    set('fits', 'x'.repeat(1_048_000)).slice(0, -2),
    '\r\n',
    'me fits\r\n',
  ],
  'binary: store and get': [
    b(0x0b),
    b(0x0a),
    b(0x01, { extras: zeros(8), key: 'a', value: 'abc' }),
    b(0x00, { key: 'a' }),
    b(0x0c, { key: 'a' }),
    b(0x00, { key: 'nope' }),
    b(0x0c, { key: 'nope' }),
    b(0x09, { key: 'nope' }) + b(0x09, { key: 'a' }) + b(0x0d, { key: 'a' }) + b(0x0a),
    b(0x02, { extras: zeros(8), key: 'a', value: 'x' }),
    b(0x02, { extras: zeros(8), key: 'b', value: 'x' }),
    b(0x03, { extras: zeros(8), key: 'nope', value: 'x' }),
    b(0x03, { extras: `\0\0\0\x07${zeros(4)}`, key: 'b', value: 'y' }),
    b(0x00, { key: 'b' }),
    b(0x01, { extras: zeros(8), key: 'b', value: 'z', cas: 99 }),
    b(0x01, { extras: zeros(8), key: 'nope', value: 'z', cas: 99 }),
    b(0x0e, { key: 'b', value: '123' }),
    b(0x0f, { key: 'b', value: '000' }),
    b(0x0e, { key: 'nope', value: '123' }),
    b(0x00, { key: 'b' }),
    b(0x04, { key: 'b', cas: 99 }),
    b(0x04, { key: 'b' }),
    b(0x04, { key: 'b' }),
    b(0x14, { key: 'b' }),
    b(0x11, { extras: zeros(8), key: 'quiet', value: 'x' }) + b(0x0a),
    b(0x1c, { extras: '\0\0\0\x64', key: 'a' }),
    b(0x1d, { extras: '\0\0\0\x64', key: 'a' }),
    b(0x1d, { extras: '\0\0\0\x64', key: 'nope' }),
    b(0x1c, { extras: '\0\0\0\x64', key: 'nope' }),
    b(0x08),
    b(0x00, { key: 'a' }),
    b(0x1b, { extras: '\0\0\0\x01' }),
    b(0x07),
  ],
  'binary: numbers': [
    b(0x05, { extras: `${one}${zeros(8)}${never}`, key: 'n' }),
    b(0x05, { extras: `${one}${zeros(7)}\x0a${zeros(4)}`, key: 'n' }),
    b(0x05, { extras: `${one}${zeros(12)}`, key: 'n' }),
    b(0x06, { extras: `${one}${zeros(12)}`, key: 'n' }),
    b(0x01, { extras: zeros(8), key: 'w', value: 'abc' }),
    b(0x05, { extras: `${one}${zeros(12)}`, key: 'w' }),
    b(0x15, { extras: `${one}${zeros(12)}`, key: 'n' }) + b(0x0a),
    b(0x00, { key: 'n' }),
  ],
  'binary: statistics': [b(0x10, { key: 'sizes' }), b(0x10, { key: 'nope' }), b(0x10, { key: 'reset' }), b(0x10)],
  'binary: no such command': [b(0x7f), b(0x0a)],
  'binary: log-in': [b(0x20), b(0x21, { key: 'PLAIN', value: '\0user\0secret' }), b(0x0a)],
  'binary: wrong lengths': [b(0x00)],
  'binary: extras that do not fit': [b(0x00, { extras: zeros(4), key: 'a' })],
  'binary: a key that is too long': [b(0x00, { key: 'k'.repeat(251) })],
  'binary: key longer than body': [`\x80\x00\x00\x10${zeros(4)}\x00\x00\x00\x04${zeros(12)}abcd`],
  'binary: text in the middle': [b(0x0a), 'version\r\nversion\r\nversion\r\n'],
}
