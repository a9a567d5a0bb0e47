// biome-ignore-all lint/suspicious/noTemplateCurlyInString: these are the shell’s own expansions
import assert from 'node:assert/strict'
import { test } from 'node:test'
import v8 from 'node:v8'
import vm from 'node:vm'
import { numbers } from '#codec/testing.ts'
import { programs } from './commands/index.ts'
import { Exhausted } from './system.ts'
import { inputOf, rootAccount, testComputer, testWitness } from './testing.ts'

type Draw = (below: number) => number
const pick = <T>(draw: Draw, from: readonly T[]): T => from[draw(from.length)]!

const names = [...programs.keys()].map(path => path.slice(path.lastIndexOf('/') + 1)).toSorted()
const builtins = [
  'echo',
  'cd',
  'read x',
  'eval',
  'exec 3>f',
  'trap "" INT',
  'export',
  'set -e',
  'kill -9 $$',
  'type',
  'wait',
  'test',
  'printf',
]
const letters = 'abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789?:'
const operands = [
  '-',
  '--',
  '--help',
  '--version',
  '.',
  '..',
  '/',
  '/etc/passwd',
  '/proc/self/status',
  '/proc/1/environ',
  '/dev/null',
  '/dev/zero',
  '/dev/urandom',
  '/dev/sda',
  '/dev/tcp/192.0.2.1/80',
  '/sys',
  '/tmp',
  '/root/.ssh/authorized_keys',
  '/usr/bin/bash',
  '/nowhere/at/all',
  'f',
  'd/e',
  '*',
  '/etc/*',
  '/proc/*',
  '""',
  '"a b"',
  "$'\\xff\\xfe\\x00\\n'",
  '$(seq 1 50)',
  '`id`',
  '{a,b}{1..9}',
  '~root',
  '0',
  '-1',
  '1',
  '99999999999999999999',
  '4294967296',
  '1e308',
  '0x7fffffff',
  '+x',
  'u+rwxs,g=o',
  '777',
  'root:root',
  'http://192.0.2.1/x.sh',
  'https://[2001:db8::1]:8443/%00',
  'user@192.0.2.1:/x',
  '192.0.2.1',
  'localhost',
  's/\\(.*\\)*x/&&/g',
  '"BEGIN{while(i<9)print i++}"',
  '{print $1; getline}',
  '"^(a|b*)*c$"',
  '\\;',
  '{} +',
  'if=/dev/zero of=f bs=1M count=99999',
  '%s%n%*d',
  'AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA',
]

const word = (draw: Draw): string => {
  const kind = draw(10)
  if (kind < 3) return `-${Array.from({ length: 1 + draw(3) }, () => letters[draw(letters.length)]).join('')}`
  if (kind === 3) return `--${pick(draw, names)}=${pick(draw, operands)}`
  return pick(draw, operands)
}
const simple = (draw: Draw): string => {
  const name = draw(4) === 0 ? pick(draw, builtins) : pick(draw, names)
  const words = Array.from({ length: draw(5) }, () => word(draw))
  const redirection = pick(draw, [
    '',
    '',
    '',
    ' > f',
    ' >> d/e',
    ' < /etc/passwd',
    ' 2>&1',
    ' < /dev/zero',
    ' <<< x',
    ' > /proc/self/mem',
  ])
  return [name, ...words].join(' ') + redirection
}
const line = (draw: Draw, depth = 0): string => {
  const one = simple(draw)
  if (depth > 2) return one
  const next = () => line(draw, depth + 1)
  switch (draw(14)) {
    case 0:
      return `${one} | ${next()}`
    case 1:
      return `${one}; ${next()}`
    case 2:
      return `${one} && ${next()} || ${next()}`
    case 3:
      return `(${one}; ${next()})`
    case 4:
      return `for i in 1 2 3; do ${next()}; done`
    case 5:
      return `while ${one}; do ${next()}; done`
    case 6:
      return `${one} & ${next()}`
    case 7:
      return `x=$(${one}) ${next()}`
    case 8:
      return `sh -c '${one.replaceAll("'", '')}'`
    case 9:
      return `echo '${one.replaceAll("'", '')}' | ${pick(draw, ['sh', 'bash', 'xargs', 'xargs -n1', 'sh -s'])}`
    case 10:
      return `cat > s <<EOF\n${one}\nEOF\nchmod +x s; ./s ${word(draw)}`
    default:
      return one
  }
}

/** Lines for each of so many machines; a machine keeps what earlier lines did to it. */
const LINES = 40
const COUNT = Number(process.env.SKEP_FUZZ_LINES ?? 10_000)
const SEED = Number(process.env.SKEP_FUZZ_SEED ?? 20_261_122)

/** What cannot be collected: other tests may share this process, and how much of the rest is still there is the collector's affair. */
function liveBytes(): number {
  v8.setFlagsFromString('--expose-gc')
  vm.runInNewContext('gc')()
  const { heapUsed, external } = process.memoryUsage()
  return heapUsed + external
}

test(`${COUNT} hostile lines: nothing but an end, and memory stays bounded`, async t => {
  const draw = numbers(SEED)
  const faults: string[] = []
  const before = liveBytes()
  let exhausted = 0
  let most = 0
  for (let done = 0; done < COUNT; done += LINES) {
    const computer = testComputer()
    for (let i = 0; i < LINES; i++) {
      const text = line(draw)
      let printed = 0
      const sink = {
        async write(data: Buffer | string) {
          printed += data.length
        },
      }
      const login = computer.logIn({
        account: rootAccount,
        witness: {
          ...testWitness([]),
          fault: ({ program, error }) =>
            void faults.push(`${text}\n  ${program}: ${error.stack?.split('\n').slice(0, 4).join('\n  ')}`),
        },
        from: '198.51.100.7',
        stdin: inputOf('one\ntwo\n'),
        stdout: sink,
        stderr: sink,
        daemon: { argv: ['sshd: root@notty'], exe: '/usr/sbin/sshd' },
      })
      login.abandon()
      const began = performance.now()
      try {
        const status = await login.exec(text)
        if (!(status >= 0 && status <= 255)) faults.push(`${text}\n  status ${status}`)
      } catch (error) {
        if (error instanceof Exhausted) exhausted++
        else faults.push(`${text}\n  ${(error as Error).stack?.split('\n').slice(0, 4).join('\n  ')}`)
      }
      login.close()
      const took = performance.now() - began
      if (took > Number(process.env.SKEP_FUZZ_SLOW ?? 3000)) t.diagnostic(`${Math.round(took)} ms: ${text}`)
      most = Math.max(most, printed)
    }
    assert.ok(computer.weight() < 32 << 20, 'what one attacker may keep is bounded')
  }
  const grown = liveBytes() - before
  t.diagnostic(
    `${exhausted} lines ended at a ceiling; at most ${most} bytes printed; ${Math.round(grown / 2 ** 20)} MB kept in the end`,
  )
  assert.deepEqual(faults.slice(0, 20), [], `${faults.length} faults`)
  assert.ok(grown < 64 << 20, `${grown} bytes`)
})
