import type { TcpContext } from '#sensor/service.ts'
import type { Expression } from '#sql/ast.ts'
import { type Catalog, emptied, newUse, type Use } from '#sql/store.ts'
import type { Transaction } from '#sql/transaction.ts'
import type { Options } from './options.ts'
import { seed } from './seed.ts'

export type Cx = TcpContext<Options>
export type Database = { oid: number; catalog: Catalog }

/** The server as one attacker left it. */
export type Server = {
  version: string
  use: Use
  databases: Map<string, Database>
  /** Names of things to their numbers. */
  oids: Map<string, number>
  nextOid: number
  files: Map<string, string>
  /** Large objects. */
  objects: Map<number, string>
  /** CREATE FUNCTION … LANGUAGE C or plpython: name → what runs. */
  functions: Map<string, { library: string; symbol: string; returns: string }>
  roles: Map<string, { oid: number; superuser: boolean; password: string }>
  startedAt: number
  process: number
  weight(): number
  drop(): void
}

export function newServer(cx: Cx): Server {
  const { persona } = cx
  const use = newUse()
  const server: Server = {
    version: persona.software.postgresql.version,
    use,
    databases: new Map(),
    oids: new Map(),
    nextOid: 16_384,
    files: new Map(),
    objects: new Map(),
    functions: new Map(),
    roles: new Map([['postgres', { oid: 10, superuser: true, password: '' }]]),
    startedAt: persona.bootedAt + 8000 + (persona.derive('postgresql start', 2).readUInt16BE() % 9000),
    process: 900 + (persona.derive('postgresql process', 2).readUInt16BE() % 20_000),
    weight() {
      let bytes = use.bytes + use.held
      for (const map of [server.files, server.objects]) for (const file of map.values()) bytes += file.length
      return bytes
    },
    drop() {
      for (const map of [server.databases, server.files, server.objects, server.oids]) map.clear()
      emptied(use)
      seed(server, persona)
    },
  }
  seed(server, persona)
  return server
}

export type Prepared = { sql: string; types: readonly number[] }
export type Portal = { sql: string; values: readonly (string | null)[]; formats: readonly number[] }

/** One client that was let in. */
export type Session = {
  cx: Cx
  server: Server
  database: string
  user: string
  process: number
  settings: Map<string, string>
  transaction: 'I' | 'T' | 'E'
  work: Transaction
  statements: Map<string, Prepared>
  portals: Map<string, Portal>
  slept: number
  began: number
  /** What `lo_import` and the like want written or read, done when the statement is. */
  pending: (() => Promise<void>)[]
  /** Commands of functions that were brought; see functions.ts. */
  outcomes: Map<string, string>
}
export const now = ({ cx }: Pick<Session, 'cx'>): number => cx.now() + cx.persona.clockSkew
export const catalogOf = ({ server, database, work }: Session): Catalog =>
  server.databases.get(database)!.catalog.noting(work.changes)
/** The number that a name goes by, the same for as long as the server is remembered. */
export function oidOf({ server }: Pick<Session, 'server'>, name: string): number {
  const known = server.oids.get(name)
  if (known !== undefined) return known
  const oid = server.nextOid++
  if (server.oids.size < 4000) server.oids.set(name, oid)
  return oid
}
export type Call = Extract<Expression, { is: 'call' }>
