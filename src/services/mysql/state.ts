import type { TcpContext } from '#sensor/service.ts'
import { Catalog, emptied, newUse, type Use } from '#sql/store.ts'
import { Transaction } from '#sql/transaction.ts'
import type { Value } from '#sql/value.ts'
import type { Wording } from './errors.ts'
import { offered } from './handshake.ts'
import type { Options } from './options.ts'
import { seed } from './seed.ts'

export type Cx = TcpContext<Options>

/** The server as one attacker left it. */
export type Server = {
  product: 'MariaDB' | 'MySQL'
  /** As SELECT VERSION() says: `10.11.14-MariaDB-0+deb12u2`, `8.0.36-0ubuntu0.22.04.1`. */
  version: string
  use: Use
  catalog: Catalog
  /** Files that statements wrote or brought, by path: Latin-1. */
  files: Map<string, string>
  /** CREATE FUNCTION … SONAME. */
  libraries: Map<string, { soname: string; returns: 'STRING' | 'INTEGER' | 'REAL' | 'DECIMAL'; aggregate: boolean }>
  /** SET GLOBAL. */
  globals: Map<string, Value>
  /** Accounts that were made or changed here: `'name'@'host'` → the password's hash. */
  accounts: Map<string, string>
  /** Users whose password we never saw in clear, and let in: it is good again. */
  unseen: Set<string>
  /** SHA256(SHA256(password)) of users who logged in, which MySQL 8 caches. */
  cached: Map<string, string>
  startedAt: number
  thread: number
  /** Broken handshakes in a row; over max_connect_errors the host is blocked. */
  broken: number
  weight(): number
  drop(): void
}

export function newServer(cx: Cx): Server {
  const { persona } = cx
  const { product, package: full } = persona.software.mysql
  const revision = full.replace(/^\d+:/, '')
  const dash = revision.indexOf('-')
  const version = product === 'MariaDB' ? `${revision.slice(0, dash)}-MariaDB${revision.slice(dash)}` : revision
  const use = newUse()
  const server: Server = {
    product,
    version,
    use,
    catalog: new Catalog(use),
    files: new Map(),
    libraries: new Map(),
    globals: new Map(),
    accounts: new Map(),
    unseen: new Set(),
    cached: new Map(),
    startedAt: persona.bootedAt + 9000 + (persona.derive('mysql start', 2).readUInt16BE() % 9000),
    thread: 40 + (persona.derive('mysql thread', 3).readUIntBE(0, 3) % 90_000),
    broken: 0,
    weight() {
      let bytes = use.bytes + use.held
      for (const file of server.files.values()) bytes += file.length
      return bytes
    },
    drop() {
      server.catalog.schemas.clear()
      server.files.clear()
      emptied(use)
      seed(server.catalog, persona)
    },
  }
  seed(server.catalog, persona)
  return server
}

/** One client that was let in. */
export type Session = {
  cx: Cx
  server: Server
  thread: number
  user: string
  host: string
  database: string
  flags: number
  extended: number
  charset: number
  variables: Map<string, Value>
  own: Map<string, Value>
  statements: Map<number, Prepared>
  nextStatement: number
  inserted: bigint
  affected: bigint
  found: bigint
  warnings: { level: 'Note' | 'Warning' | 'Error'; code: number; text: string }[]
  work: Transaction
  /** Seconds that SLEEP and BENCHMARK cost the statement at hand. */
  slept: number
  questions: number
}
export type Prepared = {
  sql: string
  parameters: number
  /** Types of the last execution, which a client need not repeat. */
  types: readonly number[]
  /** COM_STMT_SEND_LONG_DATA. */
  long: Map<number, string>
}

/** `extended`: MariaDB's flags, which count where the client is not MySQL's own. */
export function newSession(
  cx: Cx,
  server: Server,
  thread: number,
  person: { user: string; flags: number; extended: number; charset: number },
): Session {
  return {
    cx,
    server,
    thread,
    user: person.user,
    host: cx.source.ip,
    database: '',
    flags: person.flags & offered(server.product),
    extended: server.product === 'MariaDB' && !(person.flags & 1) ? person.extended : 0,
    charset: person.charset === 0 ? 45 : person.charset,
    variables: new Map(),
    own: new Map(),
    statements: new Map(),
    nextStatement: 1,
    inserted: 0n,
    affected: 0n,
    found: 0n,
    warnings: [],
    work: new Transaction(server.use),
    slept: 0,
    questions: 0,
  }
}

/** How this server words its errors: clauses have other names since 10.11.14. */
export const wordingOf = ({ server }: Pick<Session, 'server'>): Wording => {
  const [major = 0, minor = 0, patch = 0] = server.version.split(/[.-]/).map(Number)
  return {
    product: server.product,
    renamed: server.product === 'MariaDB' && major === 10 && minor === 11 && patch >= 14,
  }
}

/** Our clock with the persona's error, in milliseconds. */
export const now = ({ cx }: { cx: Cx }): number => cx.now() + cx.persona.clockSkew
