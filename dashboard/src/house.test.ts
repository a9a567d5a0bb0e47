import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Listener } from './answers.ts'
import { doorsOf, residents } from './house.ts'

const listener = (of: Partial<Listener>): Listener => ({
  service: 'smtp',
  title: 'Mail',
  replaces: [],
  transport: 'tcp',
  tls: false,
  address: '0.0.0.0',
  port: 25,
  state: 'listening',
  ...of,
})
const others = (count: number) => `${count} others`

test('doors of a service are one resident, by the ways they are reached', () => {
  const [one, ...more] = residents([
    listener({ connections: 2, last: 5 }),
    listener({ port: 465, tls: true, connections: 1, last: 9 }),
    listener({ port: 587, last: 1 }),
    listener({ port: 587, address: '::' }),
  ])
  assert.deepEqual(more, [])
  assert.deepEqual([one!.connections, one!.last, one!.doors.length], [3, 9, 4])
  assert.deepEqual(doorsOf(one!, others), ['tcp 0.0.0.0:25 587', 'tcp tls 0.0.0.0:465', 'tcp [::]:587'])
})

test('what is down stands by itself, first, with its reason; the others by name', () => {
  const house = residents([
    listener({ service: 'ssh', port: 22 }),
    listener({}),
    listener({ service: 'catchall', port: 0, ports: 205 }),
    listener({ port: 465, state: 'down', why: 'taken' }),
  ])
  assert.deepEqual(
    house.map(({ service, state, why }) => [service, state, why]),
    [
      ['smtp', 'down', 'taken'],
      ['smtp', 'listening', undefined],
      ['ssh', 'listening', undefined],
      ['catchall', 'listening', undefined],
    ],
  )
})

test('of ports without number it is said how many', () => {
  assert.deepEqual(doorsOf(residents([listener({ service: 'catchall', port: 0, ports: 205 })])[0]!, others), [
    'tcp 0.0.0.0 205 others',
  ])
})
