import assert from 'node:assert/strict'
import { test } from 'node:test'
import { terminalFilter } from './terminal-safe.ts'

const all = (text: string): string => terminalFilter()(text)

test('text, lines, colours and cursor movements pass', () => {
  const plain = 'root@relay3:~# ls\r\n\x1b[01;34mbin\x1b[0m\tx\b \x1b[2J\x1b[10;4H日本語'
  assert.equal(all(plain), plain)
})

test('what would act on the reader’s own terminal does not', () => {
  for (const [name, text] of [
    ['title', 'a\x1b]0;owned\x07b'],
    ['clipboard', 'a\x1b]52;c;cm0gLXJm\x1b\\b'],
    ['device control', 'a\x1bP1$r0m\x1b\\b'],
    ['query', 'a\x1b[6nb'],
    ['private mode', 'a\x1b[?1049hb'],
    ['reset', 'a\x1bcb'],
    ['character set', 'a\x1b(0b'],
    ['C1', 'a\x9bb'],
    ['bell', 'a\x07b'],
    ['direction', 'a\u202eb'],
    ['window', 'a\x1b[8;1;1tb'],
  ] as const)
    assert.equal(all(text), 'ab', name)
})

test('pieces may end anywhere, and nothing grows', () => {
  const text = 'x\x1b[1;31my\x1b]0;title\x07z\x1b[6n\x1b(Bw'
  for (let cut = 0; cut <= text.length; cut++) {
    const filter = terminalFilter()
    assert.equal(filter(text.slice(0, cut)) + filter(text.slice(cut)), 'x\x1b[1;31myzw')
  }
  const filter = terminalFilter()
  for (let i = 0; i < 10_000; i++) assert.ok(filter('\x1b]').length <= 2)
})

test('random bytes never leave a sequence that is not for drawing', () => {
  let seed = 7
  const random = () => {
    seed = (seed * 1103515245 + 12345) % 2 ** 31
    return seed
  }
  for (let round = 0; round < 2000; round++) {
    const text = Array.from({ length: 40 }, () => '\x1b[]P0;1mHn?\x07\\ab\x9b\r\n'[random() % 20]!).join('')
    const shown = all(text).replace(/\x1b\[[0-9;]*[@A-MPSTXZ`adefm]/g, '')
    assert.doesNotMatch(shown, /[\x1b\x9b\x07]/)
  }
})
