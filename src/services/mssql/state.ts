import type { Context, TcpContext } from '#sensor/service.ts'
import type { Field } from '#sql/engine.ts'
import { Catalog, emptied, newUse, type Use } from '#sql/store.ts'
import type { Transaction } from '#sql/transaction.ts'
import type { Type, Value } from '#sql/value.ts'
import type { Options } from './options.ts'
import { seed } from './seed.ts'
import type { Notice } from './tokens.ts'

export type Cx = TcpContext<Options>

/** A module written in T-SQL, or bound to an assembly. */
export type Module = {
  database: string
  schema: string
  name: string
  kind: 'P' | 'FN' | 'TR' | 'PC' | 'FS'
  text: string
  createdAt: number
  /** EXTERNAL NAME assembly.class.method. */
  external?: string
}
export type Job = {
  id: string
  name: string
  enabled: boolean
  steps: { name: string; subsystem: string; command: string; database: string }[]
  schedule: string
  createdAt: number
}
export type Database = { id: number; name: string; createdAt: number; trustworthy: boolean; recovery: string }

/** The server as one attacker left it. */
export type Server = {
  /** `16.0.4175.1`. */
  version: string
  edition: string
  use: Use
  catalog: Catalog
  databases: Map<string, Database>
  /** sp_configure: what was set, and what RECONFIGURE made of it, by name. */
  configured: Map<string, number>
  running: Map<string, number>
  modules: Map<string, Module>
  assemblies: Map<string, { name: string; sha256: string; size: number; createdAt: number; permission: string }>
  jobs: Map<string, Job>
  /** Log-ins made or changed here; `sysadmin` by sp_addsrvrolemember. */
  logins: Map<string, { password: string; sysadmin: boolean; createdAt: number }>
  linked: Map<string, { provider: string; source: string }>
  registry: Map<string, string>
  /** Files that statements wrote, by path. */
  files: Map<string, string>
  /** Users who were let in by a proof that nobody here can read. */
  unseen: Set<string>
  startedAt: number
  session: number
  nextObject: number
  ids: Map<string, number>
  weight(): number
  drop(): void
}

/** Bytes of text that modules, jobs and files of one attacker may hold. */
export const MOST_TEXT = 4 << 20
/** How many of each there may be. */
export const MOST_THINGS = 256

export function newServer(cx: Pick<Context<Options>, 'persona'>): Server {
  const { persona } = cx
  const use = newUse()
  const server: Server = {
    version: persona.software.mssql.version,
    edition: ['Developer', 'Express', 'Standard'][persona.derive('mssql edition', 1)[0]! % 3]!,
    use,
    catalog: new Catalog(use),
    databases: new Map(),
    configured: new Map(),
    running: new Map(),
    modules: new Map(),
    assemblies: new Map(),
    jobs: new Map(),
    logins: new Map(),
    linked: new Map(),
    registry: new Map(),
    files: new Map(),
    unseen: new Set(),
    startedAt: persona.bootedAt + 14_000 + (persona.derive('mssql start', 2).readUInt16BE() % 20_000),
    session: 51 + (persona.derive('mssql session', 1)[0]! % 12),
    nextObject: 0,
    ids: new Map(),
    weight() {
      let bytes = use.bytes + use.held
      for (const { text } of server.modules.values()) bytes += text.length
      for (const file of server.files.values()) bytes += file.length
      for (const { steps } of server.jobs.values()) for (const { command } of steps) bytes += command.length
      return bytes
    },
    drop() {
      for (const map of [server.modules, server.files, server.jobs, server.assemblies, server.ids]) map.clear()
      server.catalog.schemas.clear()
      emptied(use)
      seed(server, persona)
    },
  }
  seed(server, persona)
  return server
}

export type Variable = { type: Type; value: Value }
/** Names in a batch or a procedure: variables, and what `RETURN` gave. */
export type Frame = { variables: Map<string, Variable>; depth: number; procedure: string | undefined }

export type Prepared = { sql: string; parameters: readonly { name: string; type: Type; output: boolean }[] }
export type Cursor = { fields: readonly Field[]; rows: readonly (readonly Value[])[]; at: number }

/** One client that was let in. */
export type Session = {
  cx: Cx
  server: Server
  id: number
  user: string
  host: string
  app: string
  library: string
  database: string
  version: number
  /** SET options that were turned, in lower case. */
  settings: Map<string, boolean | string>
  /** `#table`: its schema of the catalog. */
  temporary: string
  prepared: Map<number, Prepared>
  cursors: Map<number, Cursor>
  named: Map<string, Cursor>
  /** Objects that sp_OACreate made: what they are. */
  objects: Map<number, string>
  handle: number
  transactions: number
  work: Transaction
  /** The name of the outermost transaction. */
  outermost: string | undefined
  /** @@ROWCOUNT, @@ERROR, @@IDENTITY, FETCH_STATUS. */
  count: bigint
  error: number
  identity: bigint | undefined
  fetch: number
  /** Seconds that WAITFOR takes. */
  waits: number
  /** Steps left for this batch. */
  steps: number
  connectedAt: number
  /** What CATCH is about. */
  caught: Notice | undefined
}

/** Our clock with the persona's error, in milliseconds. */
export const now = ({ cx }: { cx: Pick<Cx, 'now' | 'persona'> }): number => cx.now() + cx.persona.clockSkew

/** Seconds of WAITFOR's `00:00:05.5`. */
export const momentSeconds = (text: string): number => {
  const [hours = 0, minutes = 0, seconds = 0] = text.trim().split(':').map(Number)
  const all = hours * 3600 + minutes * 60 + seconds
  return Number.isFinite(all) && all > 0 ? all : 0
}

/** What SQL Server calls itself: the host's name, cut as NetBIOS names are. */
export const serverName = ({ persona }: Pick<Cx, 'persona'>): string => persona.hostname.slice(0, 15)

export const versionText = ({ cx, server }: Pick<Session, 'cx' | 'server'>): string => {
  const { product, update, kb, version, built } = cx.persona.software.mssql
  const year = product.slice(-4)
  return `Microsoft ${product} (${update})${kb === undefined ? '' : ` (${kb})`} - ${version} (X64) \n\t${built} \n\tCopyright (C) ${year} Microsoft Corporation\n\t${server.edition} Edition (64-bit) on Linux (${cx.persona.os.pretty}) <X64>`
}

/** An object's number: negative for what the server has of its own, as object_id gives them. */
export function idOf(server: Server, key: string): number {
  const known = server.ids.get(key)
  if (known !== undefined) return known
  const id = 901_578_250 + server.nextObject++ * 16_000_057
  const found = ((id - 1) % 2_147_483_646) + 1
  if (server.ids.size < 8192) server.ids.set(key, found)
  return found
}
