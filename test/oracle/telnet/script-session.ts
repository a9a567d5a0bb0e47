import type { Move } from './dialogue.ts'
import { agree, agreement1, agreement2, agreement3, all, IAC, refuse, sub } from './script.ts'

const [WILL, WONT, DO, DONT] = ['\xfb', '\xfc', '\xfd', '\xfe']
const [BINARY, ECHO, SGA, TTYPE, NAWS, TSPEED, ENV] = ['\0', '\x01', '\x03', '\x18', '\x1f', '\x20', '\x27']
const login = (name: string, password: string): Move[] => [
  { send: `${name}\r\n` },
  { send: `${password}\r\n`, until: '$ ', seconds: 3 },
]
const asRoot = (prompt = '# '): Move[] => [{ send: 'root\r\n' }, { send: 'xc3511\r\n', until: prompt, seconds: 3 }]
/** Agrees with a terminal of this name, and these variables. */
const agreeing = (type: string, variables = ''): Move[] => [
  { send: '' },
  { send: agreement1 },
  { send: sub(TTYPE, `\0${type}`) + sub(ENV, `\0${variables}`) + sub(TSPEED, '\x0038400,38400') },
  { send: agreement2 },
  { send: agreement3 },
]
const shown = `echo "$TERM,$USER,$LOGNAME,$HOME,$SHELL,$PATH,$LANG,$DISPLAY,$MAIL,$HUSHLOGIN,$X"`

/** Conversations that go past log-in, in the order in which they are recorded: bob has never been here before. */
export const sessions: Record<string, Move[]> = {
  firstTime: [...agree, ...login('bob', 'builder'), { send: 'exit\r\n' }],
  again: [...agree, ...login('bob', 'builder'), { send: '\x04' }],
  root: [...refuse, ...asRoot(), { send: 'id\r\n' }, { send: 'exit\r\n' }],
  status: [...refuse, ...asRoot(), { send: 'exit 3\r\n' }],
  logoutCommand: [...refuse, ...asRoot(), { send: 'logout\r\n' }],
  dashShell: [...refuse, ...login('plain', 'builder'), { send: 'echo $0 $-\r\n' }, { send: 'exit\r\n' }],
  nologin: [...refuse, ...login('shut', 'builder'), { send: '' }],
  hushed: [...refuse, ...login('hush', 'builder'), { send: 'exit\r\n' }],
  homeless: [...refuse, ...login('homeless', 'builder'), { send: 'pwd\r\n' }, { send: 'exit\r\n' }],
  wrongFirst: [
    ...refuse,
    { send: 'root\r\n' },
    { send: 'admin\r\n', until: 'incorrect', seconds: 6 },
    ...asRoot(),
    { send: 'exit\r\n' },
  ],
  environment: [
    ...agreeing(
      'xterm-256color',
      '\0X\x01y\0HUSHLOGIN\x01TRUE\0LANG\x01C.UTF-8\0DISPLAY\x01a:0\0PATH\x01/x\0HOME\x01/y',
    ),
    ...login('bob', 'builder'),
    { send: `${shown}\r\n` },
    { send: 'exit\r\n' },
  ],
  plainEnvironment: [...refuse, ...asRoot(), { send: `${shown}\r\n` }, { send: 'exit\r\n' }],
  bracketed: [...agreeing('xterm'), ...asRoot(), { send: 'echo a\r\0' }, { send: 'echo b\r\n' }, { send: '\x04' }],
  dumb: [...agreeing('dumb'), ...asRoot(), { send: 'echo a\r\0' }, { send: '\x04' }],
  sizes: [
    ...agreeing('vt100'),
    ...asRoot(),
    { send: 'stty size\r\n' },
    { send: sub(NAWS, '\0\x84\0\x2b') },
    { send: 'stty size; echo $COLUMNS $LINES\r\n' },
    { send: 'exit\r\n' },
  ],
  noSize: [...refuse, ...asRoot(), { send: 'stty size\r\n' }, { send: 'stty -a\r\n' }, { send: 'exit\r\n' }],
  process: [
    ...refuse,
    ...asRoot(),
    { send: 'ps -o args= -p $PPID; tty | tr -d 0-9; who | cut -c1-12; ps ax -o args | grep [t]elnetd\r\n' },
    { send: 'exit\r\n' },
  ],
  octets: [
    ...refuse,
    ...asRoot(),
    { send: `printf '\\377\\376a\\rb\\r\\nc\\nd\\000e'\r\n` },
    { send: `stty -opost; printf 'a\\rb\\nc\\377'\r\n` },
    { send: 'exit\r\n' },
  ],
  binaryOut: [
    ...refuse,
    ...asRoot(),
    { send: all(DO, BINARY) },
    { send: `printf 'a\\rb\\r\\nc\\nd\\377'\r\n` },
    { send: 'stty -a\r\n' },
    { send: all(DONT, BINARY) },
    { send: `printf 'a\\rb\\r\\nc\\nd\\377'\r\n` },
    { send: 'exit\r\n' },
  ],
  binaryIn: [
    ...refuse,
    ...asRoot(),
    { send: all(WILL, BINARY) },
    { send: 'echo a\r\n' },
    { send: 'echo b\r' },
    { send: 'echo c\n' },
    { send: `echo d${IAC}${IAC} | od -c\r` },
    { send: all(WONT, BINARY) },
    { send: 'exit\r\n' },
  ],
  input: [
    ...refuse,
    ...asRoot(),
    { send: 'od -c\r\n' },
    { send: `caf\xc3\xa9${IAC}${IAC}\t\r\n` },
    { send: '\x04' },
    { send: 'exit\r\n' },
  ],
  interrupt: [
    ...refuse,
    ...asRoot(),
    { send: 'sleep 30\r\n' },
    { send: '\x03' },
    { send: 'ab\x03' },
    { send: 'exit\r\n' },
  ],
  interruptCommand: [
    ...refuse,
    ...asRoot(),
    { send: 'sleep 30\r\n' },
    { send: `${IAC}\xf4` },
    { send: `sleep 30\r\n` },
    { send: `${IAC}\xf3` },
    { send: `sleep 30\r\n` },
    { send: `${IAC}\xee` },
    { send: `sleep 30\r\n` },
    { send: `${IAC}\xed` },
    { send: `ab${IAC}\xf7c${IAC}\xf8echo d\r\n` },
    { send: `${IAC}\xf6` },
    { send: `${IAC}\xf5` },
    { send: `cat\r\n` },
    { send: `ab${IAC}\xf7c\r\n` },
    { send: `x${IAC}\xf8d\r\n` },
    { send: `${IAC}\xec` },
    { send: `${IAC}\xec` },
  ],
  raw: [
    ...refuse,
    ...asRoot(),
    { send: 'stty -echo\r\n' },
    { send: 'echo hidden\r\n' },
    { send: 'stty echo\r\n' },
    { send: 'stty -icanon -isig; od -c -N3\r\n' },
    { send: 'a\x03b' },
    { send: 'reset=; stty sane; exit\r\n' },
  ],
  typedAhead: [
    ...refuse,
    ...asRoot(),
    { send: 'echo a\r\necho b\r\nsleep 1\r\necho c\r\n', until: 'c\r\n' },
    { send: 'exit\r\n' },
  ],
  mirai: [
    ...refuse,
    ...asRoot(),
    { send: 'enable\r\n' },
    { send: 'system\r\n' },
    { send: 'shell\r\n' },
    { send: 'sh\r\n' },
    { send: 'linuxshell\r\n' },
    { send: '/bin/busybox ECCHI\r\n' },
    { send: '/bin/busybox echo -e "\\x6b\\x61"; /bin/busybox ECCHI\r\n' },
    { send: 'exit\r\n' },
    { send: 'exit\r\n' },
  ],
  /** What the bypass makes of login(1)'s arguments: see `invocations`. */
  bypass: [
    ...agreeing('xterm').slice(0, 4),
    { send: agreement3, until: '# ', seconds: 3 },
    { send: 'id; tty | tr -d 0-9; ps -o args= -p $PPID\r\n' },
    { send: 'exit\r\n' },
  ],
  bypassNobody: [...agreeing('vt100').slice(0, 4), { send: agreement3, until: 'login: ', seconds: 6 }],
  bypassOther: [...agreeing('vt100').slice(0, 4), { send: agreement3, until: '$ ', seconds: 4 }, { send: 'exit\r\n' }],
  userDash: [...agreeing('vt100').slice(0, 4), { send: agreement3, until: ': ', seconds: 4 }],
  userGiven: [
    ...agreeing('vt100').slice(0, 4),
    { send: agreement3, until: ': ', seconds: 4 },
    { send: 'wrong\r\n', until: 'login: ', seconds: 6 },
    ...asRoot(),
  ],
  userNobody: [
    ...agreeing('vt100').slice(0, 4),
    { send: agreement3, until: ': ', seconds: 4 },
    { send: 'wrong\r\n', until: 'login: ', seconds: 6 },
  ],
  echoOff: [
    ...refuse,
    ...asRoot(),
    { send: all(DONT, ECHO) },
    { send: 'echo a\r\n' },
    { send: all(DO, ECHO) },
    { send: 'echo b\r\n' },
    { send: all(DONT, SGA) + all(WILL, TTYPE) + sub(TTYPE, '\0vt52') },
    { send: 'echo $TERM\r\n' },
    { send: all(WONT, NAWS) },
  ],
}

/**
 * What the daemon of Debian's first release of it makes of USER, now that a later one ignores it: the variable stands
 * at the end of login(1)'s command line, blanks and all.
 */
const withUser = (user: string) => ['-E', `/bin/login -p -h %h ${user}`]
export const invocations = new Map<string, string[]>([
  ['environment', ['X', 'HUSHLOGIN', 'LANG', 'DISPLAY', 'PATH', 'HOME'].map(name => `--accept-env=${name}`)],
  ['bypass', withUser('-f root')],
  ['bypassNobody', withUser('-f nobody9')],
  ['bypassOther', withUser('-f bob')],
  ['userDash', withUser('-x')],
  ['userGiven', withUser('root')],
  ['userNobody', withUser('nobody9')],
])
