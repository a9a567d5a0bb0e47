import assert from 'node:assert/strict'
import fs from 'node:fs'
import path from 'node:path'
import { after, before, describe, it } from 'node:test'
import type { Event } from '#events/event.ts'
import { type Inside, startInside } from '../inside.ts'
import { createNetwork, type Network, whyNoNamespaces } from '../namespaces.ts'
import { missing, until } from '../skep.ts'

const why = whyNoNamespaces() ?? missing('nft', 'tcpdump', 'nmap', 'masscan', 'ping', 'curl', 'python3')

type Scan = { kind: string; ports?: string[]; types?: string[]; count: number; packets: number; tools: string[] }
const scanOf = (event: Event) => (event.skep as unknown as { scan: Scan }).scan

/** Ports in ranges, such as `8000-8100`. */
const spread = (ranges: readonly string[]): number[] =>
  ranges.flatMap(range => {
    const [first, last = first] = range.split('-').map(Number)
    return Array.from({ length: last! - first! + 1 }, (_, i) => first! + i)
  })
const all = Array.from({ length: 65_535 }, (_, i) => i + 1)

describe('what never becomes a connection', { skip: why }, () => {
  let network: Network
  let inside: Inside
  const address = (family: 4 | 6 = 4) => network.address('sensor', family)
  /** Runs a scan from an address of its own, so that its stories are told apart. */
  let lastAddress = 100
  const attack = (...command: string[]) => network.run('attacker', command, { timeout: 280_000 })
  function newAddress(): string {
    const own = `10.77.0.${++lastAddress}`
    network.run('attacker', ['ip', 'addr', 'add', `${own}/24`, 'dev', 'eth0'])
    return own
  }
  const nmap = (source: string, ...args: string[]) =>
    attack('nmap', '-n', '-Pn', '-S', source, '-e', 'eth0', ...args, address())
  /** The ports in scan events of a source and in the conversations that it had. */
  const portsOf = (source: string, kind?: string) => {
    const ports = new Set<number>()
    for (const event of inside.events(found => found.source?.ip === source)) {
      if (event.event.action === 'scan' && (kind === undefined || scanOf(event).kind === kind))
        for (const port of spread(scanOf(event).ports ?? [])) ports.add(port)
      if (event.event.action === 'connection-opened') ports.add(event.destination!.port!)
    }
    return ports
  }
  /** Waits until all of them are told; those that were not. */
  async function untold(source: string, wanted: readonly number[], kind?: string, seconds = 40): Promise<number[]> {
    for (const until = Date.now() + seconds * 1000; ; ) {
      const told = portsOf(source, kind)
      const left = wanted.filter(port => !told.has(port))
      if (left.length === 0 || Date.now() > until) return left
      await new Promise(resolve => setTimeout(resolve, 500))
    }
  }
  const processes = () => {
    const children = fs.readFileSync(`/proc/${inside.pid}/task/${inside.pid}/children`, 'utf8').trim().split(' ')
    return children.map(pid => {
      const status = fs.readFileSync(`/proc/${pid}/status`, 'utf8')
      const field = (name: string) => new RegExp(`^${name}:\\s+(\\S+)`, 'm').exec(status)![1]!
      return {
        pid,
        name: fs.readFileSync(`/proc/${pid}/cmdline`, 'utf8'),
        user: Number(field('Uid')),
        kB: Number(field('VmRSS')),
        capabilities: field('CapEff'),
      }
    })
  }
  const reader = () => processes().find(({ name }) => name.includes('src/capture/main.ts'))!

  before(async () => {
    network = createNetwork(['attacker', 'sensor'])
    inside = await startInside(network, 'sensor', ['--edition', 'sensor'])
    await inside.said('ready')
    await inside.eventually(event => event.message === 'capture: running', 1, 20)
  })
  after(async () => {
    await inside?.remove()
    network?.remove()
  })

  it('tcpdump and its reader have given up everything: users of their own, no capability, no network', async () => {
    const dump = processes().find(({ name }) => name.includes('/tcpdump'))!
    assert.notEqual(dump.user, 0)
    assert.equal(reader().user, 64_293)
    assert.equal(BigInt(`0x${reader().capabilities}`), 0n)
    const proved = () => inside.log.find(line => line.event === 'proved' && line.part === 'capture')
    await until(() => proved() !== undefined, 'it does not try')
    const attempts = proved()!.attempts as { what: string; refused: boolean }[]
    assert.ok(attempts.length > 10)
    assert.deepEqual(
      attempts.filter(({ refused }) => !refused),
      [],
    )
  })

  it('nmap -sS -p-: every port, its true number, in one story', async t => {
    const source = newAddress()
    const before = reader().kB
    const { stdout } = nmap(source, '-sS', '-p-', '-T4', '--min-rate', '2000', '--max-retries', '1')
    assert.match(stdout, /22\/tcp\s+open/)
    assert.deepEqual(await untold(source, all), [])
    const scans = inside.events(event => event.event.action === 'scan' && event.source?.ip === source)
    // Ports in no order, told by pieces of 1,024 ranges: at most 64 however long it took, and one more for each time of telling.
    assert.ok(scans.length < 72, `${scans.length} events`)
    assert.equal(new Set(scans.map(event => event.skep.session)).size, 1)
    assert.deepEqual(scanOf(scans.at(-1)!).tools, ['nmap'])
    t.diagnostic(`the reader's memory: ${before} kB before, ${reader().kB} kB after`)
  })

  it('masscan over all 65,535 ports: every port, its true number; memory is bounded', async t => {
    const source = newAddress()
    const mac = /link\/ether (\S+)/.exec(network.run('sensor', ['ip', '-o', 'link', 'show', 'eth0']).stdout)![1]!
    const rates = ['--rate', '10000', '--wait', '2', '--retries', '1']
    attack('masscan', address(), '-p1-65535', ...rates, '-e', 'eth0', '--adapter-ip', source, '--router-mac', mac)
    assert.deepEqual(await untold(source, all), [])
    const scans = inside.events(event => event.event.action === 'scan' && event.source?.ip === source)
    const syn = scans.filter(event => scanOf(event).kind === 'syn')
    assert.equal(new Set(syn.map(event => event.skep.session)).size, 1)
    assert.deepEqual(scanOf(syn.at(-1)!).tools, ['masscan'])
    assert.ok(scans.length < 60, `${scans.length} events`)
    const lost = inside.events(event => event.event.action === 'packets-lost')
    t.diagnostic(
      `${scans.length} events; ${JSON.stringify(lost.map(({ message }) => message))}; memory ${reader().kB} kB`,
    )
    assert.ok(reader().kB < 200_000, `${reader().kB} kB`)
  })

  it('-sF, -sN, -sX, -sM, -sA: each kind under its name', async () => {
    const ports = Array.from({ length: 300 }, (_, i) => 30_001 + i)
    for (const [flag, kind] of [
      ['-sF', 'fin'],
      ['-sN', 'null'],
      ['-sX', 'xmas'],
      ['-sM', 'maimon'],
      ['-sA', 'ack'],
    ] as const) {
      const source = newAddress()
      nmap(source, flag, '-p30001-30300', '--max-retries', '1', '-T4')
      assert.deepEqual(await untold(source, ports, kind), [], kind)
    }
  })

  it('-sU --top-ports 200: every port is in the events, and what was sent to it', async () => {
    const source = newAddress()
    const { stdout } = nmap(
      source,
      '-sU',
      '--top-ports',
      '200',
      '-T4',
      '--defeat-icmp-ratelimit',
      '--max-retries',
      '1',
      '-oG',
      '-',
      '-v',
    )
    const ranges = /UDP\(200;([^)]+)\)/.exec(stdout)?.[1]?.split(',') ?? assert.fail(stdout)
    const ports = spread(ranges)
    assert.equal(ports.length, 200)
    assert.deepEqual(await untold(source, ports), [])
    const packets = inside.events(event => event.event.action === 'packet' && event.source?.ip === source)
    assert.ok(packets.length >= 5, `${packets.length} packets`)
    const asked = packets.find(event => event.file !== undefined) ?? assert.fail('a payload')
    assert.ok(asked.destination!.port! > 0 && String(asked.skep.payload).length > 0)
    const { sha256 } = (asked as unknown as { file: { hash: { sha256: string } } }).file.hash
    assert.equal(fs.statSync(path.join(inside.data, 'artifacts', sha256.slice(0, 2), sha256)).size, asked.source!.bytes)
  })

  it('IPv6 and pings', async () => {
    const from = network.address('attacker', 6)
    attack('nmap', '-6', '-n', '-Pn', '-sS', '-p', '40001-40200', '-T4', '--max-retries', '1', address(6))
    attack('ping', '-c', '2', '-i', '0.2', '-s', '700', address(6))
    attack('ping', '-c', '2', '-i', '0.2', address())
    assert.deepEqual(
      await untold(
        from,
        Array.from({ length: 200 }, (_, i) => 40_001 + i),
        'syn',
      ),
      [],
    )
    const pings = await inside.eventually(
      event => event.event.action === 'packet' && /icmp/.test(event.network?.transport ?? ''),
      4,
      10,
    )
    assert.ok(pings.some(event => event.source!.bytes === 700 && event.network!.transport === 'ipv6-icmp'))
  })

  it('who gets through to a decoy is no scan, and is known by the first packet', async () => {
    const source = newAddress()
    assert.equal(attack('curl', '-sm9', '-o', '/dev/null', '--interface', source, `http://${address()}/`).status, 0)
    const [hello] = await inside.eventually(event => event.event.action === 'tcp-hello' && event.source?.ip === source)
    const { sender } = hello!.skep as unknown as { sender: { ja4t: string; os: string } }
    assert.match(sender.ja4t, /^\d+_2-4-8-1-3_1460_\d+$/)
    assert.match(sender.os, /Linux/)
    await new Promise(resolve => setTimeout(resolve, 7000))
    assert.deepEqual(
      inside.events(event => event.event.action === 'scan' && event.source?.ip === source),
      [],
    )
    assert.equal(inside.events(event => event.event.action === 'request' && event.source?.ip === source).length, 1)
  })

  it('a flood from forged sources is few events, and memory is bounded', async t => {
    const mac = /link\/ether (\S+)/.exec(network.run('sensor', ['ip', '-o', 'link', 'show', 'eth0']).stdout)![1]!
    const flood = `import socket, struct, sys
s=socket.socket(socket.AF_PACKET, socket.SOCK_RAW); s.bind(('eth0', 0))
mac=bytes.fromhex('${mac.replaceAll(':', '')}')
def summed(header):
    words=sum(struct.unpack('>10H', header)); words=(words >> 16) + (words & 0xffff)
    return header[:10] + struct.pack('>H', ~(words + (words >> 16)) & 0xffff) + header[12:]
for n in range(100000):
    src=struct.pack('>I', 0x0b000000 + n)
    ip=struct.pack('>BBHHHBBH4s4s', 0x45, 0, 40, n & 0xffff, 0, 200, 6, 0, src, socket.inet_aton('${address()}'))
    tcp=struct.pack('>HHIIBBHHH', 1024 + n % 50000, 443, n * 7919 & 0xffffffff, 0, 0x50, 2, 1024, 0, 0)
    try: s.send(mac + b'\\x02\\0\\0\\0\\0\\x09\\x08\\0' + summed(ip) + tcp)
    except OSError: pass
print('done')`
    assert.match(attack('python3', '-c', flood).stdout, /done/)
    await inside.eventually(event => event.event.action === 'scan' && event.source === undefined, 1, 30)
    await new Promise(resolve => setTimeout(resolve, 4000))
    const scans = inside.events(event => event.event.action === 'scan' && (event.source?.ip ?? '11.').startsWith('11.'))
    const shared = scans.filter(event => event.source === undefined).at(-1)!
    t.diagnostic(`${scans.length} events, ${JSON.stringify(scanOf(shared))}, memory ${reader().kB} kB`)
    assert.ok(scans.length < 8000, `${scans.length} events`)
    assert.ok(reader().kB < 250_000, `${reader().kB} kB`)
  })

  it('when tcpdump dies it is started anew; when it is told to stop, all is told', async () => {
    const dump = processes().find(({ name }) => name.includes('/tcpdump'))!
    process.kill(Number(dump.pid), 'SIGKILL')
    await inside.eventually(event => event.message?.startsWith('capture: running') === true, 2, 20)
    const source = newAddress()
    nmap(source, '-sS', '-p', '50001-50010')
    await inside.stop()
    assert.deepEqual(await untold(source, [50_001, 50_010], undefined, 1), [])
    const ended = inside.events(event => event.event.action === 'scan' && event.source?.ip === source).at(-1)
    assert.equal(ended?.event.reason, 'shutdown')
    assert.equal(fs.existsSync(`/proc/${dump.pid}`), false)
  })
})
