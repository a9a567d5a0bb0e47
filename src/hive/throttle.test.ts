import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createThrottle } from './throttle.ts'

const MINUTE = 60_000
function setUp(max?: number) {
  const clock = { ms: 0 }
  return { clock, throttle: createThrottle({ now: () => clock.ms, ...(max === undefined ? {} : { max }) }) }
}

test('a few mistakes cost nothing, then each doubles the wait', () => {
  const { clock, throttle } = setUp()
  const waits: number[] = []
  for (let n = 0; n < 9; n++) {
    const wait = throttle.admit('192.0.2.1', 'admin')
    waits.push(wait)
    clock.ms += wait
    if (wait) assert.equal(throttle.admit('192.0.2.1', 'admin'), 0)
  }
  assert.deepEqual(waits, [0, 0, 0, 0, 1000, 2000, 4000, 8000, 16_000])
})

test('the tenth failure locks for fifteen minutes', () => {
  const { clock, throttle } = setUp()
  for (let n = 0; n < 10; n++) {
    clock.ms += throttle.admit('192.0.2.1', 'admin')
    if (n > 3) throttle.admit('192.0.2.1', 'admin')
  }
  const wait = throttle.admit('192.0.2.1', 'admin')
  assert.ok(wait > 14 * MINUTE && wait <= 15 * MINUTE, `${wait}`)
})

test('guesses spread over many addresses lock the account, known or not', () => {
  for (const user of ['admin', 'nobody-here']) {
    const { clock, throttle } = setUp()
    for (let n = 0; n < 10; n++) {
      while (throttle.admit(`192.0.2.${n}`, user) > 0) clock.ms += 1000
    }
    assert.ok(throttle.admit('198.51.100.1', user) > 14 * MINUTE)
  }
})

test('guesses at many accounts lock the address', () => {
  const { clock, throttle } = setUp()
  for (let n = 0; n < 10; n++) while (throttle.admit('192.0.2.1', `user${n}`) > 0) clock.ms += 1000
  assert.ok(throttle.admit('192.0.2.1', 'another') > 14 * MINUTE)
})

test('one IPv6 customer is one address, however many of its addresses it uses', () => {
  const { clock, throttle } = setUp()
  for (let n = 0; n < 10; n++) while (throttle.admit(`2001:db8:1:2::${n}`, `user${n}`) > 0) clock.ms += 1000
  assert.ok(throttle.admit('2001:db8:1:2:ffff::1', 'another') > 14 * MINUTE)
  assert.equal(throttle.admit('2001:db8:1:3::1', 'another'), 0)
})

test('strangers cannot lock out an address that has logged in before', () => {
  const { clock, throttle } = setUp()
  throttle.admit('192.0.2.9', 'admin')
  throttle.succeeded('192.0.2.9', 'admin')
  for (let n = 0; n < 20; n++) {
    throttle.admit(`198.51.100.${n}`, 'admin')
    clock.ms += 60 * MINUTE * (n % 2)
  }
  assert.equal(throttle.admit('192.0.2.9', 'admin'), 0)
})

test('success forgets the failures', () => {
  const { throttle } = setUp()
  for (let n = 0; n < 4; n++) throttle.admit('192.0.2.1', 'admin')
  throttle.succeeded('192.0.2.1', 'admin')
  for (let n = 0; n < 4; n++) assert.equal(throttle.admit('192.0.2.1', 'admin'), 0)
})

test('an hour of quiet forgets the failures', () => {
  const { clock, throttle } = setUp()
  for (let n = 0; n < 4; n++) throttle.admit('192.0.2.1', 'admin')
  clock.ms += 60 * MINUTE
  for (let n = 0; n < 4; n++) assert.equal(throttle.admit('192.0.2.1', 'admin'), 0)
})

test('a hundred thousand strangers are remembered as a bounded number', () => {
  const { throttle } = setUp(100)
  for (let n = 0; n < 100_000; n++) throttle.admit(`10.${n >> 16}.${(n >> 8) & 255}.${n & 255}`, `user${n}`)
  assert.deepEqual(throttle.sizes(), { addresses: 100, accounts: 100, known: 0 })
})
