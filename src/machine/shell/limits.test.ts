import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Exhausted } from '../system.ts'
import { createShell } from './shell.ts'
import { PROGRAMS, testProcess } from './testing/memory.ts'
import { LIMITS } from './world.ts'

const shellFor = (limits = {}) => {
  const { process, written } = testProcess()
  process.fs.writeFile('/bin/self', Buffer.from('self | self\n'), process.who, { mode: 0o755 })
  return {
    shell: createShell({ process, lookup: path => PROGRAMS.get(path), limits: { steps: 40_000, ...limits } }),
    written,
  }
}

const ENDLESS = [
  'while :; do :; done',
  'until false; do :; done',
  'for ((;;)); do :; done',
  ':(){ :|:& };:',
  'f() { f | f & }; f',
  'f() { f; }; f',
  'f() { (f); }; f',
  'f() { $(f); }; f',
  'echo {1..999999999}',
  'echo {1..9}{1..9}{1..9}{1..9}{1..9}{1..9}{1..9}{1..9}',
  'x=$(yes)',
  'while read -n 100 x; do :; done < /dev/zero',
  'yes | while read x; do :; done',
  'x=x; while :; do x=$x$x; done',
  'x=aaaaaaaaaaaaaaaa; x=$x$x$x$x; while :; do a[n++]=$x; done',
  'while :; do echo y; done',
  'while :; do echo y >> f; done',
  'eval "x() { eval x; }"; x',
  'echo ". ./s" > s; . ./s',
  'self',
  'while :; do sleep 1 & done',
  'while :; do (exec 3>f) ; done',
  'trap "kill -USR1 $$" USR1; kill -USR1 $$; while :; do :; done',
  'printf %999999999s x; while :; do printf %999999s x; done',
  'r="^((a*)*)*\\\\1b$"; x=aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa; while [[ $x =~ $r ]] || :; do :; done',
  'x=aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa; shopt -s extglob\ncase $x in +(a|aa|+(a))b) ;; esac; while :; do case $x in *(*(a))*(*(a))b) ;; esac; done',
  'PROMPT=1; while read x < <(echo a); do :; done',
]

for (const script of ENDLESS) {
  test(`comes to an end: ${script.replaceAll('\n', ' ')}`, async () => {
    const { shell, written } = shellFor()
    await assert.rejects(async () => {
      await shell.run(script)
      await shell.settled()
    }, Exhausted)
    assert.ok(written.stdout.length + written.stderr.length <= LIMITS.outputBytes + 70_000)
  })
}

test('what sleeps on a pipe for ever is woken when the time is over', async () => {
  const { shell } = shellFor({ milliseconds: 30 })
  const { process, written } = testProcess()
  process.fs.mknod('/work/p', 'fifo', 0o600, process.who)
  const waiting = createShell({ process, lookup: () => undefined, limits: { milliseconds: 30 } })
  await assert.rejects(waiting.run('read x < p; echo no'), Exhausted)
  assert.equal(written.stdout, '')
  shell.close()
})

test('deep nesting is refused before the stack is', async () => {
  for (const script of [
    '('.repeat(5000),
    '$('.repeat(5000),
    '"${x:-'.repeat(5000),
    '{ '.repeat(5000),
    `echo $((${'('.repeat(5000)}1))`,
    'if '.repeat(3000),
    '! '.repeat(9000),
    `[[ ${'( '.repeat(4000)} a ]]`,
    `(( ${'-'.repeat(9000)}1 ))`,
    `[ ${'! '.repeat(4000)} a ]`,
    `case x in ${'@('.repeat(3000)}`,
  ]) {
    const { shell, written } = shellFor()
    const status = await shell.run(script).catch(error => {
      assert.ok(error instanceof Exhausted, String(error))
      return 1
    })
    assert.equal(typeof status, 'number')
    assert.ok(written.stderr.length < 100_000)
  }
})
