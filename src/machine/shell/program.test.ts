import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Program } from '../system.ts'
import { sit } from '../terminal/testing.ts'
import { shellProgram } from './program.ts'
import { createShell } from './shell.ts'
import { PROGRAMS, ROOT, testProcess } from './testing/memory.ts'

const programs = new Map<string, Program>(PROGRAMS)
const lookup = (path: string) => programs.get(path)
for (const name of ['bash', 'sh'] as const) programs.set(`/bin/${name}`, shellProgram(name, lookup))

const answers = async (script: string, files: [string, string, number][] = []) => {
  const { process, written } = testProcess()
  for (const name of ['bash', 'sh']) process.fs.writeFile(`/bin/${name}`, Buffer.from('\x7fELF'), ROOT, { mode: 0o755 })
  for (const [path, text, mode] of files) process.fs.writeFile(path, Buffer.from(text, 'latin1'), ROOT, { mode })
  const status = await createShell({ process, lookup }).run(script)
  return [written.stdout, written.stderr, status]
}

test('a script with an interpreter runs in it, with its arguments', async () => {
  assert.deepEqual(await answers('./s a b', [['/work/s', '#!/bin/sh\necho $0 $# $2\nnosuch\nexit 4\n', 0o755]]), [
    './s 2 b\n',
    './s: 3: nosuch: not found\n',
    4,
  ])
  assert.deepEqual(await answers('./s', [['/work/s', '#!/bin/bash -e\nfalse\necho no\n', 0o755]]), ['', '', 1])
  assert.deepEqual(await answers('./s', [['/work/s', '#!/no/such\n', 0o755]]), [
    '',
    'bash: line 1: ./s: cannot execute: required file not found\n',
    127,
  ])
})

test('what may not or cannot run is refused in bash’s words', async () => {
  assert.deepEqual(await answers('./s', [['/work/s', 'echo\n', 0o644]]), [
    '',
    'bash: line 1: ./s: Permission denied\n',
    126,
  ])
  assert.deepEqual(await answers('./s', [['/work/s', '\x7fELF\x02\x01', 0o755]]), [
    '',
    'bash: line 1: ./s: cannot execute binary file: Exec format error\n',
    126,
  ])
})

test('sh takes a string, a file, and its standard input', async () => {
  assert.deepEqual(await answers('sh -c "echo \\$0 \\$1" x y; bash -c "nosuch"'), [
    'x y\n',
    'bash: line 1: nosuch: command not found\n',
    127,
  ])
  assert.deepEqual(await answers('sh s z', [['/work/s', 'echo $1\n', 0o644]]), ['z\n', '', 0])
  assert.deepEqual(await answers('sh nosuch'), ['', 'sh: 0: cannot open nosuch: No such file\n', 2])
  assert.deepEqual(await answers('bash nosuch'), ['', 'bash: nosuch: No such file or directory\n', 127])
  assert.deepEqual(
    await answers(
      'printf "read x\\nline\\necho got \\$x\\nif true\\nthen echo t\\nfi" | bash; echo "echo $((1+1))" | sh',
    ),
    ['got line\nt\n2\n', '', 0],
  )
  assert.deepEqual(await answers('bash -xc "echo a"'), ['a\n', '+ echo a\n', 0])
})

test('at a prompt the shell lives on, and names itself as a login shell', async () => {
  const sitting = await sit({ env: { PS1: '' } })
  const shown = async (line: string): Promise<string> =>
    (await sitting.press(`${line}\r`))
      .replaceAll('\r\n', '\n')
      .replace(/\x1b\[\?2004[hl]\r?/g, '')
      .replace(/\n\S*:\S*# $/, '\n')
  assert.equal(await shown('x=1; PS1='), 'x=1; PS1=\n')
  assert.equal(await shown('nosuch'), 'nosuch\n-bash: nosuch: command not found\n')
  assert.equal(
    await shown('echo $((1/0)); echo no'),
    'echo $((1/0)); echo no\n-bash: 1/0: division by 0 (error token is "0")\n',
  )
  assert.equal(await shown('echo )'), "echo )\n-bash: syntax error near unexpected token `)'\n")
  for (const line of ['if true; then', 'cat <<E', 'a', 'E', 'echo a \\', '"b'])
    assert.equal(await shown(line), `${line}\n> `)
  assert.equal(await shown('c"; fi'), 'c"; fi\na\na b\nc\n')
  assert.equal(await shown('echo $x; exit 3'), 'echo $x; exit 3\n1\nlogout\n')
  assert.equal(await sitting.ended, 3)
  await sitting.close()
})

test('a named pipe joins what stands apart, as in the reverse shells of droppers', async () => {
  const { process, written } = testProcess()
  process.fs.mknod('/work/p', 'fifo', 0o600, ROOT)
  const shell = createShell({ process, lookup })
  assert.equal(await shell.run('echo through > p & cat < p; wait'), 0)
  assert.equal(written.stdout, 'through\n')
})
