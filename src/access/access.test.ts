import assert from 'node:assert/strict'
import { test } from 'node:test'
import * as v from 'valibot'
import { samplePersona } from '#persona/sample.ts'
import { type Access, accessOf, attentive } from './access.ts'
import { accessOptions } from './options.ts'

let sensor = 0
/** A sensor of its own, at which sources arrive. */
async function arrivals(said: object = {}) {
  const persona = await samplePersona(`access ${sensor++}`)
  const options = v.parse(accessOptions, said)
  const memory = new Map<string, object>()
  let now = Date.UTC(2026, 0, 15)
  return {
    persona,
    options,
    later: (minutes: number) => {
      now += minutes * 60_000
    },
    from(ip: string): Access {
      return accessOf(
        {
          persona,
          source: { ip },
          now: () => now,
          attacker<T extends object>(make: () => T, room = '') {
            const state = memory.get(`${room} ${ip}`) ?? make()
            memory.set(`${room} ${ip}`, state)
            return state as T
          },
        },
        options,
      )
    },
  }
}
/** The number of refusals until something is accepted. */
function refusals(access: Access, word = 'secret'): number {
  for (let tries = 0; tries < 20; tries++) if (access.password('root', `${word}${tries}`)) return tries
  return 20
}

test('by default two to four passwords are refused, a number that is the source’s own', async () => {
  const { from, persona, options } = await arrivals()
  const numbers = Array.from({ length: 60 }, (_, i) => refusals(from(`198.51.100.${i}`), `word${i}-`))
  assert.deepEqual([...new Set(numbers)].sort(), [2, 3, 4])
  const again = accessOf({ persona, source: { ip: '198.51.100.7' }, now: () => 0, attacker: make => make() }, options)
  assert.ok(!again.password('root', 'x'))
})

test('what got in gets in again from there, and nothing else does', async () => {
  const { from } = await arrivals()
  const access = from('198.51.100.1')
  const winner = `secret${refusals(access)}`
  assert.ok(from('198.51.100.1').password('root', winner))
  assert.ok(from('198.51.100.1').known)
  for (let i = 0; i < 20; i++) assert.ok(!access.password('root', `other${i}`))
  assert.ok(!access.password('admin', winner))
  assert.ok(!from('198.51.100.2').known)
})

test('a password that was refused stays wrong', async () => {
  const { from } = await arrivals()
  const access = from('198.51.100.1')
  for (let i = 0; i < 20; i++) assert.ok(!access.password('root', 'the same'))
  assert.ok(refusals(access) < 5)
  assert.ok(!access.password('root', 'the same'))
})

test('whoever was told the password gets in for a while', async () => {
  const { from, later } = await arrivals()
  const winner = `secret${refusals(from('198.51.100.1'))}`
  assert.ok(from('198.51.100.2').password('root', winner))
  assert.ok(from('198.51.100.3').password('root', winner))
  assert.ok(!from('198.51.100.4').password('root', winner), 'but not everybody')
  const next = `next${refusals(from('198.51.100.5'), 'next')}`
  later(61)
  assert.ok(!from('198.51.100.6').password('root', next))
  assert.ok(from('198.51.100.2').password('root', winner))
})

test('nobody gets in without a password, or as somebody who is not on such machines', async () => {
  const { from } = await arrivals()
  const access = from('198.51.100.1')
  for (let i = 0; i < 20; i++)
    for (const [user, password] of [
      ['root', ''],
      ['www-data', `secret${i}`],
      ['no-such-person', `secret${i}`],
      ['../etc', `secret${i}`],
      ['a:b', `secret${i}`],
      ['', `secret${i}`],
    ] as const)
      assert.ok(!access.password(user, password), user)
  assert.ok(access.password('root', 'at last'))
})

test('the first rule that fits decides, at the first try', async () => {
  const { from } = await arrivals({
    rules: [
      '!root:123456',
      'root:*',
      '!*:/^admin/i',
      '/^ad(min)?$/:/[0-9]{3}$/',
      'we\\:ird:\\*',
      'päul:pässword',
      '/a\\/b|x/:y',
    ],
    otherwise: 'refuse',
  })
  const table: [user: string, password: string, accepted: boolean][] = [
    ['root', '123456', false],
    ['root', '1234567', true],
    ['root', '', true],
    ['admin', 'Admin123', false],
    ['admin', 'secret123', true],
    ['ad', '000', true],
    ['ad', '00', false],
    ['nobody', 'secret123', false],
    ['x', 'y', true],
    ['x', 'yy', false],
  ]
  for (const [user, password, accepted] of table)
    assert.equal(from('198.51.100.9').password(user, password), accepted, `${user}:${password}`)
})

test('a bad rule is told of, and says why', () => {
  const said = (rule: string) => v.safeParse(accessOptions, { rules: [rule] }).issues?.[0].message
  assert.equal(said('root'), 'Expected USER:PASSWORD')
  assert.equal(said('root:/abc'), 'Expected a / at the end of the expression')
  assert.equal(said('/a/b:c'), 'Expected nothing but an i behind the expression')
  assert.match(said('root:/(/') ?? '', /^Expected a POSIX extended regular expression: ./)
  assert.equal(said('root:/a/'), undefined)
  assert.match(
    v.safeParse(accessOptions, { after: { from: 5, to: 1 } }).issues?.[0].message ?? '',
    /Expected `from` to be at most `to`/,
  )
})

test('an expression that would run for ever does not fit', async () => {
  const { from } = await arrivals({ rules: ['root:/^(a+)+$/'], otherwise: 'refuse' })
  assert.ok(!from('198.51.100.1').password('root', `${'a'.repeat(200)}b`))
})

test('a password that is changed on the machine takes the place of the old', async () => {
  const { from } = await arrivals()
  const access = from('198.51.100.1')
  const winner = `secret${refusals(access)}`
  const heard: unknown[] = []
  const witness = attentive({ account: (what: unknown) => void heard.push(what) } as never, access) as {
    account(what: object): void
  }
  witness.account({ user: 'root', change: 'password', password: 'mine now' })
  witness.account({ user: 'eve', change: 'created', password: 'hers' })
  witness.account({ user: 'root', change: 'key' })
  assert.equal(heard.length, 3)
  assert.ok(access.password('root', 'mine now'))
  assert.ok(access.password('eve', 'hers'))
  assert.ok(!access.password('root', winner))
})

test('what is remembered of one source is bounded', async () => {
  const { from } = await arrivals({ after: { from: 50, to: 50 }, remember: false })
  const access = from('198.51.100.1')
  for (let i = 0; i < 10_000; i++) access.password(`user${i}`, `secret${i}`)
  for (let i = 0; i < 1000; i++) access.changed(`person${i}`, 'x')
  assert.ok(access.password('person999', 'x'))
  assert.ok(!access.password('person1', 'x'))
})
