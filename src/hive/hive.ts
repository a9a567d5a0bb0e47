import { createHash } from 'node:crypto'
import { join } from 'node:path'
import * as v from 'valibot'
import type { Store } from '#store/store.ts'
import type { Accounts, User } from './accounts.ts'
import { createApp } from './app.ts'
import { gate } from './bounded.ts'
import { pageCertificate } from './certificate.ts'
import type { HiveLog, HiveSettings, House, Questions } from './house.ts'
import type { Live } from './live.ts'
import { header, json, type Request } from './message.ts'
import { openapi } from './openapi.ts'
import { createPage } from './page.ts'
import { later } from './problem.ts'
import { type Route, route } from './route.ts'
import { accountRoutes } from './routes/account.ts'
import { adminRoutes } from './routes/admin.ts'
import { questionRoutes } from './routes/questions.ts'
import { recordingRoutes } from './routes/recordings.ts'
import { statusRoutes } from './routes/status.ts'
import { createHttpsServer, type ServerLimits } from './server.ts'
import { cookie, createSessions } from './sessions.ts'
import type { Status } from './shapes.ts'
import { createThrottle } from './throttle.ts'

export type HiveParts = {
  store: Store
  settings: HiveSettings
  /** What the process around the hive knows: ingest, disk, listeners, processes. */
  status: () => Status | Promise<Status>
  /** `createLive()`; the ingest publishes to it. */
  live: Live
  /** `openAccounts()`; `firstAdmin()` is the caller's to ask and print. */
  accounts: Accounts
  log?: HiveLog
  now?: () => number
  limits?: Partial<ServerLimits>
}

/** The trusted side's API and page: `listen()` says where, `close()` lets go of everything within two seconds. */
export function createHive(parts: HiveParts) {
  const { settings, accounts, live, limits, now = Date.now, log = () => {} } = parts
  const { address, port, certificate: own, names, data } = settings
  const certificate = pageCertificate({
    folder: join(data, 'state', 'hive'),
    ...(own ? { own } : {}),
    names: WILDCARD.has(address) ? names : [...names, address],
    now,
  })
  const sessions = createSessions({ accounts, now, file: join(data, 'state', 'hive', 'sessions.json') })
  const fault = (error: unknown, details: Record<string, unknown> = {}) =>
    log('fault', { ...details, error: error instanceof Error ? error.stack : String(error) })
  const house: House = {
    ...parts,
    store: politeStore(parts.store),
    sessions,
    throttle: createThrottle({ now }),
    cookieName: cookieName(certificate.cert),
    now,
    log,
  }
  const shared = {
    routes: routeTable(house),
    page: createPage(settings.page),
    hsts: !certificate.selfSigned,
    fault: (error: unknown, { method, target }: Request) => fault(error, { method, target: target.slice(0, 500) }),
  }
  const app = createApp({
    ...shared,
    who(request) {
      const id = cookie.read(house.cookieName, header(request, 'cookie'))
      return id === undefined ? undefined : sessions.user(id)
    },
  })
  const server = createHttpsServer({ app, certificate, fault, ...(limits ? { limits } : {}) })

  return {
    /** The application without its socket. */
    app,
    /** The same for whoever owns the machine anyway: every request is an admin's. */
    ownersApp: createApp({ ...shared, who: () => owner }),
    listen: () => server.listen(port, address),
    close(): Promise<void> {
      live.close()
      return server.close(2000)
    },
  }
}

export function routeTable(house: House): Route[] {
  const routes: Route[] = [
    ...accountRoutes(house),
    ...statusRoutes(house),
    ...questionRoutes(house.store, house.now),
    ...recordingRoutes(house),
    ...adminRoutes(house),
  ]
  routes.push(
    route({
      method: 'GET',
      path: '/openapi.json',
      access: 'open',
      summary: 'This document',
      query: {},
      filtered: false,
      answer: { type: 'application/json', schema: v.record(v.string(), v.any()) },
      handle: () => json(document()),
    }),
  )
  let made: object | undefined
  const document = () => (made ??= openapi(routes, house.settings))
  return routes
}

/** Listening there says nothing about what the page is called. */
const WILDCARD: ReadonlySet<string> = new Set(['0.0.0.0', '::'])

const owner: User = { name: 'owner', role: 'admin', hash: '', changed: 0 }

/** Cookies ignore ports, so that two sensors reached through tunnels at one localhost need names that differ. */
const cookieName = (cert: string) => `__Host-skep-${createHash('sha256').update(cert).digest('hex').slice(0, 8)}`

/** The store with a queue before its questions: however many pages ask, four at a time, and none for over 30 seconds. */
function politeStore(store: Store): Questions {
  const queue = gate(4, 64, () => later(503, 'Too many questions at once', 2))
  const polite =
    <A extends unknown[], T>(ask: (...args: A) => Promise<T>) =>
    (...args: A): Promise<T> =>
      queue(() => withDeadline(ask.apply(store, args)))
  return {
    export: (filter, path) => store.export(filter, path),
    count: polite(store.count),
    distinct: polite(store.distinct),
    top: polite(store.top),
    histogram: polite(store.histogram),
    places: polite(store.places),
    events: polite(store.events),
    sessions: polite(store.sessions),
    session: polite(store.session),
    source: polite(store.source),
    // The engine bounds a person's query itself, and says so.
    sql: (query, limit) => queue(() => store.sql(query, limit)),
    size: polite(store.size),
  }
}

function withDeadline<T>(answer: Promise<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => reject(later(503, 'The store did not answer within 30 seconds', 10)), 30_000)
    answer.then(resolve, reject).finally(() => clearTimeout(timer))
  })
}
