import assert from 'node:assert/strict'
import dgram from 'node:dgram'
import { once } from 'node:events'
import fs from 'node:fs'
import { after, before, describe, test } from 'node:test'
import type { Event } from '#events/event.ts'
import type { Attempt } from '#sensor/sandbox.ts'
import type { Listening } from '#supervisor/messages.ts'
import { datagrams } from '../oracle/ntp/datagrams.ts'
import { missing, runClient, type Skep, startSkep } from '../skep.ts'

let program: Skep
let port: number
before(async () => {
  // Its own budget would end the tests before the service's limits show.
  program = await startSkep({ config: 'limits: { udpPerSource: 100000, udpOverall: 100000 }\n' })
  port = program.port('ntp')
})
after(() => program.stop())

const ntp = (event: Event) => event.skep.service === 'ntp'
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
async function ask(address: string, patience = 15_000): Promise<Buffer> {
  for (const until = Date.now() + patience; Date.now() < until; ) {
    const [answer] = await exchange([datagrams['as systemd-timesyncd asks']!], { address })
    if (answer) return answer
  }
  throw new Error(`No answer within ${patience} ms`)
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

  test('ntpdate takes the time from it', { skip: missing('ntpdate') }, async t => {
    const { out, err } = await runClient('ntpdate', ['-h'])
    if (!/-P|port/.test(out + err)) return t.skip('this ntpdate asks at port 123 only')
  })

  test('nmap takes it for an NTP server', {
    skip: missing('nmap') || (process.getuid!() ? 'nmap -sU needs root' : false),
  }, async () => {
    const { out } = await runClient('nmap', ['-sU', '-sV', '-Pn', '-p', String(port), '127.0.0.1'], { seconds: 120 })
    assert.match(
      out,
      new RegExp(`^${port}/udp\\s+open\\s+ntp\\s+NTP v4 \\((secondary server|unsynchronized)\\)`, 'm'),
      out,
    )
  })

  test('a request for the monitor list is an exploit, and gets nothing', async () => {
    assert.deepEqual(await exchange([datagrams['private: MON_GETLIST_1']!], { address: '127.0.0.3' }), [])
    const [exploit] = await program.eventually(
      event => ntp(event) && event.event.action === 'exploit' && event.source!.ip === '127.0.0.3',
    )
    assert.equal((exploit as unknown as { vulnerability: { id: string } }).vulnerability.id, 'CVE-2013-5211')
  })

  test('20,000 datagrams of every kind and size never make more than came', async () => {
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
    await program.eventually(event => ntp(event) && event.event.action === 'malformed', 100)
    assert.deepEqual(
      program.events(event => event.event.action === 'service-error'),
      [],
    )
  })

  test('what it may do beside answering is nothing', async () => {
    for (const until = Date.now() + 10_000; ; ) {
      const proof = program.log.find(line => line.event === 'proved' && line.part === 'sensor-udp')
      if (proof) {
        const attempts = proof.attempts as Attempt[]
        assert.ok(attempts.length >= 8)
        for (const { what, refused, how } of attempts) assert.ok(refused, `${what}: ${how}`)
        return
      }
      assert.ok(Date.now() < until, 'never proved')
      await new Promise(resolve => setTimeout(resolve, 50))
    }
  })

  test('killed, it is started again at the same port', async () => {
    const { services } = program.log.find(line => line.event === 'ready') as { services: Listening[] }
    assert.equal(services.filter(service => service.transport === 'udp').length, 1)
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
