import assert from 'node:assert/strict'
import { test } from 'node:test'
import { runLine } from '../../testing.ts'

test('watch shows what a command says, with its title, until the command fails where that is asked', async () => {
  const { stdout, status } = await runLine('TERM=xterm watch -e -n 5 "echo hello; false"')
  assert.equal(status, 8)
  assert.match(
    stdout,
    /\x1b\[H\x1b\[2J\x1b\[1;1HEvery 5\.0s: echo hello; false\x1b\[1;\d\dH\S+: \w{3} \w{3} [ \d]\d [\d:]{8} \d{4}\x1b\[3;1Hhello\x1b\[24;80H/,
  )
  assert.ok(stdout.endsWith('\x1b[24;1H\x1b[?1049l\x1b[23;0;0t\r\x1b[?1l\x1b>'))
})

test('watch needs to know its terminal, and a command', async () => {
  assert.equal((await runLine('env -u TERM watch date')).stderr, 'Error opening terminal: unknown.\n')
  const { stderr, status } = await runLine('watch -y')
  assert.match(stderr, /^watch: invalid option -- 'y'\n\nUsage:\n watch \[options\] command\n/)
  assert.equal(status, 1)
})
