import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { test } from 'node:test'
import { INNER_PORT, openPorts, portBehind, rangeComment, rangeScript, trialScript } from './range.ts'

const { status } = spawnSync('nft', ['list', 'tables'])

const facts = {
  addresses: ['203.0.113.5', '2001:db8::5', '203.0.113.6'],
  kept: [22, 80],
  open: [81, 65_535],
  walk: 50,
  pool: { ports: [], doors: [] },
}

test('the port that was asked for is in the address', () => {
  const script = rangeScript(facts)
  const written = [...script.matchAll(/(\d+) : ((?:198|fd5e)[0-9a-f.:]+)/g)]
  assert.equal(written.length, 4)
  for (const [, port, address] of written) assert.equal(portBehind(address!), Number(port))
  for (const other of ['198.19.0.81', '203.0.113.5', 'fd5e:ce9:7a11::1:51', 'fd5e:ce9:7a12::51', ''])
    assert.equal(portBehind(other), undefined)
})

test('each address of the machine has a door of its own, and the rest the first of its family', () => {
  const rules = rangeScript(facts)
    .split('\n')
    .filter(line => line.includes('dnat') && line.includes('redirected'))
  assert.deepEqual(
    rules.map(line => [/^ +(.*) counter/.exec(line)![1], Number(/ : (\d+)$/.exec(line)![1]) - INNER_PORT]),
    [
      ['ip daddr 203.0.113.5', 0],
      ['ip daddr 203.0.113.6', 2],
      ['meta nfproto ipv4 fib daddr type local', 0],
      ['ip6 daddr 2001:db8::5', 1],
      ['meta nfproto ipv6 fib daddr type local', 1],
    ],
  )
})

test('ports of data connections are open to who spoke at a door, and to nobody else', () => {
  const script = rangeScript({ ...facts, pool: { ports: [30_000, 30_001], doors: [21, 2121] } })
  assert.match(script, /psh ct original proto-dst \{ 21, 2121 \} update @guests4 \{ ip saddr \}/)
  assert.match(script, /tcp dport \{ 30000, 30001 \} ct state new ip saddr != @guests4 reject with tcp reset/)
  assert.doesNotMatch(rangeScript(facts), /guests/)
})

test('who walks is stopped after the first ports, unless there is no end', () => {
  assert.match(
    rangeScript(facts),
    /@tried4 add @walkers4 \{ ip saddr limit rate over 6\/minute burst 50 packets \} accept/,
  )
  assert.doesNotMatch(rangeScript({ ...facts, walk: 0 }), /walkers/)
})

test('what is tried beforehand is made of the same parts, and leaves nothing', {
  skip: status === 0 ? false : 'nft may not be asked here',
}, () => {
  for (const part of [
    'type nat hook prerouting',
    'fib daddr type local',
    'dnat ip to tcp dport map',
    'dnat ip6 to tcp dport map',
  ]) {
    assert.ok(trialScript.includes(part), part)
    assert.ok(rangeScript(facts).includes(part), part)
  }
  const { status: taken, stderr } = spawnSync('nft', ['-c', '-f', '-'], { input: trialScript, encoding: 'utf8' })
  assert.equal(taken, 0, stderr)
})

test('other facts, other rules: the comment tells', () => {
  assert.equal(rangeComment(facts), rangeComment({ ...facts }))
  assert.notEqual(rangeComment(facts), rangeComment({ ...facts, kept: [22] }))
})

test('most of the ports that are asked for the most answer, and a share of the others', () => {
  const draw = Buffer.from(Array.from({ length: 65_536 }, (_, i) => (i * 167) % 256))
  const listed = Array.from({ length: 200 }, (_, i) => 2000 + i)
  const open = openPorts(draw, listed, 20)
  const ofListed = open.filter(port => listed.includes(port)).length
  assert.ok(ofListed > 150 && ofListed < 190, `${ofListed} of 200`)
  assert.ok(open.length > 12_000 && open.length < 14_000, `${open.length}`)
  assert.deepEqual(open, openPorts(draw, listed, 20))
  assert.equal(openPorts(draw, listed, 100).length, 65_535)
  assert.equal(openPorts(draw, [], 0).length, 0)
})
