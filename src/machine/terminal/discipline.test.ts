import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createTerminal } from './terminal.ts'
import { applySshModes, type Flag, newTermios } from './termios.ts'

const make = (flags: Flag[] = [], off: Flag[] = []) => {
  let shown = ''
  const signals: number[] = []
  const terminal = createTerminal({
    name: 'pts/3',
    type: 'xterm',
    columns: 80,
    rows: 24,
    async send(bytes) {
      shown += bytes.toString('latin1')
    },
  })
  terminal.foreground = { over: false, signal: number => void signals.push(number) }
  const termios = terminal.termios
  for (const flag of flags) termios.flags.add(flag)
  for (const flag of off) termios.flags.delete(flag)
  terminal.termios = termios
  const turn = async (): Promise<string> => {
    for (let i = 0; i < 5; i++) await new Promise(resolve => setImmediate(resolve))
    const got = shown
    shown = ''
    return got
  }
  return { terminal, signals, turn, type: (keys: string) => terminal.receive(Buffer.from(keys, 'latin1')) }
}
const read = async (terminal: ReturnType<typeof make>['terminal'], max?: number): Promise<string | undefined> =>
  terminal.pending() ? (await terminal.input.read(max))?.toString('latin1') : 'nothing'

const lines: [name: string, typed: string, echoed: string, given: string, on?: Flag[], off?: Flag[]][] = [
  ['gives whole lines', 'ls\r', 'ls\r\n', 'ls\n'],
  ['keeps a line that is not whole', 'ls', 'ls', 'nothing'],
  ['erases', 'lx\x7fs\r', 'lx\b \bs\r\n', 'ls\n'],
  ['erases no more than there is', '\x7f\x7fa\r', 'a\r\n', 'a\n'],
  ['erases control characters in both columns', 'a\x16\x01\x7fb\r', 'a^\b^A\b \b\b \bb\r\n', 'ab\n'],
  ['erases a whole UTF-8 character', '\xc3\xa9\x7fa\r', '\xc3\xa9\b \ba\r\n', 'a\n', ['iutf8']],
  ['erases a byte without iutf8', '\xc3\xa9\x7fa\r', '\xc3\xa9\b \ba\r\n', '\xc3a\n'],
  ['erases words', 'one two\x17\r', 'one two\b \b\b \b\b \b\r\n', 'one \n'],
  ['kills the line', 'abc\x15d\r', 'abc\b \b\b \b\b \bd\r\n', 'd\n'],
  ['kills the line on a printing terminal', 'abc\x15d\r', 'abc^U\r\nd\r\n', 'd\n', [], ['echoe', 'echoke']],
  ['reprints', 'ab\x12c\r', 'ab^R\r\nabc\r\n', 'abc\n'],
  ['takes the next literally', 'a\x16\x03\r', 'a^\b^C\r\n', 'a\x03\n'],
  ['ends a line at ^D without it', 'abc\x04', 'abc', 'abc'],
  ['shows nothing without echo', 'secret\r', '', 'secret\n', [], ['echo']],
  ['shows the newline with echonl', 'secret\r', '\r\n', 'secret\n', ['echonl'], ['echo']],
  ['keeps CR without icrnl', 'a\rb\n', 'a^Mb\r\n', 'a\rb\n', [], ['icrnl']],
  ['ignores CR with igncr', 'a\rb\n', 'ab\r\n', 'ab\n', ['igncr']],
  ['gives bytes as they come when raw', 'a\rb', 'a^Mb', 'a\rb', [], ['icanon', 'icrnl']],
  ['strips the eighth bit', '\xe1\r', 'a\r\n', 'a\n', ['istrip']],
]
for (const [name, typed, echoed, given, on, off] of lines)
  test(`the line discipline ${name}`, async () => {
    const { terminal, turn, type } = make(on, off)
    await type(typed)
    assert.equal(await turn(), echoed)
    assert.equal(await read(terminal), given)
  })

test('signals go to the foreground and drop what was typed', async () => {
  const { terminal, signals, turn, type } = make()
  let shown = ''
  for (const keys of ['abc\x03', 'x\x1c', '\x1a']) {
    await type(keys)
    shown += await turn()
  }
  assert.equal(shown, '^C^\\^Z')
  assert.deepEqual(signals, [2, 3, 20])
  assert.equal(terminal.pending(), false)
})

test('a line longer than 4095 bytes is cut, and its newline kept', async () => {
  const { terminal, type } = make()
  await type(`${'x'.repeat(10_000)}\r`)
  let got = ''
  while (terminal.pending()) got += await read(terminal)
  assert.equal(got, `${'x'.repeat(4095)}\n`)
})

test('a reader takes part of a line and the rest later', async () => {
  const { terminal, type } = make()
  await type('abcdef\rgh\r')
  assert.deepEqual(
    [await read(terminal, 4), await read(terminal, 4), await read(terminal, 4)],
    ['abcd', 'ef\n', 'gh\n'],
  )
})

test('what was typed in one mode is read in the other', async () => {
  const { terminal, type } = make()
  await type('ab\rcd')
  terminal.modes.canonical = false
  assert.equal(await read(terminal), 'ab\ncd')
  await type('xy')
  terminal.modes.canonical = true
  assert.equal(await read(terminal), 'xy')
})

test('^S holds output and ^Q lets it go', async () => {
  const { terminal, turn, type } = make()
  await type('\x13')
  const written = terminal.output.write('held\n')
  assert.equal(await turn(), '')
  await type('\x11')
  await written
  assert.equal(await turn(), 'held\r\n')
})

test('output is post-processed as the flags say', async () => {
  const of = async (text: string, on: Flag[], off: Flag[], tabs = false): Promise<string> => {
    const { terminal, turn } = make(on, off)
    const termios = terminal.termios
    termios.tabs = tabs
    terminal.termios = termios
    await terminal.output.write(text)
    return turn()
  }
  assert.equal(await of('a\nb\n', [], []), 'a\r\nb\r\n')
  assert.equal(await of('a\nb', [], ['opost']), 'a\nb')
  assert.equal(await of('a\nb', [], ['onlcr']), 'a\nb')
  assert.equal(await of('a\tb\n\tc', [], [], true), 'a       b\r\n        c')
  assert.equal(await of('abc', ['olcuc'], []), 'ABC')
})

test('a terminal that hangs up ends its readers and writers', async () => {
  const { terminal, signals } = make()
  const reading = terminal.input.read()
  terminal.hangup()
  assert.equal(await reading, undefined)
  assert.deepEqual(signals, [1])
  await assert.rejects(terminal.output.write('x'), { errno: 'EIO' })
})

test('who is in the background waits to read until it has the terminal again', async () => {
  const { terminal, type } = make()
  const first = { over: false, signal() {} }
  terminal.foreground = first
  let got: string | undefined
  const reading = terminal.input.read().then(data => {
    got = data?.toString('latin1')
  })
  terminal.foreground = { over: false, signal() {} }
  await type('for the other\r')
  assert.equal((await terminal.input.read())?.toString('latin1'), 'for the other\n')
  assert.equal(got, undefined)
  terminal.foreground = first
  await type('for the first\r')
  await reading
  assert.equal(got, 'for the first\n')
})

test('modes of an SSH pty-req', () => {
  const termios = newTermios()
  const modes: number[] = []
  const put = (opcode: number, value: number): void => void modes.push(opcode, 0, 0, value >> 8, value & 255)
  put(3, 8) // VERASE
  put(5, 255) // VEOF disabled
  put(53, 0) // ECHO off
  put(42, 1) // IUTF8
  put(129, 9600)
  put(160, 1)
  applySshModes(termios, Buffer.from([...modes, 0]))
  assert.equal(termios.chars.erase, 8)
  assert.equal(termios.chars.eof, 0)
  assert.equal(termios.flags.has('echo'), false)
  assert.equal(termios.flags.has('iutf8'), true)
  assert.equal(termios.speed, 9600)
})

test('random bytes in every mode: no exception, bounded memory', async () => {
  let seed = 20_260_115
  const random = (n: number): number => {
    seed = (Math.imul(seed, 1_103_515_245) + 12_345) >>> 0
    return (seed >>> 8) % n
  }
  const all: Flag[] = [
    'icanon',
    'echo',
    'isig',
    'icrnl',
    'igncr',
    'inlcr',
    'istrip',
    'ixon',
    'ixany',
    'iutf8',
    'echoe',
    'echok',
    'echoctl',
    'echoke',
    'iexten',
    'opost',
    'onlcr',
    'imaxbel',
    'noflsh',
  ]
  for (let round = 0; round < 60; round++) {
    const chosen = all.filter(() => random(2) === 0)
    const { terminal, type, turn } = make(
      chosen,
      all.filter(flag => !chosen.includes(flag)),
    )
    for (let i = 0; i < 20; i++) {
      const bytes = Buffer.from(Array.from({ length: random(600) }, () => random(256)))
      void type(bytes.toString('latin1'))
      if (random(3) === 0 && terminal.pending())
        assert.ok(((await terminal.input.read(random(100) + 1))?.length ?? 0) <= 4096)
      if (random(5) === 0) terminal.modes.canonical = !terminal.modes.canonical
    }
    assert.ok((await turn()).length < 200_000)
    terminal.hangup()
  }
})
