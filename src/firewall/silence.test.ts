import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { test } from 'node:test'
import { commentOf, lockScript } from './rules.ts'

const script = (ports: number[], from: string[]) =>
  lockScript({ user: 64291, datagramPorts: [], passive: { ports, from } })
const { status } = spawnSync('nft', ['list', 'tables'])

test('what the administration does not need ends in a drop, both ways', () => {
  for (const text of [script([22], []), script([22, 64295], ['192.0.2.0/24', '2001:db8::/32'])])
    for (const name of ['arrivals', 'egress']) {
      const rules = new RegExp(`chain ${name} \\{(.*?)\\n  \\}`, 's').exec(text)![1]!.trim().split('\n')
      assert.match(rules.at(-1)!, /drop$/)
      const open = rules.filter(rule => /accept$/.test(rule) && !/icmp|"lo"/.test(rule))
      for (const rule of open) assert.match(rule, /tcp [sd]port \{ [\d, ]+ \} accept$/)
      assert.equal(open.length, text.includes('192.0.2.0') ? 2 : 1)
    }
})

test('who the operator is narrows both directions', () => {
  const text = script([22], ['192.0.2.0/24'])
  assert.match(text, /ip saddr \{ 192\.0\.2\.0\/24 \} tcp dport \{ 22 \} accept/)
  assert.match(text, /ip daddr \{ 192\.0\.2\.0\/24 \} tcp sport \{ 22 \} accept/)
  assert.doesNotMatch(text, /^ +tcp [sd]port/m)
})

test('one set of rules is told from another, in a comment that nft takes', () => {
  const comment = (ports: number[], from: string[]) =>
    commentOf({ user: 1, datagramPorts: [], passive: { ports, from } })
  const many = Array.from({ length: 200 }, (_, n) => `192.0.2.${n}`)
  const all = [comment([22], []), comment([22], many), comment([23], []), commentOf({ user: 1, datagramPorts: [] })]
  assert.equal(new Set(all).size, 4)
  for (const one of all) assert.ok(Buffer.byteLength(one) < 128, one)
})

test('nft takes them', { skip: status === 0 ? false : 'nft may not be asked here' }, () => {
  for (const text of [script([22], []), script([22, 64295], ['192.0.2.0/24', '2001:db8::/32', '198.51.100.7'])]) {
    const { status, stderr } = spawnSync('nft', ['-c', '-f', '-'], { input: text, encoding: 'utf8' })
    assert.equal(status, 0, stderr)
  }
})
