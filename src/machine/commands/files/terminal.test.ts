import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createTerminal } from '#machine/terminal/terminal.ts'
import { runLine } from '#machine/testing.ts'

/** What a line shows on a terminal so wide. */
const shown = async (line: string, columns: number): Promise<string> => {
  const terminal = createTerminal({ name: 'pts/0', type: 'xterm', columns, rows: 24, send: async () => {} })
  const { stdout, stderr } = await runLine(line, { terminal })
  return stdout + stderr
}

test('ls fills a terminal of any width with columns, and quotes what a shell would not take', async () => {
  const make = "mkdir d; cd d; touch one two three four five six 'a b'; ls"
  assert.equal(await shown(make, 80), "'a b'   five   four   one   six   three   two\n")
  assert.equal(await shown(make, 30), "'a b'   four   six     two\n five   one    three\n")
  assert.equal(await shown(make, 10), "'a b'\n five\n four\n one\n six\n three\n two\n")
})

test('ls colours on a terminal where it was asked to', async () => {
  const line = 'mkdir d; cd d; mkdir sub; touch run file; chmod +x run; ln -s nowhere gone; ls --color=auto'
  assert.equal(
    await shown(line, 80),
    'file  \x1b[0m\x1b[01;36mgone\x1b[0m  \x1b[01;32mrun\x1b[0m  \x1b[01;34msub\x1b[0m\n',
  )
  assert.equal((await runLine(line)).stdout, 'file\ngone\nrun\nsub\n')
})

test('control characters in names cannot steer the terminal', async () => {
  const text = await shown("mkdir d; cd d; touch $'\\x1b[2J' $'a\\nb'; ls; ls -N; find . -type f", 80)
  assert.ok(!text.includes('\x1b'), JSON.stringify(text))
  assert.match(text, /^''\$'\\033''\[2J'\s+'a'\$'\\n''b'\n/)
})

test('a person at a terminal is asked before what they may not write is removed', async () => {
  const { stderr, stdout } = await runLine('touch a; chmod 444 a; su -s /bin/sh nobody -c true; echo n | rm -i a; ls a')
  assert.match(stderr, /rm: remove regular empty file 'a'\? /)
  assert.match(stdout, /a\n$/)
})
