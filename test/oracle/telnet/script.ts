import type { Move } from './dialogue.ts'

export const [SE, SB, WILL, WONT, DO, DONT, IAC] = ['\xf0', '\xfa', '\xfb', '\xfc', '\xfd', '\xfe', '\xff']
const [ECHO, SGA, TTYPE, NAWS, TSPEED, LFLOW, LINEMODE, XDISPLOC, OLDENV, ENV] = [
  '\x01',
  '\x03',
  '\x18',
  '\x1f',
  '\x20',
  '\x21',
  '\x22',
  '\x23',
  '\x24',
  '\x27',
]
const AUTH = '\x25'
export const all = (verb: string, ...options: string[]) => options.map(option => IAC + verb + option).join('')
export const sub = (option: string, value: string) => IAC + SB + option + value + IAC + SE
const IS = '\0'

/** Every option refused as it is asked for: what a bot that knows telnet only by name does. */
const refusal1 = all(DONT, AUTH, '\x26') + all(WONT, TTYPE, TSPEED, XDISPLOC, ENV, OLDENV)
const refusal2 = all(DONT, SGA) + all(WONT, ECHO, LINEMODE, NAWS) + all(DONT, '\x05') + all(WONT, LFLOW)
const refusal3 = all(DONT, ECHO)
export const refuse = [{ send: '' }, { send: refusal1 }, { send: refusal2 }, { send: refusal3 }]
/** A Linux telnet client's agreement. */
export const agreement1 =
  all(DONT, AUTH, '\x26') + all(WILL, TTYPE, TSPEED) + all(WONT, XDISPLOC) + all(WILL, ENV) + all(WONT, OLDENV)
const answers = sub(TSPEED, `${IS}38400,38400`) + sub(ENV, IS) + sub(TTYPE, `${IS}XTERM`)
export const agreement2 =
  all(DO, SGA) +
  all(WONT, ECHO, LINEMODE) +
  all(WILL, NAWS) +
  sub(NAWS, '\0\x50\0\x18') +
  all(DO, '\x05') +
  all(WILL, LFLOW)
export const agreement3 = all(DO, ECHO)
export const agree = [{ send: '' }, { send: agreement1 }, { send: answers }, { send: agreement2 }, { send: agreement3 }]

export const dialogues: Record<string, Move[]> = {
  /** Says nothing about options: a real daemon waits for its answers and never prompts. */
  silent: [{ send: '' }, { send: 'root\r\n' }],
  /** Answers every request with a refusal. */
  refusing: [...refuse, { send: 'root\r\n' }, { send: 'vizxv\r\n', until: 'incorrect' }],
  /** A real client. */
  agreeing: [...agree, { send: 'root\r\0' }, { send: 'secret\r\0', until: 'incorrect' }],
  /** Sends everything at once, like a Mirai loader in a hurry. */
  eager: [{ send: `${refusal1}${refusal2}${refusal3}root\r\nroot\r\n`, until: 'incorrect' }, { send: '' }],
  /** Line editing at the prompt. */
  editing: [
    ...agree,
    { send: 'rooo\x7ft\r\0' },
    { send: 'x\r\0', until: 'incorrect' },
    { send: 'abcdef\x15bob\r\0' },
    { send: 'y\r\0', until: 'incorrect' },
    { send: '\r\0' },
    { send: '\r\0', until: 'incorrect' },
    { send: 'ab\x17cd\x12e\r\0' },
    { send: 'z\r\0', until: 'incorrect' },
    { send: 'a\tb\x1b[A\x16\x03c\x08d\r\0' },
    { send: '\r\0', until: 'incorrect' },
  ],
  interrupted: [...agree, { send: 'abc' }, { send: '\x03' }],
  interruptedPassword: [...agree, { send: 'root\r\0' }, { send: '\x03' }],
  endOfFile: [...agree, { send: '\x04' }, { send: '', until: 'login: ' }],
  endOfFileLater: [...agree, { send: 'ro\x04' }, { send: '\x04', until: 'incorrect' }, { send: 'ot\r\0' }],
  emptyPassword: [...agree, { send: 'bob\r\0' }, { send: '\r\0', until: 'incorrect' }],
  /** Until login(1) gives up. */
  fiveTimes: [
    ...agree,
    ...['a', 'b', 'c', 'd', 'e', 'f'].flatMap(name => [
      { send: `${name}\r\0`, until: 'Password: ' },
      { send: 'x\r\0', until: 'ncorrect' },
    ]),
    { send: '' },
  ],
  /** Telnet commands: are you there, erase, break, no operation; options unknown to the server. */
  commands: [
    ...refuse,
    { send: `${IAC}\xf6` },
    { send: `ab${IAC}\xf7c\r\0` },
    { send: `${IAC}\xf1${IAC}\xf3` },
    { send: all(DO, '\x06', '\x2a', '\xc8') + all(WILL, '\x2a', '\x46') },
    { send: all(DO, '\x06') + sub(LFLOW, '\x01') + all(WILL, '\x06') },
  ],
  /** The user name by way of the environment. */
  environment: [
    { send: '' },
    { send: agreement1 },
    { send: sub(ENV, `${IS}\0USER\x01bob`) + sub(TTYPE, `${IS}xterm-256color`) + sub(TSPEED, `${IS}9600,9600`) },
    { send: agreement2 },
    { send: agreement3 },
    { send: 'x\r\0', until: 'incorrect' },
  ],
  half: [
    { send: `${IAC}` },
    { send: WILL },
    { send: TTYPE },
    { send: `${IAC}${SB}${TTYPE}` },
    { send: `${IS}VT100${IAC}` },
    { send: SE },
  ],
  highBytes: [...refuse, { send: 'caf\xc3\xa9\r\0' }, { send: `p${IAC}${IAC}\xe9\r\0`, until: 'incorrect' }],
  longName: [...refuse, { send: `${'a'.repeat(300)}\r\0` }, { send: 'x\r\0', until: 'ncorrect' }],

  /** Both lines at once, once the prompt has come. */
  typedAhead: [
    ...refuse,
    { send: 'root\r\nxc3511\r\n' },
    { send: 'again\r\n', until: 'incorrect' },
    { send: 'root\r\n' },
  ],
  typedAheadEchoed: [
    ...agree,
    { send: 'root\r\nxc3511\r\n' },
    { send: 'again\r\n', until: 'incorrect' },
    { send: 'root\r\n' },
  ],
  unknownOptions: [
    ...refuse,
    { send: all(DO, '\x06', '\x2a', '\xc8') },
    { send: all(WILL, '\x2a', '\x46', '\x06') },
    { send: all(DO, '\x05') },
    { send: sub('\x05', '\x01') },
    { send: all(DO, '\0', ECHO, SGA) },
    { send: all(WILL, '\0', SGA, NAWS) + sub(NAWS, '\0\x84\0\x2b') },
    { send: all(WONT, '\0', SGA, NAWS) },
    { send: all(DONT, ECHO, SGA) },
    { send: all(WILL, ECHO) },
  ],
  /** GNU inetutils' own client: LINEMODE is offered, tried and given up. */
  lineMode: [
    { send: '' },
    {
      send:
        all(DO, AUTH, '\x26') +
        sub('\x26', '\x01') +
        all(WILL, TTYPE, TSPEED) +
        all(WONT, XDISPLOC) +
        all(WILL, ENV) +
        all(WONT, OLDENV),
    },
    { send: answers },
    {
      send:
        all(DO, SGA) +
        all(WONT, ECHO) +
        all(WILL, LINEMODE) +
        sub(
          LINEMODE,
          '\x03\x01\0\0\x03b\x03\x04\x02\x0f\x05\0\0\x07b\x1c\x08\x02\x04\tB\x1a\n\x02\x7f\x0b\x02\x15\x0c\x02\x17\r\x02\x12\x0e\x02\x16\x0f\x02\x11\x10\x02\x13\x11\0\0\x12\0\0',
        ) +
        all(WILL, NAWS) +
        sub(NAWS, '\0\0\0\0') +
        all(DO, '\x05') +
        all(WILL, LFLOW),
    },
    { send: sub(LINEMODE, '\x01\x07') },
    { send: all(DO, ECHO) + all(WILL, '\0') + all(WONT, LINEMODE) },
    { send: 'roo\x7ft\r' },
    { send: 'x\r', until: 'incorrect' },
  ],
  quit: [...agree, { send: 'a' }, { send: '\x1c' }],
  suspend: [...agree, { send: 'a' }, { send: '\x1a' }, { send: 'b\r\0' }],
  interruptByCommand: [...refuse, { send: `${IAC}\xf4` }, { send: '' }],
  endOfFileCommand: [...refuse, { send: `a${IAC}\xec` }, { send: `b${IAC}\xf8c\r\0`, until: 'incorrect' }],
  abortOutput: [...refuse, { send: `${IAC}\xf5` }, { send: '' }],
  /** LOGIN_TIMEOUT. */
  slow: [...refuse, { send: '', until: 'timed out', seconds: 70 }],
  slowPassword: [...refuse, { send: 'root\r\0' }, { send: '', until: 'timed out', seconds: 70 }],
  rejectedEcho: [
    { send: '' },
    { send: refusal1 },
    { send: all(WILL, ECHO, NAWS) + all(DONT, SGA, '\x05') },
    { send: all(WONT, LINEMODE, LFLOW) },
    { send: 'a\r\n' },
  ],
  askTwice: [
    { send: '' },
    { send: all(DONT, AUTH, '\x26') + all(WILL, TTYPE) + all(WONT, TSPEED, XDISPLOC, ENV) + all(WILL, OLDENV) },
    { send: sub(TTYPE, `${IS}NONSENSE-9`) + sub(OLDENV, `${IS}\x01USER\0bob`) },
    { send: sub(TTYPE, `${IS}vt100`) },
    { send: refusal2 },
  ],
  /** Everything is answered but what the server offers of itself. */
  halfAnswered: [
    { send: '' },
    { send: all(WONT, TTYPE, TSPEED, XDISPLOC, ENV, OLDENV) },
    { send: all(DONT, AUTH) },
    { send: all(DONT, '\x26') },
  ],
}
