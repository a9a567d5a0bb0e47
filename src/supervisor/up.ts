import path from 'node:path'
import { editions } from '#config/editions.ts'
import { type Config, type Flags, loadConfig } from '#config/load.ts'
import { recorder } from '#events/event.ts'
import { openJournal } from '#events/journal/writer.ts'
import type { Position } from '#events/journal.ts'
import { binds, mustBeAllowed, type Standing, standingHere } from '#hosting/standing.ts'
import { personaFrom } from '#persona/persona.ts'
import { loadPersonaState, type PersonaState } from '#persona/state.ts'
import { capturePackets } from './capture.ts'
import { type Child, keepAlive } from './child.ts'
import type { EgressLock } from './egress.ts'
import { readableByAll } from './give-up.ts'
import { guardEgress } from './guard.ts'
import { portHolder } from './holder.ts'
import { keepHouse } from './housekeeping.ts'
import { gentle, gentleNice, watchLoad } from './impact.ts'
import { layOut, lock } from './layout.ts'
import type { Log } from './log.ts'
import type {
  FromHive,
  FromSensor,
  HouseStatus,
  Listening,
  ProcessState,
  SensorSettings,
  SensorStats,
  Side,
  ToHive,
  ToSensor,
} from './messages.ts'
import { describeSilence, mustBeSilent, silenced } from './passive.ts'
import { everyPort } from './range.ts'
import { hiveFlags, root, sensorFlags } from './rights.ts'

export type UpOptions = { config?: string; data: string; flags: Flags; log: Log; version: string }

/** Milliseconds; under the 5 s that a stop may take in all. */
const PATIENCE = 4000

/**
 * Starts everything and keeps it running until it is told to stop. Throws `ConfigError` and `NotAllowed` before anything
 * started.
 */
export async function up({ config: file, data, flags, log, version }: UpOptions): Promise<void> {
  const startedAt = Date.now()
  let config = await loadConfig(file, flags)
  const unnoticed = binds(config.settings.provider, 'low-impact')
  if (unnoticed) config = gentle(config)
  const unheard = binds(config.settings.provider, 'passive-only') || config.settings.edition === 'passive'
  if (unheard) config = silenced(config)
  const { settings } = config
  const offset = settings.listen.portOffset ?? (process.getuid?.() === 0 ? 0 : 10_000)
  const guard = guardEgress(config, offset)
  const range = everyPort(config)
  // A host that allows nothing outward is shown the lock before anything listens.
  if (unnoticed || unheard || binds(settings.provider, 'no-outbound')) await guard.check()
  try {
    mustBeAllowed(settings.provider, startedAt, guard.lock())
    if (unheard) mustBeSilent(config, guard.lock())
  } catch (error) {
    guard.undo()
    throw error
  }
  layOut(data, settings.users)
  // Before anybody can know whom to tell: a signal while keys are made ends nothing, and leaves nothing in disorder.
  process.on('SIGHUP', () => void reload())
  const told = new Promise<void>(resolve => {
    for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => resolve())
  })
  const unlock = lock(data)
  // The first time keys are made for it, while the processes start.
  const persona = loadPersonaState(path.join(data, 'state'), settings.persona)
  const journal = openJournal({
    directory: path.join(data, 'journal'),
    writer: 'supervisor',
    sensor: settings.sensor,
    quotaBytes: settings.journal.quota,
    floorBytes: settings.journal.floor,
    segmentBytes: settings.journal.segment,
  })
  const record = recorder({ service: 'supervisor' }, { sensor: settings.sensor, sink: journal.append, now: Date.now })
  const sides = (['tcp', 'udp'] as const).filter(side =>
    config.plans.some(p => p.endpoints.some(e => e.transport === side)),
  )
  const withHive = editions[settings.edition].hive

  const ports = new Map<Side, Listening[]>()
  const stats = new Map<Side, SensorStats>()
  const processes = new Map<string, ProcessState>()
  let ingested: Position[] = []
  let pageAnswers = !withHive
  let ready = false

  function changed(state: ProcessState) {
    processes.set(state.name, { ...state })
    if (state.state === 'waiting') log.warn(`${state.name} died (${state.why}) and is started again`)
    record.health({ part: state.name, state: state.state, ...(state.why === undefined ? {} : { why: state.why }) })
    tellHive()
  }

  // Firmware is not read again for every look.
  let stands: { lock: EgressLock; day: number; standing: Standing } | undefined
  const sensors = new Map<Side, Child<ToSensor>>(
    sides.map(side => [
      side,
      keepAlive<ToSensor, FromSensor>({
        name: `sensor-${side}`,
        args: [...sensorFlags(data), path.join(root, 'src/sensor/main.ts')],
        cwd: data,
        exposed: true,
        ...(unnoticed ? { nice: gentleNice } : {}),
        first: async () => startSensor(side, { ...config, plans: range.plans }, offset, await persona),
        heard: message => heardSensor(side, message),
        changed,
        said: line => log.warn(`sensor-${side}: ${line}`),
      }),
    ]),
  )
  const hive = keepAlive<ToHive, FromHive>({
    name: 'hive',
    args: [...hiveFlags(data, settings), path.join(root, 'src/hive/main.ts')],
    cwd: data,
    ...(unnoticed ? { nice: gentleNice } : {}),
    // glibc gives every thread of the engine an arena of its own, and keeps what was freed there.
    env: { MALLOC_ARENA_MAX: '2' },
    first: () => ({ kind: 'start', settings: config.settings, sensor: settings.sensor, version, startedAt }),
    heard: heardHive,
    changed,
    said: line => log.info(`hive: ${line}`),
  })
  let capturing = false
  const capture = capturePackets({
    config,
    data,
    log,
    changed,
    ...(unnoticed ? { nice: gentleNice } : {}),
    running() {
      capturing = true
      announce()
    },
  })
  for (const sensor of sensors.values()) sensor.start()
  if (withHive) hive.start()
  capture.start()
  guard.watch({ log, record, changed: tellHive })
  const calm = unnoticed ? watchLoad({ log, record }) : () => {}
  log.standing(standingHere(settings.provider, startedAt, guard.lock()))
  if (unheard) log.info(`passive edition: ${describeSilence(config)}`)

  function heardSensor(side: Side, message: FromSensor) {
    if (message.kind === 'stats') stats.set(side, message.stats)
    else if (message.kind === 'listening') {
      ports.set(side, message.ports.map(explainDown))
      sensors.get(side)!.running()
      capture.listening(message.ports)
      if (side === 'tcp') void persona.then(state => range.open(personaFrom(state), { log, record }))
      announce()
    } else {
      const open = message.attempts.filter(attempt => !attempt.refused)
      log.proved(`sensor-${side}`, message.attempts)
      record.health({
        part: `sensor-${side}`,
        state: open.length ? 'not sealed' : 'sealed',
        ...(open.length ? { why: `could ${open.map(attempt => attempt.what).join(', ')}` } : {}),
      })
    }
  }

  function heardHive(message: FromHive) {
    if (message.kind === 'progress') log.progress(message.what, message.done)
    else if (message.kind === 'failed') log.warn(`hive: ${message.why}`)
    else if (message.kind === 'ingested') ingested = message.positions
    else {
      if (message.password !== undefined) log.password('admin', message.password)
      if (message.url !== undefined) log.page(message.url)
      else log.warn(`page: ${explainPage(message.why, settings.dashboard.address)}`)
      hive.running()
      pageAnswers = true
      announce()
    }
  }

  function announce() {
    // Without decoys, packets are all there is.
    if (ready || !pageAnswers || ports.size < sides.length || (sides.length === 0 && !capturing)) return
    ready = true
    // Whoever looks now finds every service listening.
    tellHive()
    log.ready([...ports.values()].flat(), { offset, milliseconds: Date.now() - startedAt })
  }

  function standing(): Standing {
    const lock = guard.lock()
    const day = Math.floor(Date.now() / 86_400_000)
    if (stands?.lock !== lock || stands.day !== day)
      stands = { lock, day, standing: standingHere(settings.provider, Date.now(), lock) }
    return stands.standing
  }

  function status(): HouseStatus {
    const all = [...stats.values()]
    const journals = [...all, capture.stats()].flatMap(s => (s === undefined ? [] : [s.journal]))
    const connections = Object.assign({}, ...all.map(s => s.connections)) as Record<string, number>
    const self: ProcessState = { name: 'supervisor', pid: process.pid, state: 'running', restarts: 0, since: startedAt }
    return {
      services: [...ports.values()].flat().map(port => ({
        ...port,
        ...(port.ports === undefined ? {} : { ports: range.answering() ?? port.ports }),
        connections: connections[port.service] ?? 0,
      })),
      processes: [self, ...processes.values()],
      lost: journals.reduce((sum, { lost }) => sum + lost, 0),
      pending: journals.reduce((sum, { pending }) => sum + pending, 0),
      standing: standing(),
      lock: guard.lock(),
      caps: [{ what: 'connections', used: all.reduce((sum, s) => sum + s.held, 0), cap: settings.limits.connections }],
    }
  }
  function tellHive() {
    if (withHive) hive.send({ kind: 'status', status: status() })
  }

  async function reload() {
    try {
      const said = await loadConfig(file, flags)
      const next = unheard ? silenced(said) : said
      for (const what of needRestart(config, next)) log.warn(`${what}: changes only at the next start`)
      config = {
        settings: { ...config.settings, services: next.settings.services, store: next.settings.store },
        plans: next.plans,
      }
      for (const sensor of sensors.values()) sensor.send({ kind: 'reload', plans: next.plans })
      if (withHive) hive.send({ kind: 'reload', settings: next.settings })
      log.info('configuration read again')
    } catch (error) {
      log.warn(`configuration not taken over:\n${(error as Error).message}`)
    }
  }

  const telling = setInterval(tellHive, 2000)
  const clean = keepHouse({ data, settings, ingested: () => (withHive ? ingested : 'all'), log })
  const housekeeping = setInterval(() => void clean(), 10_000)
  const stopAll = async () => {
    guard.stop()
    range.close()
    calm()
    // The sensors first, so that the hive can still take in how they ended.
    const stopping = [...sensors.values()].map(sensor => sensor.stop({ kind: 'stop' }, PATIENCE / 2))
    await Promise.all([...stopping, capture.stop(PATIENCE / 2)])
    guard.release()
    if (withHive) await hive.stop({ kind: 'stop' }, PATIENCE / 2)
    await journal.close()
    unlock()
  }
  try {
    await persona
  } catch (error) {
    clearInterval(telling)
    clearInterval(housekeeping)
    await stopAll()
    throw error
  }
  await told
  log.info('stopping')
  clearInterval(telling)
  clearInterval(housekeeping)
  await stopAll()
}

const startSensor = (side: Side, { settings, plans }: Config, offset: number, persona: PersonaState): ToSensor => ({
  kind: 'start',
  side,
  settings: forSensor(settings),
  plans,
  address: settings.listen.address,
  offset,
  persona,
  loadAll: !readableByAll(root),
})

const forSensor = ({
  sensor,
  listen,
  limits,
  journal,
  samples,
  recordings,
  machine,
  users,
}: Config['settings']): SensorSettings => ({
  sensor,
  listen,
  limits,
  journal,
  samples,
  recordings,
  machine,
  users,
})

const explainDown = (port: Listening): Listening =>
  port.why === 'taken'
    ? { ...port, why: `taken by ${portHolder(port.transport, port.port) ?? 'another process'}` }
    : port

const explainPage = (why: string | undefined, { address, port }: { address: string; port: number }) =>
  why === 'taken'
    ? `${address}:${port} is taken by ${portHolder('tcp', port) ?? 'another process'}; it goes on trying`
    : `cannot listen on ${address}:${port}: ${why}; it goes on trying`

/** What a reload cannot change: everything but the services' options and the store's bounds. */
function needRestart(old: Config, next: Config): string[] {
  const differ = (Object.keys(next.settings) as (keyof Config['settings'])[]).filter(
    key =>
      key !== 'services' && key !== 'store' && JSON.stringify(old.settings[key]) !== JSON.stringify(next.settings[key]),
  )
  const shape = ({ plans }: Config) => JSON.stringify(plans.map(({ name, endpoints }) => [name, endpoints]))
  return shape(old) === shape(next) ? differ : [...differ, 'which services listen where']
}
