// biome-ignore-all lint/suspicious/noTemplateCurlyInString: these are the shell’s own expansions
import assert from 'node:assert/strict'
import fs from 'node:fs'
import { test } from 'node:test'
import { numbers } from '#codec/testing.ts'
import { Exhausted } from '../system.ts'
import { createShell } from './shell.ts'
import { PROGRAMS, testProcess } from './testing/memory.ts'

type Draw = (below: number) => number
const pick = <T>(draw: Draw, from: readonly T[]): T => from[draw(from.length)]!

const WORDS = [
  'a',
  '$x',
  '"$x"',
  "'q'",
  '$(echo a)',
  '`echo b`',
  '${x:-d}',
  '${x//a/b}',
  '${#x}',
  '$((1+2))',
  '{1..5}',
  '{a,b}',
  '*',
  '?',
  '[a',
  '~',
  '$@',
  '"$@"',
  '$#',
  '$?',
  '$$',
  '$!',
  "$'\\x41'",
  '<(echo p)',
  '-n',
  '--',
  '0',
  '99999999999999999999',
  '/dev/null',
  '"',
  "'",
  '`',
  '$(',
  '${',
  '$((',
  '\\',
  '\xff\x00',
  '!',
  '[[',
  ']]',
  '))',
  '%1',
  'x=1',
  'a[1]=2',
  'a=(1 2)',
  '${a[@]}',
  '${!x}',
  '${x:1:2}',
  '${x^^}',
  '@(a|b)',
  'EOF',
]
const COMMANDS = [
  'echo',
  'printf %s',
  'read',
  'test',
  '[',
  'cd',
  'export',
  'unset',
  'set',
  'shift',
  'eval',
  'exec',
  '.',
  'type',
  'command',
  'trap',
  'wait',
  'kill',
  'umask',
  'getopts ab',
  'let',
  'declare',
  'local',
  'readonly',
  'alias',
  'cat',
  'nosuch',
  'return',
  'exit',
  'break',
  'continue',
  'mapfile',
  'shopt',
  'f',
  'ulimit',
  'hash',
  'builtin',
  'jobs',
  'pushd',
  'printf %d',
  'printf %*.*f',
  'sleep',
]
const JOINS = [';', '\n', '&&', '||', '|', '&', '|&', ' ']
const REDIRECTIONS = [
  '> f',
  '< f',
  '2>&1',
  '>&-',
  '<<< x',
  '<< E\nb\nE\n',
  '&> f',
  '3<> f',
  '>| f',
  '<&3',
  '>> /',
  '2>/dev/null',
  '< /dev/zero',
]

const grammar = (draw: Draw, depth: number): string => {
  const simple = () =>
    `${pick(draw, COMMANDS)}${Array.from({ length: draw(4) }, () => ` ${pick(draw, WORDS)}`).join('')}${draw(4) === 0 ? ` ${pick(draw, REDIRECTIONS)}` : ''}`
  if (depth <= 0) return simple()
  const inner = () => grammar(draw, depth - 1)
  switch (draw(14)) {
    case 0:
      return `if ${inner()}; then ${inner()}; else ${inner()}; fi`
    case 1:
      return `for i in ${pick(draw, WORDS)} ${pick(draw, WORDS)}; do ${inner()}; done`
    case 2:
      return `while ${inner()}; do ${inner()}; done`
    case 3:
      return `case ${pick(draw, WORDS)} in ${pick(draw, WORDS)}) ${inner()};; *) ${inner()};; esac`
    case 4:
      return `( ${inner()} )`
    case 5:
      return `{ ${inner()}; }`
    case 6:
      return `f() { ${inner()}; }; f`
    case 7:
      return `[[ ${pick(draw, WORDS)} ${pick(draw, ['==', '=~', '<', '-eq', '&&', ''])} ${pick(draw, WORDS)} ]]`
    case 8:
      return `(( ${pick(draw, ['x++', 'x=', '1/0', 'a[1]', '2**63', 'x?1:2', '(', '$x'])} ))`
    case 9:
      return `for ((i=0;i<${draw(9)};i++)); do ${inner()}; done`
    case 10:
      return `echo "$(${inner()})"`
    default:
      return `${inner()} ${pick(draw, JOINS)} ${inner()}`
  }
}

const mutate = (draw: Draw, line: string): string => {
  let text = line
  for (let n = 1 + draw(4); n > 0; n--) {
    const at = draw(text.length + 1)
    switch (draw(5)) {
      case 0:
        text = text.slice(0, at) + text.slice(at + 1 + draw(3))
        break
      case 1:
        text = text.slice(0, at) + String.fromCharCode(draw(256)) + text.slice(at)
        break
      case 2:
        text = text.slice(0, at) + pick(draw, WORDS) + text.slice(at)
        break
      case 3:
        text = text.slice(0, at)
        break
      default:
        text = text + pick(draw, JOINS) + text.slice(at)
    }
  }
  return text
}

test('ten thousand hostile lines neither crash nor hang the shell', async () => {
  const draw = numbers(20_261_122)
  const corpus = fs
    .readFileSync(new URL('../../../test/oracle/bash/corpus.txt', import.meta.url), 'latin1')
    .split('\n')
    .filter(line => line !== '')
    .map(line => line.replaceAll('\xe2\x90\xa4', '\n'))
  let ended = 0
  for (let i = 0; i < 10_000; i++) {
    const script = i % 2 === 0 ? grammar(draw, 3) : mutate(draw, pick(draw, corpus))
    const { process, written } = testProcess(i % 3 === 0 ? 'one two\nthree\n' : '')
    process.sleep = async () => {}
    const shell = createShell({
      process,
      lookup: path => PROGRAMS.get(path),
      flavour: i % 5 === 0 ? 'sh' : 'bash',
      limits: {
        steps: 3_000,
        outputBytes: 50_000,
        valueBytes: 20_000,
        variableBytes: 200_000,
        fields: 500,
        milliseconds: 2_000,
      },
    })
    try {
      const status = await shell.run(script)
      await shell.settled()
      assert.ok(Number.isInteger(status) && status >= 0 && status < 256, `${status} of ${JSON.stringify(script)}`)
    } catch (error) {
      if (!(error instanceof Exhausted)) throw new Error(`line ${i}: ${JSON.stringify(script)}`, { cause: error })
      ended++
    }
    assert.ok(written.stdout.length + written.stderr.length < 300_000, `output of ${JSON.stringify(script)}`)
    shell.close()
  }
  // Most of them must get somewhere, or the test looks at nothing but the ceilings.
  assert.ok(ended < 4_000, `${ended} met a ceiling`)
})
