import type { Plan } from '#config/load.ts'
import type { Settings } from '#config/schema.ts'
import type { Position } from '#events/journal.ts'
import type { Standing } from '#hosting/standing.ts'
import type { PersonaState } from '#persona/state.ts'
import type { Attempt } from '#sensor/sandbox.ts'
import type { EgressLock } from './egress.ts'

/** What the supervisor says to sensors and hive, and they to it, over the private channel that each has. */

export type Side = 'tcp' | 'udp'

/** One port of one service, for tables and the page. */
export type Listening = {
  service: string
  title: string
  replaces: readonly string[]
  transport: 'tcp' | 'udp'
  tls: boolean
  address: string
  port: number
  /** It stands for so many ports, of which `port` is one. */
  ports?: number
  state: 'listening' | 'down'
  why?: string
}

/** What the exposed side needs to know, and no more: nothing of the page, the store or the operator. */
export type SensorSettings = Pick<
  Settings,
  'sensor' | 'listen' | 'limits' | 'journal' | 'samples' | 'recordings' | 'machine' | 'users'
>

export type ToSensor =
  | {
      kind: 'start'
      side: Side
      settings: SensorSettings
      plans: Plan[]
      address: string
      offset: number
      persona: PersonaState
      /** Code is loaded before root is given up, because it could not be read after. */
      loadAll: boolean
    }
  | { kind: 'reload'; plans: Plan[] }
  | { kind: 'stop' }

export type FromSensor =
  | { kind: 'listening'; ports: Listening[] }
  | { kind: 'stats'; stats: SensorStats }
  | { kind: 'probed'; attempts: Attempt[] }

export type SensorStats = {
  held: number
  refused: number
  connections: Record<string, number>
  journal: { pending: number; lagMs: number; written: number; lost: number }
}

export type ProcessState = {
  name: string
  pid?: number
  state: 'starting' | 'running' | 'waiting' | 'stopped'
  restarts: number
  /** Milliseconds since the epoch. */
  since: number
  why?: string
}

/** What the supervisor knows and the page shows. */
export type HouseStatus = {
  services: (Listening & { connections?: number })[]
  processes: ProcessState[]
  lost: number
  pending: number
  /** Absent until the supervisor has said how it stands. */
  standing?: Standing
  lock?: EgressLock
  /** What is in use of what the limits allow. */
  caps?: { what: 'connections'; used: number; cap: number }[]
}

export type ToHive =
  | { kind: 'start'; settings: Settings; sensor: string; version: string; startedAt: number }
  | { kind: 'status'; status: HouseStatus }
  | { kind: 'reload'; settings: Settings }
  | { kind: 'stop' }

export type FromHive =
  | { kind: 'progress'; what: string; done: number }
  /** The store is open. `url` is absent while the page cannot listen, and `why` says why (`taken`). */
  | { kind: 'ready'; url?: string; why?: string; password?: string }
  | { kind: 'failed'; why: string }
  | { kind: 'ingested'; positions: Position[]; lagMs: number }
