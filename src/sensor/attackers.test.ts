import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Attackers } from './attackers.ts'

const HOUR = 3600_000
let made = 0
const make = () => ({ visit: ++made })

test('the same attacker finds what it left, another service or source does not', () => {
  const attackers = new Attackers()
  const first = attackers.state('ftp', '192.0.2.1', 0, make)
  assert.equal(attackers.state('ftp', '192.0.2.1', HOUR, make), first)
  assert.notEqual(attackers.state('http', '192.0.2.1', HOUR, make), first)
  assert.notEqual(attackers.state('ftp', '192.0.2.2', HOUR, make), first)
  const six = attackers.state('ftp', '2001:db8::1', 0, make)
  assert.equal(attackers.state('ftp', '2001:db8::ffff:2', 0, make), six)
})

test('forgets those who stay away, and the longest unseen of too many', () => {
  const attackers = new Attackers({ max: 2, ttl: HOUR })
  const one = attackers.state('ftp', '192.0.2.1', 0, make)
  assert.notEqual(attackers.state('ftp', '192.0.2.1', HOUR, make), one)
  const two = attackers.state('ftp', '192.0.2.2', HOUR, make)
  const oneAgain = attackers.state('ftp', '192.0.2.1', HOUR, make)
  attackers.state('ftp', '192.0.2.3', HOUR, make)
  assert.equal(attackers.state('ftp', '192.0.2.1', HOUR, make), oneAgain)
  assert.notEqual(attackers.state('ftp', '192.0.2.2', HOUR, make), two)
})

test('all together hold no more than there is room for: the largest let go', () => {
  const attackers = new Attackers({ bytes: 1000, ttl: HOUR })
  const grown = (bytes: number) => () => {
    const state = { held: bytes, weight: () => state.held, drop: () => Object.assign(state, { held: 0 }) }
    return state
  }
  const small = attackers.state('redis', '192.0.2.1', 0, grown(100))
  const large = attackers.state('redis', '192.0.2.2', 0, grown(850))
  attackers.sweep(1)
  assert.deepEqual([small.held, large.held], [100, 850])
  const third = attackers.state('redis', '192.0.2.3', 0, grown(300))
  attackers.sweep(2)
  assert.deepEqual([small.held, large.held, third.held], [100, 0, 300])
  attackers.sweep(2 * HOUR)
  assert.equal(small.held, 0)
})
