import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { describe, test } from 'node:test'
import { negotiation } from './negotiation.ts'
import { terminal } from './terminal.ts'
import { environment, Option, subnegotiate, type Token, tokenizer } from './wire.ts'

const bytes = (text: string) => Buffer.from(text, 'latin1')
const short = (token: Token) =>
  token.kind === 'data'
    ? String.fromCharCode(token.byte)
    : token.kind === 'sub'
      ? `<${token.option}:${token.value.toString('latin1')}>`
      : token.kind === 'option'
        ? `<${token.verb} ${token.option}>`
        : `<${token.code}>`
const read = (text: string) => tokenizer()(bytes(text)).map(short).join('')

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
  ]
  for (const [sent, meaning] of table)
    test(`${JSON.stringify(sent)} whole and in pieces`, () => {
      assert.equal(read(sent), meaning)
      const parse = tokenizer()
      assert.equal(
        [...bytes(sent)]
          .flatMap(byte => parse(Buffer.of(byte)))
          .map(short)
          .join(''),
        meaning,
      )
    })

  test('a sub-negotiation keeps 512 bytes of a longer one', () => {
    const [token] = tokenizer()(bytes(`\xff\xfa\x18${'a'.repeat(100_000)}\xff\xf0`))
    assert.equal(token?.kind === 'sub' && token.value.length, 512)
  })

  test('any bytes in any pieces mean the same, and nothing is lost or made up', () => {
    for (let seed = 0; seed < 400; seed++) {
      const noise = createHash('sha512').update(`noise ${seed}`).digest()
      for (let i = 0; i < noise.length; i++) if (noise[i]! % 3 === 0) noise[i] = 255 - (noise[i]! % 16)
      const parse = tokenizer()
      const cut = noise[0]! % noise.length
      const whole = tokenizer()(noise).map(short).join('')
      assert.equal([...parse(noise.subarray(0, cut)), ...parse(noise.subarray(cut))].map(short).join(''), whole)
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
    const { ask, hear, awaits, theyHave } = negotiation(policy)
    assert.deepEqual(ask('DO', Option.NAWS), bytes('\xff\xfd\x1f'))
    assert.ok(awaits('DO', Option.NAWS))
    assert.equal(hear('WILL', Option.NAWS).length, 0)
    assert.ok(!awaits('DO', Option.NAWS) && theyHave(Option.NAWS))
    assert.equal(hear('WILL', Option.NAWS).length, 0)
    assert.deepEqual(hear('WONT', Option.NAWS), bytes('\xff\xfe\x1f'))
  })
  test('an offer is taken or refused, and never twice', () => {
    const { hear } = negotiation(policy)
    assert.deepEqual(hear('DO', Option.ECHO), bytes('\xff\xfb\x01'))
    assert.equal(hear('DO', Option.ECHO).length, 0)
    assert.deepEqual(hear('DO', 200), bytes('\xff\xfc\xc8'))
    assert.deepEqual(hear('WILL', 200), bytes('\xff\xfe\xc8'))
  })
  test('two sides that mirror each other come to rest', () => {
    const [a, b] = [negotiation(policy), negotiation(policy)]
    const say = (text: Buffer) => tokenizer()(text).filter(token => token.kind === 'option')
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

describe('the terminal', () => {
  const typeAll = (text: string, echo = true) => {
    const tty = terminal()
    tty.echo = echo
    const typed = [...bytes(text)].map(byte => tty.type(byte))
    return {
      shown: Buffer.concat(typed.map(t => t.echo)).toString('latin1'),
      lines: typed.flatMap(t => t.lines.map(line => line.text.toString('latin1'))),
      signals: typed.flatMap(t => t.signal ?? []),
    }
  }
  const table: [typed: string, shown: string, lines: string[]][] = [
    ['root\r', 'root\r\n', ['root']],
    ['rx\x7foot\n', 'rx\b \boot\r\n', ['root']],
    ['\x7f\x7fa\r', 'a\r\n', ['a']],
    ['a\x01\x7fb\r', 'a^A\b \b\b \bb\r\n', ['ab']],
    ['abc\x15d\r', 'abc\b \b\b \b\b \bd\r\n', ['d']],
    ['one two \x17x\r', 'one two \b \b\b \b\b \b\b \bx\r\n', ['one x']],
    ['a\x16\x15b\r', 'a^\b^Ub\r\n', ['a\x15b']],
    ['ab\x12c\r', 'ab^R\r\nabc\r\n', ['abc']],
    ['ro\x04', 'ro', ['ro']],
    ['\x04', '', ['']],
    ['\x13a\x11\r', 'a\r\n', ['a']],
  ]
  for (const [typed, shown, lines] of table)
    test(JSON.stringify(typed), () => {
      const { shown: screen, lines: read } = typeAll(typed)
      assert.deepEqual([screen, read], [shown, lines])
    })
  test('shows nothing of a password', () => assert.equal(typeAll('s3cret\x7f\r', false).shown, ''))
  test('an interrupt forgets the line', () => {
    const { signals, lines } = typeAll('abc\x03d\r')
    assert.deepEqual([signals, lines], [['INT'], ['d']])
  })
  test('a line without end stays within what the kernel holds', () => {
    const { lines } = typeAll(`${'a'.repeat(10_000)}\r`)
    assert.equal(lines[0]!.length, 4095)
  })
})
