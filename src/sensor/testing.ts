import { generateKeyPairSync, randomBytes } from 'node:crypto'
import net, { type AddressInfo, type Socket } from 'node:net'
import * as v from 'valibot'
import type { SampleWriter } from '#artifacts/samples.ts'
import { selfSigned } from '#codec/x509.ts'
import type { Event } from '#events/event.ts'
import type { Persona } from '#persona/persona.ts'
import { Attackers } from './attackers.ts'
import { run, type World } from './converse.ts'
import { type Endpoint, type Service, tcp } from './service.ts'
import { type TcpOptions, tcpSide } from './tcp.ts'

const key = generateKeyPairSync('rsa', {
  modulusLength: 2048,
  publicKeyEncoding: { type: 'spki', format: 'pem' },
  privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
}).privateKey
const cert = selfSigned(
  {
    serial: Buffer.of(0x4b, 0x1d),
    name: [['CN', 'relay3.hayase-works.example']],
    notBefore: Date.UTC(2020, 0, 1),
    notAfter: Date.UTC(2049, 0, 1),
    extensions: [],
  },
  key,
)
export const certificate = { key, cert }

export const turns = async (n = 5) => {
  while (n--) await new Promise(setImmediate)
}
/** Resolves once `is` holds; the runner's own patience ends the wait. */
export async function until(is: () => boolean): Promise<void> {
  while (!is()) await new Promise(resolve => setTimeout(resolve, 5))
}

/** A service that does what the test says. */
export const pretend = (session: NonNullable<Service<unknown>['session']>, more: Partial<Service<unknown>> = {}) =>
  ({
    name: 'pretend',
    title: 'Pretend',
    replaces: [],
    listen: [tcp(1)],
    options: v.unknown(),
    tls: () => certificate,
    session,
    ...more,
  }) satisfies Service<unknown>

/** The sensor's TCP side on loopback, events in memory, and a clock that the test may push. */
export async function listening(
  service: Service<unknown>,
  { endpoint = tcp(1), ports = 0, ...options }: Partial<TcpOptions> & { endpoint?: Endpoint; ports?: number } = {},
) {
  const events: Event[] = []
  let ahead = 0
  const now = () => Date.now() + ahead
  const nothing: SampleWriter = {
    write: async () => {},
    close: async () => ({ sha256: '', sha1: '', md5: '', size: 0, kept: 0 }),
    abort: async () => {},
  }
  const world: World = {
    persona: {} as Persona,
    recording: { sensor: 'test', sink: event => void events.push(event), now },
    attackers: new Attackers(),
    sample: () => nothing,
    terminal: () => ({ output() {}, input() {}, resize() {}, close: () => undefined }),
    random: randomBytes,
  }
  const house = tcpSide(world, {
    gate: () => undefined,
    admission: { connections: 100, perSource: 100 },
    limits: {},
    proxies: [],
    ...options,
  })
  const running = run(service, {}, world.persona)
  const port = await free()
  const pool = await Promise.all(Array.from({ length: ports }, free))
  await house.bind(running, endpoint, '127.0.0.1', port)
  for (const one of pool) await house.bind(running, { transport: 'tcp', port: one, pool: true }, '127.0.0.1', one)
  house.openPool(service.name, pool)
  const endings = () =>
    events.filter(e => e.event.action === 'connection-closed').map(e => (e.event as { reason?: string }).reason)
  return {
    house,
    events,
    endings,
    port,
    pass(seconds: number) {
      ahead += seconds * 1000
      house.sweep()
    },
    connect: () => connected(port),
    [Symbol.dispose]() {
      house.close()
      for (const socket of clients.splice(0)) socket.destroy()
    },
  }
}

/** A port that was free a moment ago. */
function free(): Promise<number> {
  return new Promise(resolve => {
    const server = net.createServer().listen(0, '127.0.0.1', () => {
      const { port } = server.address() as AddressInfo
      server.close(() => resolve(port))
    })
  })
}

const clients: Socket[] = []

export function connected(port: number): Promise<Socket> {
  return new Promise(resolve => {
    const socket = net.connect(port, '127.0.0.1', () => resolve(socket))
    socket.on('error', () => {})
    clients.push(socket)
  })
}
