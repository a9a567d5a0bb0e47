/**
 * The trusted side: reads the journal, keeps the store, serves the page. Started by the supervisor in the data directory
 * under Node's permission model; it never speaks with an attacker.
 */
import fs from 'node:fs'
import path from 'node:path'
import type { Settings } from '#config/schema.ts'
import { openEnrichment } from '#enrich/enrich.ts'
import { readJournal } from '#events/journal/reader.ts'
import { openStore } from '#store/open.ts'
import { giveUp, hold, keepCompiled } from '#supervisor/give-up.ts'
import type { FromHive, HouseStatus, ToHive } from '#supervisor/messages.ts'
import { openAccounts } from './accounts.ts'
import { createControlServer } from './control.ts'
import { createHive } from './hive.ts'
import { ingestLoop } from './ingest.ts'
import { createLive } from './live.ts'

type Start = Extract<ToHive, { kind: 'start' }>

const say = (message: FromHive) => process.send?.(message)
const HOUR = 3_600_000

async function start({ settings, sensor, version, startedAt }: Start) {
  const { dashboard } = settings
  // What only root may be able to reach or read, before root is given up.
  const [data, code] = [hold('.'), hold(path.resolve(import.meta.dirname, '../..'))]
  const shipped = path.join(code, 'node_modules/@ip-location-db')
  const certificate = ownCertificate(dashboard)
  keepCompiled()
  giveUp({ user: settings.users.hive, group: settings.users.group, keepNetwork: true })
  const store = await openStore({
    directory: path.join(data, 'store'),
    memoryMb: Math.round(settings.store.memory / 1e6),
  })
  // DuckDB is in; nothing else that is native has any business here.
  process.permission?.drop('addon')
  const accounts = openAccounts({ file: 'state/hive/users.json' })
  const live = createLive()
  let house: HouseStatus = { services: [], processes: [], lost: 0, pending: 0 }
  const geo = geography(settings, shipped)
  let lag = () => ({ lagMs: 0, pendingBytes: 0 })

  const hive = createHive({
    store,
    live,
    accounts,
    settings: {
      sensor: { name: sensor, version },
      address: dashboard.address.address,
      port: dashboard.address.port,
      ...(certificate ? { certificate } : {}),
      names: dashboard.names,
      data: '.',
      page: path.join(code, 'dashboard/dist'),
    },
    status: () => ({
      startedAt,
      ...lag(),
      lost: house.lost,
      disk: disk(),
      geo,
      services: house.services,
      processes: house.processes,
      ...(house.standing ? { standing: house.standing } : {}),
      ...(house.lock ? { lock: house.lock } : {}),
      ...(house.caps ? { caps: house.caps } : {}),
    }),
    log: (what, details) => process.stderr.write(`${what} ${JSON.stringify(details)}\n`),
  })
  const control = createControlServer(hive.ownersApp, 'state/hive/control.sock')
  await control.listen()
  let retry: NodeJS.Timeout | undefined
  /** A page that cannot listen stops nothing else; `wait` milliseconds until the next try. */
  async function openPage(wait = 500) {
    try {
      const { address, port } = await hive.listen()
      // Not before it listens: made by a start that then fails, the password would never be shown.
      const password = await accounts.firstAdmin()
      const url = `https://${address.includes(':') ? `[${address}]` : address}:${port}/`
      say({ kind: 'ready', url, ...(password === undefined ? {} : { password }) })
    } catch (error) {
      const { code, message } = error as NodeJS.ErrnoException
      say({ kind: 'ready', why: code === 'EADDRINUSE' ? 'taken' : message })
      retry = setTimeout(openPage, wait, Math.min(2 * wait, 30_000))
    }
  }
  await openPage()

  const stopping = new AbortController()
  const { city, asn } = settings.geography
  const enrichment = await openEnrichment({
    state: 'state/geo',
    shipped,
    scanners: path.join(code, 'data/scanners.yaml'),
    ...(city === undefined ? {} : { city }),
    ...(asn === undefined ? {} : { asn }),
    onProgress: done => say({ kind: 'progress', what: 'preparing the table of networks', done }),
  })
  for (const why of enrichment.problems()) say({ kind: 'failed', why })
  const loop = ingestLoop({
    journal: readJournal({ directory: 'journal', from: await store.positions(), signal: stopping.signal }),
    store,
    locate: enrichment.locate,
    signal: stopping.signal,
    onBatch: items => live.publish(items),
    onRetry: (error, waitMs) => say({ kind: 'failed', why: `the store refuses, next try in ${waitMs} ms: ${error}` }),
    onPoison: ({ json }, error) =>
      say({ kind: 'failed', why: `an event stays out of the store (${error}): ${json.slice(0, 300)}` }),
  })
  // The store is beyond repair from within: a new process opens it anew.
  loop.done.catch(error => {
    say({ kind: 'failed', why: String(error) })
    process.exit(1)
  })
  lag = loop.lag
  const telling = setInterval(() => {
    store.positions().then(
      positions => say({ kind: 'ingested', positions, lagMs: lag().lagMs }),
      () => {},
    )
  }, 5000)
  let bounds = settings.store
  const retaining = setInterval(() => {
    store
      .retain({ days: bounds.days, bytes: bounds.quota })
      .catch(error => say({ kind: 'failed', why: `retention: ${error}` }))
  }, HOUR)

  return {
    know: (status: HouseStatus) => {
      house = status
    },
    reload: (next: Settings) => {
      bounds = next.store
    },
    async stop() {
      clearTimeout(retry)
      clearInterval(telling)
      clearInterval(retaining)
      stopping.abort()
      await loop.done.catch(() => {})
      control.close()
      await hive.close()
      await store.close()
      enrichment.close()
    },
  }
}

/** The operator's own, PEM; its key is often root's alone. */
function ownCertificate({ certificate, key }: Settings['dashboard']) {
  if (certificate === undefined || key === undefined) return undefined
  return { cert: fs.readFileSync(certificate, 'utf8'), key: fs.readFileSync(key, 'utf8') }
}

function disk(): { free: number; total: number } {
  const { bavail, blocks, bsize } = fs.statfsSync('store')
  return { free: bavail * bsize, total: blocks * bsize }
}

/** What the operator must be told about the databases, and the world about their makers. */
function geography({ geography: { city, asn } }: Settings, shipped: string) {
  const about = fs.readFileSync(path.join(shipped, 'dbip-city-mmdb/package.json'), 'utf8')
  const { version } = JSON.parse(about) as { version: string }
  const [, year, month] = /\.(\d{4})(\d{2})\d*$/.exec(version) ?? []
  return {
    source: city ?? 'DB-IP City Lite',
    date: city === undefined && year ? `${year}-${month}` : '',
    attribution: [
      ...(city === undefined ? ['IP Geolocation by DB-IP (https://db-ip.com), CC BY 4.0'] : []),
      ...(asn === undefined ? ['Networks: RouteViews and DB-IP, by way of ip-location-db, CC BY 4.0'] : []),
    ],
  }
}

let hive: Awaited<ReturnType<typeof start>> | undefined
let early: HouseStatus | undefined

let leaving = false

/** Once, though the supervisor may both say so and be gone. */
async function leave() {
  if (leaving) return
  leaving = true
  await hive?.stop()
  process.exit()
}

process.on('message', (message: ToHive) => {
  if (message.kind === 'start')
    start(message).then(
      started => {
        hive = started
        if (early) started.know(early)
      },
      error => {
        say({ kind: 'failed', why: String((error as Error).stack ?? error) })
        process.exitCode = 1
        process.disconnect?.()
      },
    )
  else if (message.kind === 'status') {
    early = message.status
    hive?.know(message.status)
  } else if (message.kind === 'reload') hive?.reload(message.settings)
  else void leave()
})
process.on('disconnect', () => void leave())
process.on('SIGINT', () => {})
process.on('SIGTERM', () => {})
