import assert from 'node:assert/strict'
import { test } from 'node:test'
import { padded, terminalInfo, withParameters } from './terminfo.ts'

test('entries follow from each other', () => {
  const xterm = terminalInfo('xterm-256color')!
  assert.equal(xterm.numbers.get('colors'), 256)
  assert.equal(xterm.strings.get('clear'), '\x1b[H\x1b[2J')
  assert.equal(terminalInfo('linux')!.strings.get('clear'), '\x1b[H\x1b[J')
  assert.equal(terminalInfo('linux')!.strings.has('smcup'), false)
  assert.equal(terminalInfo('nonesuch'), undefined)
})

test('parameters', () => {
  const of = (name: string, capability: string, ...given: number[]): string =>
    withParameters(terminalInfo(name)!.strings.get(capability)!, given)
  assert.equal(of('xterm', 'cup', 3, 4), '\x1b[4;5H')
  assert.equal(of('xterm-256color', 'setaf', 1), '\x1b[31m')
  assert.equal(of('xterm-256color', 'setaf', 9), '\x1b[91m')
  assert.equal(of('xterm-256color', 'setaf', 200), '\x1b[38;5;200m')
  assert.equal(of('linux', 'ich', 7), '\x1b[7@')
})

test('padding is NUL bytes at the line’s speed', () => {
  assert.equal(padded('\x1b[K$<3>', 38_400), `\x1b[K${'\0'.repeat(12)}`)
  assert.equal(padded('\x1b[C$<2>', 38_400), `\x1b[C${'\0'.repeat(8)}`)
  assert.equal(padded('\x1b[5m$<100/>', 38_400), '\x1b[5m')
})

test('broken strings come to an end', () => {
  for (const text of ['%', '%p', '%?%?%?', '%{', '%{12', '%t%e%;', '%?%t', "%'", '%p1%p2%+%d', '%999999999d', '%i%i%i'])
    assert.equal(typeof withParameters(text, [1, 2]), 'string')
})
