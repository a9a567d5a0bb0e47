import assert from 'node:assert/strict'
import { test } from 'node:test'
import * as v from 'valibot'
import { type ActionName, actions } from './actions.ts'
import { type Event, envelope, recorder } from './event.ts'

const who = {
  session: '019a0000-0000-7000-8000-000000000001',
  service: 'ftp',
  source: { ip: '198.51.100.7', port: 40_000 },
  destination: { ip: '203.0.113.1', port: 21 },
  transport: 'tcp' as const,
}
const sample = { sha256: 'a'.repeat(64), sha1: 'b'.repeat(40), md5: 'c'.repeat(32), size: 3, kept: 3 }
const at = Date.UTC(2026, 0, 2, 3, 4, 5, 6)

function recording(identity: Parameters<typeof recorder>[0] = who, cap?: number) {
  const events: Event[] = []
  const sink = (event: Event) => void events.push(event)
  return {
    events,
    record: recorder(identity, { sensor: 'test', sink, now: () => at, ...(cap === undefined ? {} : { cap }) }),
  }
}

test('an event says what, who, when and in which order, in ECS names', () => {
  const { events, record } = recording()
  record.connectionOpened({})
  record.login({ method: 'password', user: 'root', password: '1234', outcome: 'failure' })
  const [opened, login] = events as [Event, Event]
  assert.equal(login['@timestamp'], '2026-01-02T03:04:05.006Z')
  assert.deepEqual(login.source, who.source)
  assert.deepEqual(login.skep, {
    session: who.session,
    service: 'ftp',
    login: { method: 'password', password: '1234' },
  })
  assert.equal(login.event.outcome, 'failure')
  assert.deepEqual([opened.event.sequence, login.event.sequence], [0, 1])
  assert.ok(opened.event.id < login.event.id)
})

test('every action makes an event that its schema takes', () => {
  const details: Record<ActionName, unknown> = {
    connectionOpened: { proxy: '203.0.113.9' },
    connectionClosed: { reason: 'eof', milliseconds: 12.5, received: 10, sent: 20 },
    tlsHello: {
      serverName: 'a.example',
      alpn: ['h2'],
      version: '1.3',
      ja3: 'd'.repeat(32),
      ja3String: '771,,,,',
      ja4: 't13',
    },
    sshHello: { version: 'SSH-2.0-Go', hassh: 'e'.repeat(32), algorithms: { kex: ['x'] } },
    rdpHello: { cookie: 'Cookie: mstshash=a', protocols: ['TLS'] },
    telnetOption: { verb: 'SB', option: 'NAWS', value: '80x24' },
    login: { method: 'password', user: 'root', password: 'x', outcome: 'failure' },
    command: { line: 'uname -a', verb: 'uname' },
    request: {
      method: 'GET',
      url: { original: '/?a=1', path: '/', query: 'a=1' },
      version: '1.1',
      headers: [['Host', 'a.example']],
      bodyBytes: 0,
      status: 200,
      responseBytes: 615,
    },
    fileUpload: { path: '/tmp/x', sample },
    fileDownload: { url: 'http://192.0.2.1/x', tool: 'wget' },
    fileRead: { path: '/etc/passwd', size: 100 },
    outboundAttempt: { host: '192.0.2.1', port: 4444, tool: 'nc', sent: 'id' },
    tunnelRequest: { kind: 'direct-tcpip', host: 'www.example.com', port: 25 },
    reflection: { requests: 3, received: 45, withheld: 4500, milliseconds: 2000 },
    tunnelData: { host: 'www.example.com', port: 25, protocol: 'smtp', start: 'EHLO x', sample },
    execution: { path: '/tmp/x', commandLine: './x', format: 'ELF 64-bit LSB x86-64', runs: true, sample },
    accountChange: { user: 'root', change: 'password', password: 'secret' },
    environment: { name: 'LANG', value: 'C' },
    terminal: { type: 'xterm', columns: 80, rows: 24 },
    recording: { path: 'recordings/x.cast.zst', bytes: 100, milliseconds: 1000 },
    exploit: { id: 'CVE-2021-44228', name: 'Log4Shell', evidence: 'jndi:ldap://…' },
    payload: { sample, start: '\\x00' },
    malformed: { why: 'Truncated', bytes: 'x' },
    serviceError: { stack: 'Error: x' },
    mail: {
      from: 'a@example.com',
      to: ['b@example.net'],
      fate: 'held',
      relay: true,
      sample,
      attachments: [],
    },
    call: {
      dialled: '900972592000000',
      number: '+972592000000',
      from: 'sip:100@192.0.2.1',
      callId: '1@192.0.2.1',
      userAgent: 'sipcli/v1.8',
      status: 401,
      media: { address: '192.0.2.1', port: 4000, codecs: ['PCMU/8000'] },
    },
    scan: {
      kind: 'syn',
      ports: ['22', '8000-8100'],
      count: 102,
      packets: 204,
      bytes: 9000,
      rate: 50,
      first: '2026-01-02T03:04:05.006Z',
      last: '2026-01-02T03:04:06.006Z',
      tools: ['masscan'],
      destinations: ['192.0.2.10'],
      sender: { ttl: 240, initial_ttl: 255, hops: 15, ja4t: '1024_00_00_00', tool: 'masscan' },
      reason: 'silent',
    },
    packet: {
      source: { ip: '192.0.2.1', port: 5 },
      destination: { ip: '192.0.2.2', port: 6 },
      bytes: 42,
      headers: { protocol: 17 },
      start: '\\x00',
      sample,
    },
    tcpHello: { ttl: 50, initial_ttl: 64, hops: 14, ja4t: '64240_2-4-8-1-3_1460_7', os: 'Linux 3.10 or later' },
    packetsLost: { where: 'kernel', count: 7, why: 'tcpdump did not keep up' },
    health: { part: 'hive', state: 'running' },
    eventsLost: { count: 3, from: '2026-01-02T03:04:05.006Z', to: '2026-01-02T03:04:06.006Z', why: 'full' },
  }
  const { events, record } = recording()
  for (const [name, detail] of Object.entries(details)) (record[name as ActionName] as (d: unknown) => void)(detail)
  assert.equal(events.length, Object.keys(actions).length)
  for (const event of events) {
    v.parse(envelope, event)
    assert.deepEqual(JSON.parse(JSON.stringify(event)), event)
  }
  assert.equal((events.find(e => e.event.action === 'health') as { message?: string }).message, 'hive: running')
})

test('a service cannot forge who it speaks with', () => {
  const { events, record } = recording()
  record.connectionClosed({ reason: 'eof', milliseconds: 1, received: 5, sent: 6 })
  assert.deepEqual(events[0]!.source, { ...who.source, bytes: 5 })
  assert.deepEqual(events[0]!.destination, { ...who.destination, bytes: 6 })
})

test('a session records up to its cap, and its end in any case', () => {
  const { events, record } = recording(who, 10)
  for (let i = 0; i < 1000; i++) record.command({ line: `x${i}` })
  record.connectionClosed({ reason: 'eof', milliseconds: 1, received: 0, sent: 0 })
  assert.equal(events.length, 11)
  assert.equal(events.at(-1)!.event.sequence, 1000)
  assert.equal(events.at(-1)!.skep.unrecorded, 990)
})

test('what opened nothing may have no port, and many sources may share an event', () => {
  const ping = recording({ service: 'scan', source: { ip: '2001:db8::1' }, transport: 'ipv6-icmp' })
  ping.record.packet({
    source: { ip: '2001:db8::1' },
    destination: { ip: '2001:db8::2' },
    bytes: 64,
    headers: { type: 128 },
  })
  const forged = recording({ service: 'scan', session: who.session, destination: { ip: '192.0.2.10', port: 80 } })
  forged.record.packetsLost({ where: 'capture', count: 1, why: 'x' })
  for (const { events } of [ping, forged]) v.parse(envelope, events[0])
  assert.deepEqual(ping.events[0]!.network, { transport: 'ipv6-icmp', type: 'ipv6' })
  assert.deepEqual(ping.events[0]!.source, { ip: '2001:db8::1', bytes: 64 })
})

test('the program itself has no source', () => {
  const { events, record } = recording({ service: 'sensor' })
  record.health({ part: 'tcp', state: 'started' })
  assert.equal(events[0]!.source, undefined)
  v.parse(envelope, events[0])
})
