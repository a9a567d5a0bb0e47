import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { codePoint, pieces, visible } from '../src/inert.ts'

const acting = /[\u0000-\u001f\u007f-\u009f\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff\u{e0000}-\u{e007f}\p{Cs}]/u

describe('an attacker’s text', () => {
  it('shows controls as pictures and other invisible characters as code points', () => {
    assert.equal(visible('a\u0000\u001b[31m\u007f'), 'a␀␛[31m␡')
    assert.equal(visible('x\u202ey\u2066\u200b\ufeff'), 'xU+202EyU+2066U+200BU+FEFF')
    assert.equal(visible('\ud800'), 'U+D800')
    assert.equal(visible('\u{e0041}'), 'U+E0041')
  })
  it('leaves what can be seen as it is', () => {
    for (const text of ['管理者', 'P@ssw0rd', 'naïve', '<img onerror=1>', 'عربي', '🐝'])
      assert.equal(visible(text), text)
  })
  it('is cut where it is too long', () => assert.equal(visible('a'.repeat(500), 10), 'aaaaaaaaaa…'))
  it('alternates between text and single characters, and loses nothing', () => {
    for (let n = 0; n < 3000; n++) {
      const text = Array.from({ length: n % 30 }, () =>
        String.fromCodePoint(Math.floor(Math.random() ** 3 * 0x10ffff)),
      ).join('')
      const split = pieces(text)
      assert.equal(split.join(''), text)
      assert.ok(split.every((piece, index) => index % 2 === 0 || [...piece].length === 1))
      assert.doesNotMatch(visible(text, 1000), acting)
    }
  })
  it('names a code point', () => assert.equal(codePoint('\n'), 'U+000A'))
})
