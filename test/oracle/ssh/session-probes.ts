import { Message } from '../../../src/services/ssh/messages.ts'
import { boolean, byte, message, string, uint32 } from '../../../src/services/ssh/wire.ts'

/** What a client that is logged in does: in each round some payloads at once, then it hears what comes back. */
export type SessionProbe = { name: string; identification?: string; rounds: Buffer[][] }

const window = 1 << 21
const packet = 32_768
export const openChannel = (type: string, id = 0, size = window, most = packet, ...rest: Buffer[]): Buffer =>
  message(Message.channelOpen, string(type), uint32(id), uint32(size), uint32(most), ...rest)
export const request = (id: number, type: string, wantsReply: boolean, ...rest: Buffer[]): Buffer =>
  message(Message.channelRequest, uint32(id), string(type), boolean(wantsReply), ...rest)
const global = (type: string, wantsReply: boolean, ...rest: Buffer[]): Buffer =>
  message(Message.globalRequest, string(type), boolean(wantsReply), ...rest)
export const exec = (command: string, id = 0): Buffer => request(id, 'exec', true, string(command))
export const data = (bytes: Buffer | string, id = 0): Buffer => message(Message.channelData, uint32(id), string(bytes))
export const eof = (id = 0): Buffer => message(Message.channelEof, uint32(id))
export const close = (id = 0): Buffer => message(Message.channelClose, uint32(id))
const adjust = (id: number, bytes: number): Buffer => message(Message.channelWindowAdjust, uint32(id), uint32(bytes))
export const pty = (id = 0, modes: Buffer = byte(0), term = 'xterm'): Buffer =>
  request(id, 'pty-req', true, string(term), uint32(80), uint32(24), uint32(0), uint32(0), string(modes))
const env = (name: string, value: string): Buffer => request(0, 'env', true, string(name), string(value))
const direct = (host: string, port: number, id = 0): Buffer =>
  openChannel('direct-tcpip', id, window, packet, string(host), uint32(port), string('192.0.2.1'), uint32(1234))
const forward = (address: string, port: number, wantsReply = true): Buffer =>
  global('tcpip-forward', wantsReply, string(address), uint32(port))
const cancel = (address: string, port: number): Buffer =>
  global('cancel-tcpip-forward', true, string(address), uint32(port))
const session = openChannel('session')
const probe = (name: string, ...rounds: Buffer[][]): SessionProbe => ({ name, rounds })
/** With a session that is open. */
const within = (name: string, ...rounds: Buffer[][]): SessionProbe => probe(name, [session], ...rounds)

export const sessionProbes: readonly SessionProbe[] = [
  probe('nothing', []),
  { name: 'a client with a bug about host keys', identification: 'SSH-2.0-TTSSH/2.72 Win32\r\n', rounds: [[]] },
  probe('unknown messages', [byte(79), byte(101), byte(191), byte(52), byte(61)]),
  probe('a log-in once more', [
    message(50, string('root'), string('ssh-connection'), string('none')),
    message(5, string('ssh-userauth')),
    message(5, string('ssh-connection')),
  ]),
  probe('an answer to no request', [byte(81), byte(82), message(99, uint32(7)), message(100, uint32(7))]),
  probe('an EXT_INFO', [message(7, uint32(0))]),

  probe('global: unknown, with and without an answer', [
    global('nobody@example', true),
    global('nobody@example', false),
  ]),
  probe('global: keepalive', [global('keepalive@openssh.com', true)]),
  probe('global: no more sessions, then one', [global('no-more-sessions@openssh.com', true)], [session]),
  probe('global: cut short', [message(80, uint32(5))]),
  probe('global: without its boolean', [message(80, string('x'))]),
  probe('global: forward a port', [forward('', 45_781), forward('', 45_781)], [cancel('', 45_781), cancel('', 45_781)]),
  probe('global: forward localhost', [forward('localhost', 45_782), forward('127.0.0.1', 45_782)]),
  probe('global: forward another address', [forward('192.0.2.55', 45_783), cancel('localhost', 45_783)]),
  probe('global: forward no port without an answer', [forward('', 0, false)]),
  probe('global: forward a port beyond', [forward('', 70_000)]),
  probe('global: forward, then a channel', [forward('localhost', 45_784)], [session]),
  probe('global: forward cut short', [global('tcpip-forward', true, string(''))]),
  probe('global: cancel cut short', [global('cancel-tcpip-forward', true)]),
  probe('global: a byte behind', [global('keepalive@openssh.com', true, byte(1)), forward('', 45_785)]),
  probe('global: prove an unknown key', [global('hostkeys-prove-00@openssh.com', true, string('abc'))]),
  probe('global: prove nothing', [global('hostkeys-prove-00@openssh.com', true)]),

  probe('open: an unknown type', [openChannel('nothing')]),
  probe('open: x11 from the client', [openChannel('x11', 0, window, packet, string('127.0.0.1'), uint32(5))]),
  probe('open: an agent from the client', [openChannel('auth-agent@openssh.com')]),
  probe('open: forwarded-tcpip from the client', [
    openChannel('forwarded-tcpip', 0, window, packet, string('a'), uint32(1), string('b'), uint32(2)),
  ]),
  probe('open: a tunnel device', [openChannel('tun@openssh.com', 0, window, packet, uint32(1), uint32(0))]),
  probe('open: cut short', [message(90, string('session'))]),
  probe('open: session with a byte behind', [openChannel('session', 0, window, packet, byte(1))]),
  probe('open: eleven sessions', [Array.from({ length: 11 }, (_, i) => openChannel('session', i + 100))].flat()),
  probe('open: closed and opened again', [session, openChannel('session', 1)], [close(0)], [openChannel('session', 2)]),
  probe('open: a small window', [openChannel('session', 5, 10, 3)], [exec('echo 0123456789abcdef')]),
  probe('open: a packet of nothing', [openChannel('session', 5, 100, 0)], [exec('echo 0123456789')]),
  probe('open: direct, refused', [direct('127.0.0.1', 1)]),
  probe('open: direct, a port beyond', [direct('127.0.0.1', 70_000)]),
  probe('open: direct, no name', [direct('', 80)]),
  probe('open: direct, an invalid name', [direct('no such name', 80)]),
  probe('open: direct, cut short', [openChannel('direct-tcpip', 0, window, packet, string('127.0.0.1'))]),
  probe('open: direct, a socket that is not there', [
    openChannel(
      'direct-streamlocal@openssh.com',
      3,
      window,
      packet,
      string('/nonexistent.sock'),
      string(''),
      uint32(0),
    ),
  ]),

  ...(
    [
      ['data', data('x', 7)],
      ['extended data', message(95, uint32(7), uint32(1), string('x'))],
      ['eof', eof(7)],
      ['close', close(7)],
      ['a window', adjust(7, 5)],
      ['a request', request(7, 'shell', true)],
      ['a confirmation', message(91, uint32(7), uint32(0), uint32(1), uint32(1))],
      ['a failure', message(92, uint32(7), uint32(1), string('x'), string(''))],
      ['data for a huge number', data('x', 0xffffffff)],
      ['a request for a huge number', request(0xffffffff, 'shell', true)],
    ] as const
  ).map(([name, payload]) => probe(`no such channel: ${name}`, [payload])),
  within('channel: a confirmation of what is open', [message(91, uint32(0), uint32(0), uint32(1), uint32(1))]),
  within('channel: a failure of what is open', [message(92, uint32(0), uint32(1), string('x'), string(''))]),
  within('channel: data before a program', [data('hello')], [exec('cat'), eof()]),
  within('channel: eof before a program', [eof()], [exec('cat')]),
  within('channel: extended data', [exec('cat')], [message(95, uint32(0), uint32(1), string('x')), eof()]),
  within('channel: extended data of another kind', [exec('cat')], [message(95, uint32(0), uint32(2), string('x'))]),
  within('channel: data after eof', [exec('cat')], [eof(), data('late')]),
  within('channel: data after close', [exec('sleep 3')], [close(), data('late')]),
  within('channel: closed while a program runs', [exec('sleep 2.5; echo late; exit 3')], [close()], [], [], []),
  within(
    'channel: closed while a program runs on a terminal',
    [pty()],
    [exec('sleep 3; echo late')],
    [close()],
    [openChannel('session', 4)],
  ),
  within('channel: eof twice', [exec('cat'), eof(), eof()]),
  within('channel: close twice', [close(), close()]),
  within('channel: close at once', [close()]),
  within('channel: a packet that is too big', [exec('cat | wc -c')], [data(Buffer.alloc(40_000)), data('x'), eof()]),
  within('channel: a window that overflows', [adjust(0, 0xffffffff)], [exec('echo hi')]),
  within('channel: data cut short', [message(94, uint32(0))]),
  within('channel: data with a byte behind', [exec('cat')], [Buffer.concat([data('x'), byte(1)])]),

  within('request: unknown', [request(0, 'nothing', true)], [request(0, 'nothing', false)]),
  within('request: cut short', [message(98, uint32(0))]),
  within('request: shell cut short, with a byte behind', [request(0, 'shell', true, byte(1))]),
  within('request: exec without a command', [request(0, 'exec', true)]),
  within('request: exec twice', [exec('sleep 3')], [exec('echo second')]),
  within('request: environment', [
    env('LANG', 'C.UTF-8'),
    env('LC_ALL', 'C'),
    env('PATH', '/x'),
    env('LD_PRELOAD', '/x'),
    env('LC_X', 'y'),
  ]),
  within('request: environment is seen', [
    env('LC_PAPER', 'C.UTF-8'),
    env('FOO', 'x'),
    exec('echo "$LC_PAPER|$FOO|$USER|$LOGNAME|$HOME|$SHELL|$MAIL|$TERM|$SSH_TTY"'),
  ]),
  within('request: environment cut short', [request(0, 'env', true, string('LANG'))]),
  within(
    'request: subsystem that is not there',
    [request(0, 'subsystem', true, string('nothing'))],
    [exec('echo still')],
  ),
  within(
    'request: sftp',
    [request(0, 'subsystem', true, string('sftp'))],
    [data(Buffer.from('000000050100000003', 'hex'))],
    [eof()],
  ),
  within(
    'request: agent',
    [request(0, 'auth-agent-req@openssh.com', true)],
    [request(0, 'auth-agent-req@openssh.com', true)],
    [openChannel('session', 9)],
  ),
  within(
    'request: agent, seen',
    [request(0, 'auth-agent-req@openssh.com', true)],
    [exec('case $SSH_AUTH_SOCK in /tmp/ssh-*/agent.*) echo yes;; esac')],
  ),
  within('request: x11', [
    request(
      0,
      'x11-req',
      true,
      boolean(false),
      string('MIT-MAGIC-COOKIE-1'),
      string('00112233445566778899aabbccddeeff'),
      uint32(0),
    ),
  ]),
  within('request: window-change without a terminal', [
    request(0, 'window-change', true, uint32(100), uint32(30), uint32(0), uint32(0)),
  ]),
  within('request: break without a terminal', [request(0, 'break', true, uint32(500))]),
  within('request: signal before a program', [request(0, 'signal', true, string('TERM'))]),
  within('request: signal', [exec('sleep 5')], [request(0, 'signal', true, string('TERM'))]),
  within('request: unknown signal', [exec('sleep 3')], [request(0, 'signal', true, string('NOPE'))]),
  within('request: signal KILL', [exec('exec sleep 5')], [request(0, 'signal', true, string('KILL'))]),
  within('request: exit-status from the client', [request(0, 'exit-status', true, uint32(1))]),
  within('request: flow control', [request(0, 'xon-xoff', true, boolean(true))]),
  within('request: eow', [exec('sleep 3')], [request(0, 'eow@openssh.com', true)]),

  within('exec: nothing', [exec('')]),
  within('exec: true', [exec('true')], [close()]),
  within('exec: status', [exec('exit 3')]),
  within('exec: both outputs', [exec('echo out; sleep 0.1; echo err >&2; sleep 0.1; exit 258')]),
  within('exec: not found', [exec('nosuchcommand')]),
  within('exec: killed', [exec('kill -9 $$')]),
  within('exec: interrupted', [exec('kill -INT $$')]),
  within('exec: a real-time signal', [exec('kill -40 $$')]),
  within('exec: without an answer', [request(0, 'exec', false, string('echo hi'))]),
  within('exec: input', [exec('cat'), data('one\n'), data('two\n')], [eof()]),
  within('exec: input is closed by the program', [exec('exec 0<&-; sleep 0.3; echo done')], [data('x')]),
  within('exec: the output is closed first', [exec('exec >&- 2>&-; sleep 0.3; exit 4')]),
  {
    name: 'exec: as OpenSSH’s client sees its end',
    identification: 'SSH-2.0-OpenSSH_9.2p1 Debian-2\r\n',
    rounds: [[session], [exec('echo hi')]],
  },
  within('exec: much, in packets', [exec('head -c 100000 /dev/zero')]),
  probe('exec: two at once', [session, openChannel('session', 1)], [exec('echo a', 0)], [exec('echo b', 1)]),

  within('terminal: twice', [pty()], [pty()]),
  within('terminal: cut short', [request(0, 'pty-req', true, string('xterm'))]),
  within('terminal: modes cut short', [pty(0, Buffer.from([53, 0, 0]))], [exec('echo hi')]),
  within(
    'terminal: an unknown mode',
    [pty(0, Buffer.from([161, 0, 0, 0, 0, 53, 0, 0, 0, 0, 0]))],
    [exec('stty -a | head -1')],
  ),
  within('terminal: exec', [pty()], [exec('tty >/dev/null; echo $TERM; stty size; exit 5')]),
  within('terminal: without output processing', [pty(0, Buffer.from([72, 0, 0, 0, 0, 0]))], [exec('echo a; echo b')]),
  within(
    'terminal: size changes',
    [pty()],
    [
      request(0, 'window-change', true, uint32(132), uint32(43), uint32(0), uint32(0)),
      request(0, 'window-change', false, uint32(133), uint32(44), uint32(0), uint32(0)),
    ],
    [exec('stty size')],
  ),
  within(
    'terminal: break and signal',
    [pty()],
    [exec('sleep 5')],
    [request(0, 'break', true, uint32(500)), request(0, 'signal', true, string('INT'))],
  ),
  within('terminal: ^C', [pty()], [exec('sleep 5')], [data('\x03')]),
  within('terminal: eof from the client does nothing', [pty()], [exec('sleep 0.5; echo over')], [eof()]),
  within('terminal: no such type', [pty(0, byte(0), '')], [exec('echo [$TERM]')]),
]
