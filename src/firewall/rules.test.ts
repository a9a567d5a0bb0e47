import assert from 'node:assert/strict'
import { test } from 'node:test'
import { administrationPorts } from './administration.ts'
import { commentOf, holdScript, lockScript, readApplied, releaseScript, removeScript } from './rules.ts'

const facts = { user: 64291, datagramPorts: [123, 69, 123] }

test('the script replaces our table and names no other', () => {
  for (const script of [lockScript(facts), removeScript]) {
    const tables = [...script.matchAll(/^(?:delete )?table (.*?)(?: \{)?$/gm)].map(([, name]) => name)
    assert.deepEqual(new Set(tables), new Set(['inet skep']))
    assert.doesNotMatch(script, /flush|\binput\b|\bforward\b|prerouting/)
  }
})

test('what is not the decoys’ user is never dropped: no rule drops but behind the jump, or from a decoy’s port', () => {
  const chain = /chain egress \{(.*?)\n {2}\}/s.exec(lockScript(facts))![1]!
  const drops = chain.split('\n').filter(line => /drop/.test(line))
  assert.deepEqual(
    drops.map(line => line.trim()),
    [
      'udp sport @datagram_ports ct direction original oifname != "lo" counter name "datagram_port" drop',
      'tcp sport @listening_ports meta skuid 0 ct direction original counter name "listening_port" drop',
    ],
  )
  assert.match(chain, /meta skuid 64291 jump decoy/)
})

test('the decoys’ ports are held for ten minutes at a time, and let go of by name', () => {
  const more = { ...facts, listeningPorts: [23, 22, 23] }
  const script = lockScript(more)
  assert.match(script, /set datagram_ports \{ .*timeout 600s; elements = \{ 69, 123 \} \}/)
  assert.match(script, /set listening_ports \{ .*timeout 600s; elements = \{ 22, 23 \} \}/)
  assert.match(lockScript({ user: 1, datagramPorts: [] }), /set datagram_ports \{ [^=]*timeout 600s; \}/)
  const released = 'flush set inet skep datagram_ports\nflush set inet skep listening_ports\n'
  assert.equal(releaseScript(more), released)
  assert.equal(
    holdScript(more),
    `${released}add element inet skep datagram_ports { 69, 123 }\nadd element inet skep listening_ports { 22, 23 }\n`,
  )
  assert.equal(holdScript({ ...more, passive: { ports: [22], from: [] } }), '')
})

test('a datagram of the decoys’ user passes from no port but a decoy’s, whoever seems to have asked', () => {
  const chain = /chain egress \{(.*?)\n {2}\}/s.exec(lockScript(facts))![1]!
  const before = chain.slice(0, chain.indexOf('jump decoy')).split('\n')
  for (const rule of before.filter(line => line.endsWith('accept')))
    assert.match(rule, /meta l4proto tcp|udp sport @datagram_ports/)
})

test('what tells rules apart fits into a comment of nft, and changes with every fact', () => {
  const many = { user: 64291, datagramPorts: Array.from({ length: 200 }, (_, i) => 60_000 + i) }
  assert.ok(commentOf(many).length <= 128)
  const all = [facts, many, { ...facts, others: [64293] }, { ...facts, bandwidth: 1 }, { ...facts, user: 1 }].map(
    commentOf,
  )
  all.push(commentOf({ ...facts, listeningPorts: [22] }))
  assert.equal(new Set(all).size, all.length)
  assert.equal(commentOf({ ...facts, datagramPorts: [69, 123] }), commentOf(facts))
})

test('what nft lists is read; a chain that hangs nowhere counts for nothing', () => {
  const counter = { name: 'tcp_ipv4', packets: 3, comment: commentOf(facts) }
  const listed = (chain: object) =>
    JSON.stringify({ nftables: [{ metainfo: {} }, { counter }, { chain }, { rule: { chain: 'egress' } }] })
  const applied = readApplied(listed({ name: 'egress', hook: 'output' }))
  assert.deepEqual(
    [applied.comment, applied.counters.tcp_ipv4, applied.counters.other, applied.rules],
    [commentOf(facts), 3, 0, 1],
  )
  assert.equal(readApplied(listed({ name: 'egress' })).rules, 0)
  assert.equal(readApplied('{}').comment, '')
})

test('administration’s ports: the session, sshd’s configuration, else its default', () => {
  const files = new Map([
    ['/etc/ssh/sshd_config', '#Port 22\nPort 64295\n'],
    ['/etc/ssh/sshd_config.d', 'a.conf\nREADME\n'],
    ['/etc/ssh/sshd_config.d/a.conf', 'port 2200\n'],
  ])
  const read = (path: string) => files.get(path)
  const session = { SSH_CONNECTION: '198.51.100.7 50000 192.0.2.1 2222' }
  assert.deepEqual(administrationPorts(session, read).ports, [2200, 2222, 64295])
  assert.deepEqual(
    administrationPorts({}, path => (path === '/etc/ssh/sshd_config' ? '# nothing' : undefined)).ports,
    [22],
  )
  const addresses =
    '#ListenAddress 192.0.2.9:1\nListenAddress 192.0.2.1:2201\nlistenaddress [2001:db8::1]:2202\nListenAddress 2001:db8::1:2203\n'
  assert.deepEqual(
    administrationPorts({}, path => (path.endsWith('_config') ? addresses : undefined)).ports,
    [2201, 2202],
  )
  const listening = (program: string) => (program === 'sshd' ? [2204] : [])
  assert.deepEqual(
    administrationPorts({}, path => (path.endsWith('_config') ? '' : undefined), listening).ports,
    [2204],
  )
  assert.deepEqual(administrationPorts({ SSH_CONNECTION: 'x' }, () => undefined).ports, [])
})
