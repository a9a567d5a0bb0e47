/**
 * The exposed side: one process for everything over TCP, one for datagrams. Started by the supervisor in the data
 * directory, under Node's permission model; every path here is relative, since its parents may be out of reach later.
 */
import { randomBytes } from 'node:crypto'
import net from 'node:net'
import { openLeavings } from '#artifacts/leavings.ts'
import { openRecordings } from '#artifacts/recordings.ts'
import { openSamples } from '#artifacts/samples.ts'
import { recorder } from '#events/event.ts'
import { openJournal } from '#events/journal/writer.ts'
import { saveOpen } from '#machine/kept.ts'
import { setMachines } from '#machine/settings.ts'
import { personaFrom } from '#persona/persona.ts'
import { services } from '#services/index.ts'
import { giveUp, keepCompiled } from '#supervisor/give-up.ts'
import type { FromSensor, Listening, ToSensor } from '#supervisor/messages.ts'
import { Attackers } from './attackers.ts'
import { type Running, run, type World } from './converse.ts'
import { probe } from './sandbox.ts'
import type { Endpoint } from './service.ts'
import { type Bound, tcpSide } from './tcp.ts'
import { udpSide } from './udp.ts'

type Start = Extract<ToSensor, { kind: 'start' }>

const say = (message: FromSensor) => process.send?.(message)

/** Ports of a program that is just dying are free a moment later. */
const RETRIES = 4
const RETRY_MS = 250

async function start({ side, settings, plans, address, offset, persona: state, loadAll }: Start) {
  const persona = personaFrom(state)
  const journal = openJournal({
    directory: 'journal',
    writer: side,
    sensor: settings.sensor,
    quotaBytes: settings.journal.quota,
    floorBytes: settings.journal.floor,
    segmentBytes: settings.journal.segment,
  })
  const recording = { sensor: settings.sensor, sink: journal.append, now: Date.now }
  const attackers = new Attackers()
  const samples = openSamples({
    directory: 'artifacts',
    capBytes: settings.samples.cap,
    quotaBytes: settings.samples.quota,
    floorBytes: settings.journal.floor,
  })
  const recordings = openRecordings({
    directory: 'recordings',
    capBytes: settings.recordings.cap,
    quotaBytes: settings.recordings.quota,
    floorBytes: settings.journal.floor,
    now: Date.now,
  })
  const leavings = openLeavings({
    directory: 'machines',
    key: persona.derive('machines', 32),
    ageMs: settings.machine.days * 86_400_000,
    quotaBytes: settings.machine.quota,
    floorBytes: settings.journal.floor,
    now: Date.now,
    onTrouble: why =>
      recorder({ service: 'sensor' }, recording).health({ part: side, state: 'a machine not kept', why }),
  })
  setMachines(persona, { downloads: settings.machine.downloads, leavings })
  const world: World = { persona, recording, attackers, sample: samples, terminal: recordings, random: randomBytes }
  const running = new Map<string, Running>()
  const gate = () => journal.durable()
  const house =
    side === 'tcp'
      ? tcpSide(world, {
          gate,
          admission: { connections: settings.limits.connections, perSource: settings.limits.perSource },
          limits: { lifetime: settings.limits.lifetime },
          proxies: settings.listen.proxies,
          house: running,
        })
      : udpSide(world, {
          gate,
          budget: { perSource: settings.limits.udpPerSource, overall: settings.limits.udpOverall },
        })

  // What the other side listens for is not even loaded here.
  for (const { name, options, endpoints } of plans)
    if (endpoints.some(e => e.transport === side))
      running.set(name, run((await services.get(name)!()).default, options, persona))
  await Promise.all([...running.values()].map(({ service }) => service.load?.(loadAll)))
  keepCompiled()
  const wanted = plans.flatMap(({ name, endpoints }) =>
    endpoints
      .filter(e => e.transport === side && (!e.spare || e.port + offset < 65_536))
      .map(endpoint => ({ running: running.get(name)!, endpoint })),
  )
  const everywhere = await wildcard()
  const host = address === 'all' ? everywhere : address
  const bound = await Promise.all(
    wanted.map(({ running, endpoint }) => {
      // What the firewall brings comes to ports that nobody else would know.
      if (endpoint.redirected !== undefined) return house.bind(running, endpoint, everywhere, endpoint.port)
      const bind = () => house.bind(running, endpoint, host, endpoint.port + offset)
      // Nobody misses a spare port that somebody else has.
      return endpoint.spare ? bind() : bindPatiently(bind)
    }),
  )
  if ('openPool' in house) for (const [name, ports] of pools(bound)) house.openPool(name, ports)
  giveUp({ user: settings.users.sensor, group: settings.users.group, keepNetwork: side === 'udp' })
  void probe({ network: side === 'tcp' }).then(attempts => say({ kind: 'probed', attempts }))
  say({ kind: 'listening', ports: summary(bound).map(b => describe(b, running.get(b.service)!)) })

  const record = recorder({ service: 'sensor' }, recording)
  record.health({ part: side, state: 'started' })
  const sweeping = setInterval(() => {
    house.sweep()
    attackers.sweep(Date.now())
  }, 1000)
  let gone = 0
  const counting = setInterval(() => {
    // Who resets a connection at once leaves no address to write down: scanners that connect, and they are many.
    const { vanished = 0 } = house.stats() as { vanished?: number }
    if (vanished > gone)
      record.health({
        part: side,
        state: 'peers gone unheard',
        why: `${vanished - gone} connections were reset at once`,
      })
    gone = vanished
  }, 60_000)
  const telling = setInterval(() => {
    const {
      held,
      refused = 0,
      connections = {},
    } = house.stats() as { held: number; refused?: number; connections?: Record<string, number> }
    const { pending, lagMs, written, lost } = journal.stats()
    say({ kind: 'stats', stats: { held, refused, connections, journal: { pending, lagMs, written, lost } } })
  }, 2000)

  return {
    reload(message: Extract<ToSensor, { kind: 'reload' }>) {
      for (const { name, options } of message.plans) {
        const found = running.get(name)
        if (found) found.options = options
      }
    },
    async stop() {
      clearInterval(sweeping)
      clearInterval(telling)
      clearInterval(counting)
      house.close()
      // The endings of the conversations just closed are recorded in the turns that follow.
      await new Promise(resolve => setTimeout(resolve, 100))
      saveOpen(leavings)
      record.health({ part: side, state: 'stopped' })
      await journal.close()
    },
  }
}

async function bindPatiently(bind: () => Promise<Bound>): Promise<Bound> {
  for (let left = RETRIES; ; left--) {
    const bound = await bind()
    if (bound.code !== 'EADDRINUSE' || left === 0) return bound
    await new Promise(resolve => setTimeout(resolve, RETRY_MS))
  }
}

/** All addresses of both families where the machine has IPv6, of IPv4 otherwise. */
function wildcard(): Promise<string> {
  return new Promise(resolve => {
    const trial = net.createServer()
    trial.once('error', () => resolve('0.0.0.0'))
    trial.listen(0, '::', () => trial.close(() => resolve('::')))
  })
}

function pools(bound: Bound[]): Map<string, number[]> {
  const ports = new Map<string, number[]>()
  for (const { service, endpoint, port, why } of bound)
    if (endpoint.pool && why === undefined) ports.set(service, [...(ports.get(service) ?? []), port])
  return ports
}

/** A line a port for a person; the spare ones are one line together, and those that somebody else has go unsaid. */
function summary(bound: Bound[]): (Bound & { ports?: number })[] {
  const told = bound.filter(({ endpoint }) => !endpoint.pool && !endpoint.spare && endpoint.redirected === undefined)
  const strange = bound.filter(({ endpoint, why }) => (endpoint.spare || endpoint.redirected !== undefined) && !why)
  const [first] = strange
  return first ? [...told, { ...first, ports: strange.length }] : told
}

const describe = (
  { endpoint, address, port, ports, why }: Bound & { ports?: number },
  { service }: Running,
): Listening => ({
  service: service.name,
  title: service.title,
  replaces: service.replaces,
  transport: (endpoint as Endpoint).transport,
  tls: endpoint.tls === true,
  address,
  port,
  ...(ports === undefined ? {} : { ports }),
  state: why === undefined ? 'listening' : 'down',
  ...(why === undefined ? {} : { why }),
})

let sensor: Awaited<ReturnType<typeof start>> | undefined

let leaving = false

/** Once, though the supervisor may both say so and be gone. */
async function leave() {
  if (leaving) return
  leaving = true
  await sensor?.stop()
  process.exit(0)
}

process.on('message', (message: ToSensor) => {
  if (message.kind === 'start') void start(message).then(started => (sensor = started))
  else if (message.kind === 'reload') sensor?.reload(message)
  else void leave()
})
// Without its supervisor a sensor would listen on, unwatched, and keep the ports from its successor.
process.on('disconnect', () => void leave())
process.on('SIGINT', () => {})
process.on('SIGTERM', () => {})
