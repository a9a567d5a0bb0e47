import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { describe, test } from 'node:test'
import { Negotiation } from './negotiation.ts'
import { onWire } from './tty.ts'
import { environment, Option, subnegotiate, type Token, Tokenizer } from './wire.ts'

const bytes = (text: string) => Buffer.from(text, 'latin1')
const short = (token: Token) =>
  token.kind === 'data'
    ? token.bytes.toString('latin1')
    : token.kind === 'sub'
      ? `<${token.option}:${token.value.toString('latin1')}>`
      : token.kind === 'option'
        ? `<${token.verb} ${token.option}>`
        : `<${token.code}>`
const read = (text: string) => new Tokenizer().read(bytes(text)).map(short).join('')

describe('the stream', () => {
  const table: [sent: string, meaning: string][] = [
    ['plain', 'plain'],
    ['a\r\0b\r\nc\r\rd\n', 'a\rb\rc\r\rd\n'],
    ['x\xff\xffy', 'x\xffy'],
    ['\xff\xfd\x01\xff\xfb\x18', '<DO 1><WILL 24>'],
    ['\xff\xf6\xff\xf1', '<246><241>'],
    ['\xff\xfa\x18\0VT\xff\xff\xff\xf0z', '<24:\0VT\xff>z'],
    ['\xff\xfa\x1f\0\x50\xff\xfb\x01', '<31:\0P><WILL 1>'],
    ['\xff\xfa\x1f\0\x50', ''],
    ['\xff', ''],
    // BINARY: every byte counts (RFC 856).
    ['\xff\xfb\0a\r\0b\r\nc\xff\xff\xff\xfc\0d\r\ne', '<WILL 0>a\r\0b\r\nc\xff<WONT 0>d\re'],
    // A data mark that was sent as urgent data does not come in line.
    ['\xff\xf4\xffls\r\0', '<244>ls\r'],
  ]
  for (const [sent, meaning] of table)
    test(`${JSON.stringify(sent)} whole and in pieces`, () => {
      assert.equal(read(sent), meaning)
      const wire = new Tokenizer()
      assert.equal(
        [...bytes(sent)]
          .flatMap(byte => wire.read(Buffer.of(byte)))
          .map(short)
          .join(''),
        meaning,
      )
    })

  test('a sub-negotiation keeps 512 bytes of a longer one', () => {
    const [token] = new Tokenizer().read(bytes(`\xff\xfa\x18${'a'.repeat(100_000)}\xff\xf0`))
    assert.equal(token?.kind === 'sub' && token.value.length, 512)
  })

  test('any bytes in any pieces mean the same, and nothing is lost or made up', () => {
    for (let seed = 0; seed < 400; seed++) {
      const noise = createHash('sha512').update(`noise ${seed}`).digest()
      for (let i = 0; i < noise.length; i++) if (noise[i]! % 3 === 0) noise[i] = 255 - (noise[i]! % 16)
      const wire = new Tokenizer()
      const cut = noise[0]! % noise.length
      const whole = new Tokenizer().read(noise).map(short).join('')
      assert.equal([...wire.read(noise.subarray(0, cut)), ...wire.read(noise.subarray(cut))].map(short).join(''), whole)
      assert.ok(whole.length <= noise.length * 12)
    }
  })
})

describe('NEW-ENVIRON', () => {
  const table: [value: string, variables: string[]][] = [
    ['\0\0USER\x01bob', ['USER=bob']],
    ['\0\0A\x01x\x03B\x01y', ['A=x', 'B=y']],
    ['\0\x03EMPTY', ['EMPTY=']],
    ['\0\0A\x01\x02\x01b', ['A=\x01b']],
    ['\0\x01lost', []],
    ['', []],
  ]
  for (const [value, variables] of table)
    test(JSON.stringify(value), () =>
      assert.deepEqual(
        environment(bytes(value)).map(v => `${v.name.toString('latin1')}=${v.value.toString('latin1')}`),
        variables,
      ),
    )
  test('names no more than 64', () => assert.equal(environment(bytes('\0\0A'.repeat(1000))).length, 64))
})

describe('options', () => {
  const policy = { theirs: new Set<number>([Option.NAWS]), ours: new Set<number>([Option.ECHO]) }
  test('an answer to our question is not answered', () => {
    const options = new Negotiation(policy)
    assert.deepEqual(options.ask('DO', Option.NAWS), bytes('\xff\xfd\x1f'))
    assert.ok(options.awaits('DO', Option.NAWS))
    assert.equal(options.hear('WILL', Option.NAWS).length, 0)
    assert.ok(!options.awaits('DO', Option.NAWS) && options.theyHave(Option.NAWS))
    assert.equal(options.hear('WILL', Option.NAWS).length, 0)
    assert.deepEqual(options.hear('WONT', Option.NAWS), bytes('\xff\xfe\x1f'))
  })
  test('an offer is taken or refused, and never twice', () => {
    const options = new Negotiation(policy)
    assert.deepEqual(options.hear('DO', Option.ECHO), bytes('\xff\xfb\x01'))
    assert.equal(options.hear('DO', Option.ECHO).length, 0)
    assert.deepEqual(options.hear('DO', 200), bytes('\xff\xfc\xc8'))
    assert.deepEqual(options.hear('WILL', 200), bytes('\xff\xfe\xc8'))
  })
  test('two sides that mirror each other come to rest', () => {
    const [a, b] = [new Negotiation(policy), new Negotiation(policy)]
    const say = (text: Buffer) => new Tokenizer().read(text).filter(token => token.kind === 'option')
    let words = say(Buffer.concat([a.ask('WILL', Option.ECHO), a.ask('DO', Option.NAWS), a.ask('DO', 77)]))
    let [hearer, other] = [b, a]
    let rounds = 0
    for (; words.length > 0 && rounds < 10; rounds++) {
      words = words.flatMap(({ verb, option }) => say(hearer.hear(verb, option)))
      ;[hearer, other] = [other, hearer]
    }
    assert.ok(rounds < 5, `${rounds} rounds`)
  })
  test('an IAC within a value is doubled', () =>
    assert.deepEqual(subnegotiate(5, [255, 1]), bytes('\xff\xfa\x05\xff\xff\x01\xff\xf0')))
})

describe('what programs write', () => {
  const table: [written: string, sent: string, binary: string][] = [
    ['plain\r\n', 'plain\r\n', 'plain\r\n'],
    ['\xff\xfe\xff', '\xff\xff\xfe\xff\xff', '\xff\xff\xfe\xff\xff'],
    ['a\rb\r\r\n\r', 'a\r\0b\r\0\r\n\r\0', 'a\rb\r\r\n\r'],
  ]
  for (const [written, sent, binary] of table)
    test(JSON.stringify(written), () => {
      assert.deepEqual(onWire(bytes(written), false), bytes(sent))
      assert.deepEqual(onWire(bytes(written), true), bytes(binary))
    })
})
