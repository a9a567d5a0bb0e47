import assert from 'node:assert/strict'
import { type ChildProcess, spawn } from 'node:child_process'
import fs from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { after, before, describe, it } from 'node:test'
import { decode } from '#packets/decode.ts'
import { Packet, protocols } from '#packets/packet.ts'
import { pcapReader } from '#packets/pcap.ts'
import { ipPacket } from '#packets/testing.ts'
import { type Inside, startInside } from '../inside.ts'
import { createNetwork, type Network, whyNoNamespaces } from '../namespaces.ts'
import { missing, until } from '../skep.ts'

const why = whyNoNamespaces() ?? missing('nft', 'tcpdump', 'nmap', 'ping', 'nc', 'curl', 'python3')

/** Sends IP packets as they come in, a line of hexadecimal each; the kernel puts the checksum of the header in. */
const raw = `import socket, sys
s=socket.socket(socket.AF_INET, socket.SOCK_RAW, socket.IPPROTO_RAW)
for line in sys.stdin:
    p=bytes.fromhex(line.strip()); s.sendto(p, (socket.inet_ntoa(p[16:20]), 0))`

describe('the passive edition', { skip: why }, () => {
  let network: Network
  let inside: Inside
  const home = fs.mkdtempSync(path.join(os.tmpdir(), 'skep-passive-'))
  const config = path.join(home, 'skep.yaml')
  const started: ChildProcess[] = []
  const address = (family: 4 | 6 = 4) => network.address('sensor', family)
  const attack = (...command: string[]) => network.run('attacker', command, { timeout: 120_000 })
  const send = (...packets: Buffer[]) => {
    const { status, stderr } = network.run('attacker', ['python3', '-c', raw], {
      input: packets.map(packet => `${packet.toString('hex')}\n`).join(''),
    })
    assert.equal(status, 0, stderr)
  }
  function begin(machine: string, ...command: string[]): ChildProcess {
    const [first, ...rest] = [...network.within(machine), ...command]
    const child = spawn(first!, rest, { stdio: ['pipe', 'pipe', 'pipe'] })
    started.push(child)
    return child
  }

  /** Listens at the other end of the sensor's cable while something happens: the IP packets that came out of it. */
  async function heardWhile(act: () => void | Promise<void>): Promise<string[]> {
    // port1 is the bridge's end of the second machine's cable.
    const ear = begin('hub', 'tcpdump', '-i', 'port1', '-Q', 'in', '-U', '-s', '200', '-Z', 'root', '-w', '-')
    await new Promise<void>(resolve => ear.stderr!.on('data', text => /listening on/.test(String(text)) && resolve()))
    const heard: string[] = []
    const packet = new Packet()
    const reader = pcapReader((bytes, start, end, at, link) => {
      if (decode(packet, bytes, start, end, at, link) === 'other') return
      const { protocol, icmpType } = packet
      // Neighbour discovery and multicast reports, without which the link would not be; ARP is no IP.
      const link6 = protocol === protocols.icmpv6 && ((icmpType >= 133 && icmpType <= 137) || icmpType === 143)
      if (!link6)
        heard.push(
          `${protocol} ${packet.source}:${packet.sourcePort} > ${packet.destination}:${packet.destinationPort} ${icmpType}`,
        )
    })
    ear.stdout!.on('data', chunk => reader.push(chunk))
    await act()
    await new Promise(resolve => setTimeout(resolve, 2500))
    ear.kill('SIGTERM')
    await new Promise(resolve => ear.once('close', resolve))
    return heard
  }
  /** Everything that an attacker does to find out whether somebody is there. */
  function everything() {
    const nmap = (...how: string[]) =>
      attack('nmap', '-n', '-Pn', ...how, '-T5', '--max-retries', '0', '--max-rtt-timeout', '30ms')
    for (const flag of ['-sS', '-sF', '-sN', '-sX', '-sA', '-sT', '-sW']) nmap(flag, '-p', '1-400,64295', address())
    nmap('-6', '-sS', '-p', '1-200', address(6))
    nmap('-sU', '-p', '1-100,161,1900', address())
    nmap('-sY', '-p', '1-20', address())
    nmap('-sO', '-p', '1-60', address())
    attack('nmap', '-n', '-Pn', '-O', '--osscan-guess', '--max-os-tries', '1', '-p', '1-3', '-T5', address())
    for (const family of ['-4', '-6'])
      attack('ping', family, '-c', '3', '-i', '0.2', '-W', '1', address(family === '-6' ? 6 : 4))
    attack('nc', '-w', '1', address(), '80')
    attack('curl', '-sm1', `http://[${address(6)}]/`)
  }
  /** All ports that events of this kind tell, whichever of them does. */
  const portsOf = (kind: string) =>
    new Set(
      scans(kind).flatMap(event =>
        (event.skep.scan as { ports: string[] }).ports.flatMap(range => {
          const [first, last = first] = range.split('-').map(Number)
          return Array.from({ length: last! - first! + 1 }, (_, i) => first! + i)
        }),
      ),
    )
  const scans = (kind: string) =>
    inside.events(event => event.event.action === 'scan' && (event.skep.scan as { kind: string }).kind === kind)

  before(async () => {
    network = createNetwork(['attacker', 'sensor', 'operator'])
    fs.writeFileSync(
      config,
      `administration: {ports: [64295], from: [${network.address('operator')}, "${network.address('operator', 6)}/128"]}\n`,
    )
  })
  after(async () => {
    for (const child of started) if (child.exitCode === null) child.kill('SIGKILL')
    await inside?.remove()
    network?.remove()
    fs.rmSync(home, { recursive: true, force: true })
  })

  it('without it, the machine answers (so the test can fail)', async () => {
    const heard = await heardWhile(() => {
      attack('nmap', '-n', '-Pn', '-sS', '-p', '1-100', address())
      attack('ping', '-c', '1', '-W', '1', address())
    })
    assert.ok(heard.length > 100, `${heard.length} packets`)
  })

  it('starts without a decoy, says what it keeps open, and proves that nothing goes out', async () => {
    const echo = `import socket
l=socket.create_server(('::',64295),family=socket.AF_INET6,dualstack_ipv6=True);print('up',flush=True)
while True:
    c,_=l.accept(); c.sendall(c.recv(100)); c.close()`
    const server = begin('sensor', 'python3', '-c', echo)
    await new Promise(resolve => server.stdout!.once('data', resolve))
    inside = await startInside(network, 'sensor', ['--edition', 'passive', '--config', config])
    const ready = await inside.said('ready')
    assert.deepEqual(ready.services, [])
    assert.ok(inside.log.some(line => /^passive edition: .* TCP 64295 for 10\.77\.0\.3, /.test(String(line.message))))
    const egress = await inside.said('egress')
    assert.deepEqual([egress.state, egress.silent], ['proved', true])
    assert.equal((egress.ways as unknown[]).length, 8)
    const children = fs.readFileSync(`/proc/${inside.pid}/task/${inside.pid}/children`, 'utf8').trim().split(' ')
    const names = children.map(pid => fs.readFileSync(`/proc/${pid}/cmdline`, 'utf8'))
    assert.ok(!names.some(name => name.includes('src/sensor/main.ts')))
  })

  it('nothing that is tried gets an answer: not one IP packet leaves the machine', async () => {
    const heard = await heardWhile(everything)
    assert.deepEqual(heard, [])
  })

  it('all of it was heard: every kind of probe, with the ports', async () => {
    for (const kind of ['syn', 'fin', 'null', 'xmas', 'ack', 'udp', 'sctp', 'protocol', 'icmp', 'icmpv6']) {
      await until(() => scans(kind).length > 0, `${kind} is not told`)
    }
    const wanted = [...Array.from({ length: 400 }, (_, i) => i + 1), 64_295]
    for (const kind of ['syn', 'fin', 'null', 'xmas', 'ack']) {
      const untold = () => wanted.filter(port => !portsOf(kind).has(port))
      // The rest of a story is told at its next interval.
      await until(() => untold().length === 0, `not every port of ${kind} is told, the administration’s too`, 120)
    }
  })

  it('what somebody sends without an answer is put together', async () => {
    const common = {
      source: network.address('attacker'),
      destination: address(),
      sourcePort: 5555,
      destinationPort: 8080,
    }
    const words = 'GET /shell?cd+/tmp HTTP/1.1\r\n\r\n'
    const part = (from: number, to: number, flags = 0x18) =>
      ipPacket({ ...common, flags, sequence: 1001 + from, payload: Buffer.from(words.slice(from, to)) })
    const heard = await heardWhile(() => {
      send(
        ipPacket({ ...common, flags: 2, sequence: 1000 }),
        ipPacket({ ...common, flags: 16, sequence: 1001 }),
        part(10, 20),
        part(0, 10),
        part(20, words.length),
        part(0, 10),
        ipPacket({ ...common, flags: 0x14, sequence: 1001 + words.length }),
        // Data with the SYN itself, from somebody who never was.
        ipPacket({
          ...common,
          source: '10.77.0.99',
          sourcePort: 6666,
          flags: 2,
          sequence: 7,
          payload: Buffer.from('\x16\x03\x01 early'),
        }),
      )
    })
    assert.deepEqual(heard, [])
    const [payload] = await inside.eventually(
      event => event.event.action === 'payload' && event.source?.port === 5555,
      1,
      20,
    )
    assert.equal(payload!.skep.payload, words)
    assert.equal(payload!.skep.service, 'unanswered')
    const { hash } = (payload as unknown as { file: { hash: { sha256: string } } }).file
    assert.equal(
      fs.readFileSync(path.join(inside.data, 'artifacts', hash.sha256.slice(0, 2), hash.sha256), 'utf8'),
      words,
    )
    const [syn] = await inside.eventually(event => event.event.action === 'packet' && event.source?.ip === '10.77.0.99')
    assert.match(String(syn!.skep.payload), /early/)
    assert.deepEqual((syn!.skep.packet as { flags: string[] }).flags, ['syn'])
  })

  it('the operator comes in as ever, over both families, and nobody else does', async () => {
    const ask = (from: string, family: 4 | 6) =>
      network.run(from, [
        'python3',
        '-c',
        `import socket
s=socket.create_connection(('${address(family)}',64295),3);s.sendall(b'hello');print(s.recv(9).decode())`,
      ])
    for (const family of [4, 6] as const) {
      assert.equal(ask('operator', family).stdout.trim(), 'hello')
      assert.notEqual(ask('attacker', family).status, 0)
    }
    const operators = [network.address('operator'), network.address('operator', 6)]
    assert.deepEqual(
      inside.events(event => operators.includes(event.source?.ip ?? '') && event.network?.transport === 'tcp'),
      [],
    )
  })

  it('the store has the stories, each with its end, and doctor says that packets are captured', async () => {
    const ask = (query: string) =>
      JSON.parse(inside.skep('sql', query, '--json').stdout || '{}') as Record<string, unknown>
    const wanted = "SELECT count(DISTINCT session) AS stories FROM events WHERE action = 'scan'"
    await until(() => Number(ask(wanted).stories) >= 10, 'the store has no ten stories')
    const closed = ask("SELECT max(reason) AS reason FROM session_parts WHERE service = 'unanswered'")
    assert.equal(closed.reason, 'reset')
    const findings = inside.skep('doctor', '--json', '--config', config).stdout.trim().split('\n')
    const packets = findings.map(line => JSON.parse(line)).find(({ check }) => check === 'packets')
    assert.deepEqual(packets, { check: 'packets', state: 'ok', what: 'captured by tcpdump' })
  })

  it('stays silent when it stops, and speaks again when told', async () => {
    await inside.stop()
    assert.deepEqual(await heardWhile(() => void attack('ping', '-c', '2', '-i', '0.2', '-W', '1', address())), [])
    assert.equal(inside.skep('firewall', 'remove', '--config', config).status, 0)
    assert.equal(attack('ping', '-c', '1', '-W', '2', address()).status, 0)
  })

  it('where the host allows nothing else, it is what starts', async () => {
    const again = await startInside(network, 'sensor', ['--provider', 'aws-lightsail', '--config', config], inside.data)
    const { services } = await again.said('ready')
    assert.deepEqual(services, [])
    const { provider } = (await again.said('standing')) as {
      provider: { conditions: { id: string; unmet?: string }[] }
    }
    assert.deepEqual(provider.conditions, [{ id: 'passive-only' }, { id: 'no-outbound' }])
    await again.stop()
  })
})
