import assert from 'node:assert/strict'
import { test } from 'node:test'
import { sit } from '../testing.ts'

test('a line longer than there is room for runs without its end, and is told of whole', async () => {
  const person = await sit({ columns: 4000 })
  await person.press('busybox ash\r')
  const heard = await person.press(`echo ${'a'.repeat(1017)}WGET\r`)
  assert.ok(heard.includes(`\r\n${'a'.repeat(1017)}\r\n`))
  assert.ok(!heard.includes('WGET'))
  assert.ok(JSON.stringify(person.seen).includes(`${'a'.repeat(1017)}WGET`))
  await person.close()
})

test('what was typed ahead goes to whoever reads next', async () => {
  const person = await sit()
  await person.press('busybox ash\r')
  const heard = await person.press('read x\rabc\recho "<$x>"\r')
  assert.ok(heard.includes('\r\n<abc>\r\n'))
  await person.close()
})

test('random keys: no exception, and the terminal is left as it was', async () => {
  let seed = 815
  const random = (n: number): number => {
    seed = (Math.imul(seed, 1_103_515_245) + 12_345) >>> 0
    return (seed >>> 8) % n
  }
  const sequences = ['[A', '[B', '[C', '[D', '[H', '[F', '[3~', '[1;5D', 'b', 'f', 'd', '\x7f', '', '[', '[9;9'].map(
    keys => `\x1b${keys}`,
  )
  const keys = [...sequences, ...'\x01\x02\x05\x06\x0b\x0c\x0e\x10\x15\x17\x7f\t\t /.;|$"\'\\eco\xe9', 'x'.repeat(30)]
  for (const columns of [0, 1, 2, 7, 80]) {
    const person = await sit({ columns })
    await person.press('busybox ash\r')
    for (let i = 0; i < 60; i++)
      await person.press(Array.from({ length: 20 }, () => keys[random(keys.length)]).join(''))
    await person.press('\x03')
    assert.match(await person.press('echo i""t ends\r'), /i\s*t\s*e\s*n\s*d\s*s/)
    await person.press('exit\r')
    await person.press('exit\r')
    assert.ok(person.terminal.modes.echo && person.terminal.modes.canonical && person.terminal.modes.signals)
    await person.close()
  }
})
