import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import dgram from 'node:dgram'
import { once } from 'node:events'
import fs from 'node:fs'
import { after, before, describe, test } from 'node:test'
import type { Event } from '#events/event.ts'
import type { Attempt } from '#sensor/sandbox.ts'
import type { Listening } from '#supervisor/messages.ts'
import { datagrams } from '../oracle/ntp/datagrams.ts'
import { missing, root, runClient, type Skep, startSkep, until } from '../skep.ts'

let program: Skep
let port: number
before(async () => {
  // Its own budget would end the tests before the service's limits show.
  program = await startSkep({ config: 'limits: { udpPerSource: 100000, udpOverall: 100000 }\n' })
  port = program.port('ntp')
})
after(() => program.stop())

const ntp = (event: Event) => event.skep.service === 'ntp'
const told =
  (...actions: string[]) =>
  (event: Event) =>
    ntp(event) && actions.includes(event.event.action)
const command = (line: RegExp) => (event: Event) =>
  ntp(event) && line.test((event as unknown as { process?: { command_line?: string } }).process?.command_line ?? '')

/** Sends each datagram from a socket at `address`; what came back within the time the last one has. */
async function exchange(packets: Buffer[], { address = '127.0.0.1', wait = 300 } = {}): Promise<Buffer[]> {
  const socket = dgram.createSocket('udp4').bind(0, address)
  await once(socket, 'listening')
  const heard: Buffer[] = []
  socket.on('message', answer => heard.push(answer))
  for (const packet of packets) await new Promise(resolve => socket.send(packet, port, '127.0.0.1', resolve))
  await new Promise(resolve => setTimeout(resolve, wait))
  socket.close()
  return heard
}

/** Asks again until there is an answer: a datagram may be lost, or nobody is there yet. */
async function ask(address: string, patience = 60_000): Promise<Buffer> {
  for (const until = Date.now() + patience; Date.now() < until; ) {
    const [answer] = await exchange([datagrams['as systemd-timesyncd asks']!], { address })
    if (answer) return answer
  }
  throw new Error(`No answer within ${patience} ms`)
}

const privileged = process.getuid!() === 0 ? false : 'port 123 needs root'

/** NTP's clients ask at port 123 only: what comes there at `address` goes to the program, and its answers back. */
async function relayAt(address: string): Promise<{ close(): void }> {
  const front = dgram.createSocket('udp4').bind(123, address)
  await once(front, 'listening')
  const ways = new Map<number, dgram.Socket>()
  front.on('message', (question, from) => {
    const way = ways.get(from.port) ?? dgram.createSocket('udp4')
    if (!ways.has(from.port)) way.on('message', answer => front.send(answer, from.port, from.address))
    ways.set(from.port, way)
    way.send(question, port, '127.0.0.1')
  })
  return {
    close() {
      for (const socket of [front, ...ways.values()]) socket.close()
    },
  }
}

/** The process that holds the datagram port. */
function sensor(): number {
  const inode = fs
    .readFileSync('/proc/net/udp', 'utf8')
    .split('\n')
    .map(line => line.trim().split(/\s+/))
    .find(columns => columns[1]?.endsWith(`:${port.toString(16).toUpperCase().padStart(4, '0')}`))?.[9]
  const found = program.children().find(pid =>
    fs.readdirSync(`/proc/${pid}/fd`).some(fd => {
      try {
        return fs.readlinkSync(`/proc/${pid}/fd/${fd}`) === `socket:[${inode}]`
      } catch {
        return false
      }
    }),
  )
  if (found === undefined) throw new Error('Nobody holds the port')
  return found
}

test('a right to the network lost half-way costs answers, never the process', async () => {
  const probe = dgram.createSocket('udp4').bind(0, '127.0.0.1')
  await once(probe, 'listening')
  const free = probe.address().port
  probe.close()
  const script = `
    const { udpSide } = await import('${root}/src/sensor/udp.ts')
    const recording = { sensor: 'test', sink: event => process.stdout.write(event.event.action + '\\n'), now: Date.now }
    const house = udpSide({ recording }, { gate: () => undefined, budget: { perSource: 100, overall: 100 } })
    const bound = await house.bind({ service: { name: 'echo', datagram: packet => packet } }, {}, '127.0.0.1', ${free})
    if (bound.why) throw new Error(bound.why)
    process.permission.drop('net')
    console.log('dropped')
    setInterval(() => { if (house.stats().refused === 3) { console.log('refused 3'); process.exit(0) } }, 20)`
  const flags = ['--permission', `--allow-fs-read=${root}`, '--allow-net', '--input-type=module', '-e', script]
  const child = spawn('sh', [`${root}/bin/skep-node`, ...flags], { stdio: ['ignore', 'pipe', 'pipe'] })
  let [said, wrong] = ['', '']
  child.stderr.setEncoding('utf8').on('data', (text: string) => (wrong += text))
  const client = dgram.createSocket('udp4')
  let told = false
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    said += text
    if (told || !said.includes('dropped')) return
    told = true
    for (let i = 0; i < 3; i++) client.send('x', free, '127.0.0.1')
  })
  const [code] = await once(child, 'exit')
  client.close()
  assert.equal(code, 0, wrong)
  assert.match(said, /refused 3/)
})

describe('the program over UDP', () => {
  test('tells the time, and writes down who asked', async () => {
    const answer = await ask('127.0.0.2')
    assert.equal(answer.length, 48)
    const seconds = answer.readUInt32BE(40) - 2_208_988_800
    assert.ok(Math.abs(seconds - Date.now() / 1000) < 3)
    const [asked] = await program.eventually(command(/^ntp v4 client$/))
    assert.deepEqual([asked!.source!.ip, asked!.destination], ['127.0.0.2', { ip: '127.0.0.1', port }])
  })

  test('a real client takes the time from it', { skip: missing('python3') }, async () => {
    const { out, err } = await runClient('python3', ['-c', sntp, String(port)])
    assert.match(out, /^offset -?0\.\d+ stratum [023]\n$/, err)
  })

  test('ntpdig sets a clock by it', { skip: missing('ntpdig') || privileged }, async () => {
    const relay = await relayAt('127.0.0.6')
    const { out, err } = await runClient('ntpdig', ['-4', '-p', '3', '127.0.0.6'])
    relay.close()
    // Some personas reach no server of their own, and say so.
    const unsynchronised = (await ask('127.0.0.2'))[1] === 0
    if (unsynchronised) assert.match(err, /127\.0\.0\.6: Response dropped: stratum 0/)
    else assert.match(out, /127\.0\.0\.6 s[23] no-leap/, err)
    await program.eventually(event => command(/^ntp v4 client$/)(event) && event.source!.ip === '127.0.0.1', 3)
  })

  test('nmap takes it for an NTP server', { skip: missing('nmap') || privileged }, async () => {
    const relay = await relayAt('127.0.0.7')
    const args = ['-sU', '-sV', '--script', 'ntp-info,ntp-monlist', '-Pn', '-p', '123', '127.0.0.7']
    const { out } = await runClient('nmap', args, { seconds: 120 })
    relay.close()
    assert.match(out, /^123\/udp\s+open\s+ntp\s+NTP v4 \((secondary server|unsynchronized)\)/m, out)
    assert.match(out, /receive time stamp: 20\d\d-/, out)
    assert.doesNotMatch(out, /monlist|system:|version:/, out)
    await program.eventually(command(/control readvar/))
  })

  test('a request for the monitor list is an exploit, and gets nothing', async () => {
    assert.deepEqual(await exchange([datagrams['private: MON_GETLIST_1']!], { address: '127.0.0.3' }), [])
    const [exploit] = await program.eventually(
      event => ntp(event) && event.event.action === 'exploit' && event.source!.ip === '127.0.0.3',
    )
    assert.equal((exploit as unknown as { vulnerability: { id: string } }).vulnerability.id, 'CVE-2013-5211')
  })

  test('20,000 datagrams of every kind and size never make more than came', async t => {
    const known = Object.values(datagrams)
    let [sent, received, answers] = [0, 0, 0]
    for (let round = 0; round < 100; round++) {
      const packets = Array.from({ length: 200 }, (_, i) => {
        const n = round * 200 + i
        if (n % 3 === 0) return known[(n / 3) % known.length]!
        const size = (n * 7919) % (n % 50 === 1 ? 1472 : 80)
        const packet = Buffer.alloc(size, n & 255)
        if (size) packet[0] = n & 255
        return packet
      })
      const heard = await exchange(packets, { address: `127.0.1.${round}`, wait: 30 })
      sent += packets.reduce((sum, { length }) => sum + length, 0)
      received += heard.reduce((sum, { length }) => sum + length, 0)
      answers += heard.length
      assert.ok(heard.every(answer => answer.length === 48))
    }
    assert.ok(answers > 100, `${answers} answers`)
    assert.ok(received <= sent, `${received} bytes for ${sent}`)
    await ask('127.0.0.4')
    const { length } = await program.eventually(told('malformed', 'command'), 10_000, 30)
    // The rest, if any, fell out of the kernel's buffer before it reached us.
    t.diagnostic(`${length} of 20,000 arrived, ${answers} answered, ${received} bytes for ${sent}`)
    assert.deepEqual(
      program.events(event => event.event.action === 'service-error'),
      [],
    )
  })

  test('what it may do beside answering is nothing', async () => {
    const proof = () => program.log.find(line => line.event === 'proved' && line.part === 'sensor-udp')
    await until(() => proof() !== undefined, 'nothing is proved')
    const attempts = proof()!.attempts as Attempt[]
    assert.ok(attempts.length >= 8)
    for (const { what, refused, how } of attempts) assert.ok(refused, `${what}: ${how}`)
  })

  test('killed, it is started again at the same port', async () => {
    const { services } = program.log.find(line => line.event === 'ready') as { services: Listening[] }
    assert.ok(
      services.some(
        ({ service, transport, state }) => service === 'ntp' && transport === 'udp' && state === 'listening',
      ),
    )
    const first = sensor()
    process.kill(first, 'SIGKILL')
    await ask('127.0.0.5')
    assert.notEqual(sensor(), first)
    await program.eventually(event => event.source?.ip === '127.0.0.5' && event.event.action === 'command')
  })
})

/** RFC 4330: what a small client does. */
const sntp = `
import socket, struct, sys, time
s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
s.settimeout(5)
t1 = time.time()
s.sendto(bytes([0x23]) + bytes(39) + struct.pack('>II', int(t1) + 2208988800, int(t1 % 1 * 2**32)), ('127.0.0.1', int(sys.argv[1])))
a = struct.unpack('>BBBb11I', s.recv(100))
t4 = time.time()
t2, t3 = ((a[i] - 2208988800) + a[i + 1] / 2**32 for i in (11, 13))
assert t3 > t2
print('offset %.6f stratum %d' % (((t2 - t1) + (t3 - t4)) / 2, a[1]))
`
