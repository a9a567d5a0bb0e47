import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { test } from 'node:test'
import { captureFilter, type FilterFacts } from './filter.ts'

const base: FilterFacts = { passive: false, loopback: 1, interfaces: [] }
const facts: FilterFacts[] = [
  base,
  { ...base, interfaces: [2, 7] },
  { ...base, passive: true },
  { ...base, passive: true, administration: { ports: [22, 64295], from: [] } },
  { ...base, passive: true, administration: { ports: [22], from: ['192.0.2.0/24', '2001:db8::/32'] } },
  { ...base, passive: true, administration: { ports: [], from: [] } },
]

const compiled = (filter: string) =>
  spawnSync('tcpdump', ['-i', 'any', '-y', 'LINUX_SLL2', '-Z', 'root', '-d', filter], { encoding: 'utf8' })
const { error, status } = compiled('tcp')
const why = error || status !== 0 ? 'tcpdump cannot be asked here' : false

test('tcpdump takes every form of the filter', { skip: why }, () => {
  for (const one of facts) {
    const { status, stderr } = compiled(captureFilter(one))
    assert.equal(status, 0, `${captureFilter(one)}: ${stderr}`)
  }
})

test('loopback is left out, unless interfaces are named; the operator is, as far as they say who they are', () => {
  assert.match(captureFilter(base), /^not ifindex 1 and /)
  assert.match(captureFilter({ ...base, interfaces: [2, 7] }), /^\(ifindex 2 or ifindex 7\) and /)
  const [from] = facts.slice(-2).map(captureFilter)
  assert.match(from!, /not \(\(tcp dst port 22\) and \(src net 192\.0\.2\.0\/24 or src net 2001:db8::\/32\)\)$/)
  assert.equal(captureFilter(facts.at(-1)!), 'not ifindex 1 and inbound')
})
