import assert from 'node:assert/strict'
import { test } from 'node:test'
import { play } from '#services/testing/play.ts'
import ldap from './index.ts'
import * as l from './testing.ts'

const S = 'dc=hayase-works,dc=example'
const as = { options: { access: { rules: ['admin:s3cr3t'], otherwise: 'refuse' } } }
const login = l.bindOp(`cn=admin,${S}`, 's3cr3t')
const say = (ops: Buffer[], memory = new Map<string, object>()) =>
  play(
    ldap,
    ops.map((op, i) => Buffer.from(l.message(i + 1, op), 'latin1')),
    { ...as, memory },
  )
const orOf = (n: number) => l.or(...Array.from({ length: n }, (_, i) => l.equal('cn', `x${i}`)))

test('a filter of too many items is none', async () => {
  const { heard, ending } = await say([l.searchOp({ base: S, filter: orOf(3000) })])
  assert.equal(ending, 'malformed')
  assert.match(heard.toString('latin1'), /decoding error/)
})

test('a filter nested too deeply is none', async () => {
  let filter = l.present('cn')
  for (let i = 0; i < 1000; i++) filter = l.not(filter)
  assert.equal((await say([l.searchOp({ base: S, filter })])).ending, 'malformed')
})

test('a search that would take too long ends with the time limit', async () => {
  const groups = Array.from({ length: 60 }, (_, i) =>
    l.addOp(`cn=g${i},ou=groups,${S}`, { objectClass: ['posixGroup'], cn: [`g${i}`], gidNumber: [String(i)] }),
  )
  const { heard } = await say([login, ...groups, l.searchOp({ base: S, filter: orOf(1500) }), l.unbindOp])
  // SearchResultDone with timeLimitExceeded.
  assert.ok(heard.includes(Buffer.from([0x65, 7, 0x0a, 1, 3, 4, 0, 4, 0])))
})

test('values without end are refused, in one request and in many', async () => {
  const dn = `cn=staff,ou=groups,${S}`
  const values = (from: number, n: number) => Array.from({ length: n }, (_, i) => `user${from + i}`)
  assert.equal((await say([login, l.modifyOp(dn, [[l.MOD.add, 'memberUid', values(0, 600)]])])).ending, 'malformed')
  const many = [0, 1, 2].map(i => l.modifyOp(dn, [[l.MOD.add, 'memberUid', values(i * 300, 300)]]))
  assert.match((await say([login, ...many])).heard.toString('latin1'), /entry store failed/)
})

test('what one attacker adds is there when they come back, and weighs', async () => {
  const memory = new Map<string, object>()
  const dn = `uid=x,ou=people,${S}`
  await say([login, l.addOp(dn, { objectClass: ['account'], uid: ['x'] })], memory)
  const look = l.searchOp({ base: dn, scope: l.BASE, attributes: ['uid'] })
  assert.match((await say([look], memory)).heard.toString('latin1'), /uid=x,ou=people/)
  const state = memory.get('ldap') as { weight(): number; drop(): void }
  assert.ok(state.weight() > 40_000)
  state.drop()
  assert.equal(state.weight(), 0)
  assert.doesNotMatch((await say([look], memory)).heard.toString('latin1'), /uid=x,/)
})
