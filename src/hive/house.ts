import type { Store } from '#store/store.ts'
import type { Accounts } from './accounts.ts'
import type { Live } from './live.ts'
import type { Sessions } from './sessions.ts'
import type { Status } from './shapes.ts'
import type { Throttle } from './throttle.ts'

/** What the operator decided about the page. */
export type HiveSettings = {
  sensor: { name: string; version: string }
  /** Where the page listens; port 0 takes any free one. */
  address: string
  port: number
  /** The operator's own certificate (chain) and key, PEM. */
  certificate?: { cert: string; key: string }
  /** Further names of the generated certificate. */
  names: readonly string[]
  /** DATA: samples are read from `artifacts/`, own state is kept in `state/hive/`. */
  data: string
  /** The built page. */
  page: string
}

/** A line for the program's log; never a password. */
export type HiveLog = (what: string, details: Record<string, unknown>) => void

/** The part of a store that only reads. */
export type Questions = Omit<Store, 'ingest' | 'positions' | 'retain' | 'close'>

/** All that the routes draw on. */
export type House = {
  store: Questions
  settings: HiveSettings
  status: () => Status | Promise<Status>
  live: Live
  accounts: Accounts
  sessions: Sessions
  throttle: Throttle
  cookieName: string
  now: () => number
  log: HiveLog
}
