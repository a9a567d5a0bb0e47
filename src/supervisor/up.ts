import fs from 'node:fs'
import path from 'node:path'
import { editions } from '#config/editions.ts'
import { type Config, type Flags, loadConfig } from '#config/load.ts'
import { recorder } from '#events/event.ts'
import { trimJournal } from '#events/journal/retention.ts'
import { openJournal } from '#events/journal/writer.ts'
import { loadPersonaState } from '#persona/state.ts'
import type { Position } from '#store/store.ts'
import { keepAlive } from './child.ts'
import { portHolder } from './holder.ts'
import { layOut, lock } from './layout.ts'
import type { Log } from './log.ts'
import type {
  FromHive,
  FromSensor,
  HouseStatus,
  Listening,
  ProcessState,
  SensorStats,
  Side,
  ToHive,
  ToSensor,
} from './messages.ts'

export type UpOptions = { config?: string; data: string; flags: Flags; log: Log; version: string }

const root = path.resolve(import.meta.dirname, '../..')
/** Under the 5 s that a stop may take in all. */
const PATIENCE = 4000
const common = ['--disable-warning=ExperimentalWarning', '--disallow-code-generation-from-strings', '--permission']

/** Starts everything and keeps it running until it is told to stop. */
export async function up({ config: file, data, flags, log, version }: UpOptions): Promise<void> {
  let config: Config = await loadConfig(file, flags)
  const { settings } = config
  const startedAt = Date.now()
  layOut(data, settings.users)
  const unlock = lock(data)
  const offset = settings.listen.portOffset ?? (process.getuid?.() === 0 ? 0 : 10_000)
  const persona = await loadPersonaState(path.join(data, 'state'), settings.persona)
  const journal = openJournal({
    directory: path.join(data, 'journal'),
    writer: 'supervisor',
    quotaBytes: settings.journal.quota,
    floorBytes: settings.journal.floor,
    segmentBytes: settings.journal.segment,
  })
  const record = recorder({ service: 'supervisor' }, { sensor: settings.sensor, sink: journal.append, now: Date.now })

  const ports = new Map<Side, Listening[]>()
  const stats = new Map<Side, SensorStats>()
  const processes = new Map<string, ProcessState>()
  let ingested: Position[] | undefined
  let ready = false

  const sides = (['tcp', 'udp'] as const).filter(side =>
    config.plans.some(p => p.endpoints.some(e => e.transport === side)),
  )
  const withHive = editions[settings.edition].hive
  const changed = (state: ProcessState) => {
    processes.set(state.name, state)
    if (state.state === 'waiting') log.warn(`${state.name} died (${state.why}) and is started again`)
    record.health({ part: state.name, state: state.state, ...(state.why === undefined ? {} : { why: state.why }) })
    tell()
  }

  const sensors = sides.map(side =>
    keepAlive<ToSensor, FromSensor>({
      name: `sensor-${side}`,
      args: [...common, ...sensorRights(data), path.join(root, 'src/sensor/main.ts')],
      cwd: data,
      first: () => ({
        kind: 'start',
        side,
        settings: config.settings,
        plans: config.plans,
        address: settings.listen.address,
        offset,
        persona,
      }),
      heard: message => heardSensor(side, message),
      changed,
      said: line => log.warn(`sensor-${side}: ${line}`),
    }),
  )
  const hive = withHive
    ? keepAlive<ToHive, FromHive>({
        name: 'hive',
        args: [...common, ...hiveRights(data, config), path.join(root, 'src/hive/main.ts')],
        cwd: data,
        first: () => ({ kind: 'start', settings: config.settings, sensor: settings.sensor, version, startedAt }),
        heard: heardHive,
        changed,
        said: line => log.warn(`hive: ${line}`),
      })
    : undefined

  function heardSensor(side: Side, message: FromSensor) {
    if (message.kind === 'stats') stats.set(side, message.stats)
    else if (message.kind === 'listening') {
      ports.set(side, message.ports.map(explainDown))
      sensors[sides.indexOf(side)]!.running()
    }
    tell()
    announce()
  }

  function heardHive(message: FromHive) {
    if (message.kind === 'progress') log.progress(message.what, message.done)
    else if (message.kind === 'failed') log.warn(`hive: ${message.why}`)
    else if (message.kind === 'ingested') ingested = message.positions
    else {
      if (message.password !== undefined) log.password('admin', message.password)
      log.info(`page: ${message.url}`)
      hive!.running()
      tell()
      hiveAnswered = true
      announce()
    }
  }

  let hiveAnswered = !withHive
  function announce() {
    if (ready || !hiveAnswered || ports.size < sides.length) return
    ready = true
    log.ready([...ports.values()].flat(), { offset, milliseconds: Date.now() - startedAt })
  }

  function status(): HouseStatus {
    const all = [...stats.values()]
    const connections = Object.assign({}, ...all.map(s => s.connections)) as Record<string, number>
    return {
      services: [...ports.values()].flat().map(p => ({ ...p, connections: connections[p.service] ?? 0 })),
      processes: [
        { name: 'supervisor', pid: process.pid, state: 'running', restarts: 0, since: startedAt },
        ...processes.values(),
      ],
      lost: all.reduce((sum, s) => sum + s.journal.lost, 0),
      pending: all.reduce((sum, s) => sum + s.journal.pending, 0),
    }
  }
  const tell = () => hive?.send({ kind: 'status', status: status() })

  async function reload() {
    try {
      const next = await loadConfig(file, flags)
      for (const what of needRestart(config, next)) log.warn(`${what} changes only at the next start`)
      config = { settings: config.settings, plans: next.plans }
      for (const sensor of sensors) sensor.send({ kind: 'reload', plans: next.plans })
      hive?.send({ kind: 'reload', settings: next.settings })
      log.info('configuration read again')
    } catch (error) {
      log.warn(`configuration not taken over:\n${(error as Error).message}`)
    }
  }

  const housekeeping = setInterval(() => {
    const { quota } = settings.journal
    void trimJournal({
      directory: path.join(data, 'journal'),
      quotaBytes: 0.8 * quota,
      ingested: withHive ? (ingested ?? []) : 'all',
    })
  }, 10_000)
  const telling = setInterval(tell, 2000)

  await new Promise<void>(resolve => {
    process.on('SIGHUP', () => void reload())
    for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => resolve())
  })
  log.info('stopping')
  clearInterval(housekeeping)
  clearInterval(telling)
  await Promise.all(sensors.map(sensor => sensor.stop({ kind: 'stop' }, PATIENCE)))
  await hive?.stop({ kind: 'stop' }, PATIENCE / 2)
  await journal.close()
  unlock()
}

const explainDown = (port: Listening): Listening =>
  port.why === 'taken'
    ? { ...port, why: `taken by ${portHolder(port.transport, port.port) ?? 'another process'}` }
    : port

function needRestart(old: Config, next: Config): string[] {
  const shape = (config: Config) => JSON.stringify(config.plans.map(({ name, endpoints }) => [name, endpoints]))
  const { store: _, ...before } = old.settings
  const { store: __, ...after } = next.settings
  const differ = (Object.keys(after) as (keyof typeof after)[]).filter(
    key => key !== 'services' && JSON.stringify(before[key]) !== JSON.stringify(after[key]),
  )
  return [...differ, ...(shape(old) === shape(next) ? [] : ['which services listen where'])]
}

/** The exposed side sees its code and two directories, and nothing else of the machine. */
function sensorRights(data: string): string[] {
  const places = ['journal', 'artifacts', 'recordings'].map(name => path.join(data, name))
  return [
    '--allow-net',
    `--allow-fs-read=${path.join(root, 'src')}`,
    `--allow-fs-read=${path.join(root, 'data')}`,
    `--allow-fs-read=${path.join(root, 'node_modules')}`,
    `--allow-fs-read=${path.join(root, 'package.json')}`,
    ...places.flatMap(place => [`--allow-fs-read=${place}`, `--allow-fs-write=${place}`]),
  ]
}

function hiveRights(data: string, { settings }: Config): string[] {
  const { certificate, key } = settings.dashboard
  const { city, asn } = settings.geography
  const given = [certificate, key, city, asn].filter(file => file !== undefined)
  return [
    '--allow-net',
    '--allow-addons',
    `--allow-fs-read=${root}`,
    `--allow-fs-read=${data}`,
    ...['store', 'state/hive', 'state/geo'].map(name => `--allow-fs-write=${path.join(data, name)}`),
    ...given.map(file => `--allow-fs-read=${fs.realpathSync(file)}`),
  ]
}
