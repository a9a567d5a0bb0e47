import assert from 'node:assert/strict'
import { test } from 'node:test'
import { compileRegex, type Dialect } from './regex.ts'

const free = () => {}
const found = (dialect: Dialect | 'perl', source: string, text: string, mode = {}) => {
  const regex = compileRegex(source, dialect, mode)
  if ('problem' in regex) return regex.problem
  const match = regex.find(text, 0, free)
  return match ? [...match].join(' ') : undefined
}

test('the leftmost match, as long as it can be, and groups from the left', () => {
  assert.equal(found('extended', '(a|ab)(c|bcd)(d*)', 'abcd'), '0 4 0 2 2 3 3 4')
  assert.equal(found('extended', '((a)|b)*', 'ab'), '0 2 1 2 0 1')
  assert.equal(found('extended', '(a*)*', 'b'), '0 0 0 0')
  assert.equal(found('extended', '(a|b)*', 'x'), '0 0 -1 -1')
  assert.equal(found('extended', 'x(a{2,3})(a*)y', 'xaaaaay'), '0 7 1 4 4 6')
  assert.equal(found('extended', '^(.*)=(.*)$', 'a=b=c'), '0 5 0 3 4 5')
  assert.equal(found('extended', '(ab|a)(bc)?', 'abc'), '0 3 0 1 1 3')
})

test('basic and extended expressions as GNU takes them', () => {
  assert.equal(found('basic', '\\(.\\)\\1', 'abccd'), '2 4 2 3')
  assert.equal(found('basic', '*a', 'x*a'), '1 3')
  assert.equal(found('basic', 'a\\|b', 'xb'), '1 2')
  assert.equal(found('basic', 'a\\{2,\\}', 'baaa'), '1 4')
  assert.equal(found('basic', 'a^b$c', 'a^b$c'), '0 5')
  assert.equal(found('extended', '\\bfoo\\>', 'afoo foo'), '5 8')
  assert.equal(found('extended', '[]a]+', 'x]a]'), '1 4')
  assert.equal(found('extended', '[[:digit:]x-z]+', 'ab1y'), '2 4')
  assert.equal(found('egrep', 'a{1', 'a{1'), '0 3')
  assert.equal(found('awk', 'a{2}', 'a{2}'), '0 4')
  assert.equal(found('extended', 'HeLLo', 'say hEllO', { fold: true }), '4 9')
  assert.equal(found('extended', '^b$', 'a\nb\nc', { multiline: true }), '2 3')
})

test('what regcomp refuses', () => {
  assert.equal(found('basic', '\\(a', ''), 'Unmatched ( or \\(')
  assert.equal(found('extended', 'a)', ''), 'Unmatched ) or \\)')
  assert.equal(found('extended', '*a', ''), 'Invalid preceding regular expression')
  assert.equal(found('basic', 'a\\{2,1\\}', ''), 'Invalid content of \\{\\}')
  assert.equal(found('basic', '[a', ''), 'Unmatched [, [^, [:, [., or [=')
  assert.equal(found('basic', '\\1', ''), 'Invalid back reference')
  assert.equal(found('basic', 'a\\', ''), 'Trailing backslash')
})

test("Perl's expressions", () => {
  assert.equal(found('perl', '(?<=a)b+?', 'aabbb'), '2 3')
  assert.equal(found('perl', '^\\s+\\K\\d+', '  123x'), '2 5')
  assert.equal(found('perl', '(?i)HELLO', 'hello'), '0 5')
  assert.equal(found('perl', '(?<y>\\d{4})-\\k<y>', '1999 2024-2024'), '5 14 5 9')
  assert.equal(found('perl', 'a++a', 'aaa'), undefined)
  assert.equal(found('perl', '(a|ab)(c|x)?', 'abc'), '0 1 0 1 -1 -1')
})

/** Steps until it is over, at most `most`. */
const cost = (dialect: Dialect | 'perl', source: string, text: string, most = 1_000_000): number => {
  let steps = 0
  const enough = new Error('enough')
  try {
    const regex = compileRegex(source, dialect)
    if ('problem' in regex) return 0
    regex.find(text, 0, (one = 1) => {
      steps += one
      if (steps > most) throw enough
    })
  } catch (error) {
    if (error !== enough) throw error
    return Infinity
  }
  return steps
}

test('hostile expressions cost in proportion to the text, or are counted', () => {
  const long = 'a'.repeat(5000)
  for (const source of ['(a*)*b', '(a|a)*b', '(a|aa)+$x', '((a*)*)*c', '(a?){50}(a){50}b', '(.*)(.*)(.*)(.*)x'])
    assert.ok(cost('extended', source, long) < 40_000, source)
  assert.equal(cost('basic', '\\(\\(a*\\)*\\)*\\1b', 'a'.repeat(40)), Infinity)
  assert.equal(cost('perl', '(a|aa)+$', `${'a'.repeat(60)}!`), Infinity)
  assert.equal(found('extended', '((a{1,200}){1,200}){1,200}', 'a'), 'Regular expression too big')
  assert.equal(found('extended', '('.repeat(10_000), 'a'), 'Regular expression too big')
})

test('ten thousand random expressions end, whatever they are', () => {
  const pieces = [
    'a',
    'b',
    '.',
    '*',
    '+',
    '?',
    '(',
    ')',
    '|',
    '[',
    ']',
    '^',
    '$',
    '\\',
    '{',
    '1',
    ',',
    '2',
    '}',
    '-',
    '\\(',
    '\\)',
    '\\{',
    '\\}',
    '(?',
    ':',
    '<',
    '=',
    '!',
    '\n',
    '[:alpha:]',
  ]
  let seed = 7
  const random = (below: number): number => {
    seed = (seed * 1103515245 + 12345) & 0x7fffffff
    return (seed >> 8) % below
  }
  const dialects = ['basic', 'extended', 'grep', 'egrep', 'awk', 'perl'] as const
  for (let i = 0; i < 10_000; i++) {
    const source = Array.from({ length: 1 + random(12) }, () => pieces[random(pieces.length)]).join('')
    const text = Array.from({ length: random(30) }, () => 'ab1-\n'[random(5)]).join('')
    cost(dialects[i % dialects.length]!, source, text, 20_000)
  }
})
