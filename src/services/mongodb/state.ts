import { Pace } from '#access/pace.ts'
import type { TcpContext } from '#sensor/service.ts'
import type { Options } from './options.ts'
import { seed } from './seed.ts'
import { Store } from './store.ts'
import { binary, type Doc, type ObjectId, oid, type Value } from './value.ts'

export type Cx = TcpContext<Options>

/** Documents that were found and not yet taken. */
type Cursor = {
  id: bigint
  db: string
  collection: string
  left: Doc[]
  bytes: number
  batch: number | undefined
}

/** The server as one attacker left it. */
export type Server = {
  version: string
  /** Major and minor: 7, 0. */
  series: readonly [major: number, minor: number]
  store: Store
  /** Users made by createUser: `admin.name` to what was given. */
  users: Map<string, Doc>
  /** What they were given to log in with, Latin-1. */
  passwords: Map<string, string>
  cursors: Map<bigint, Cursor>
  startedAt: number
  pid: number
  /** Of topologyVersion. */
  process: ObjectId
  connections: number
  pace: Pace
  nextMessage: number
  nextObject: number
  counters: Map<string, number>
  /** Since when data was dropped: what a ransom note then follows. */
  dropped: Set<string>
  weight(): number
  drop(): void
}

/** Cursors that may be open at once, and bytes of what they hold. */
export const CURSORS = { count: 16, bytes: 2 << 20 }

export function newServer(cx: Cx): Server {
  const { persona } = cx
  const { version } = persona.software.mongodb
  const [major = 0, minor = 0] = version.split('.').map(Number)
  const store = new Store()
  const startedAt = persona.bootedAt + 11_000 + (persona.derive('mongodb start', 2).readUInt16BE() % 9000)
  const server: Server = {
    version,
    series: [major, minor],
    store,
    users: new Map(),
    passwords: new Map(),
    cursors: new Map(),
    startedAt,
    pid: 600 + (persona.derive('mongodb pid', 2).readUInt16BE() % 900),
    process: objectId(startedAt, persona.derive('mongodb process', 8)),
    connections: 30 + (persona.derive('mongodb connections', 2).readUInt16BE() % 5000),
    pace: new Pace(),
    nextMessage: 900 + (persona.derive('mongodb messages', 2).readUInt16BE() % 60_000),
    nextObject: persona.derive('mongodb objects', 3).readUIntBE(0, 3),
    counters: new Map(),
    dropped: new Set(),
    weight() {
      let bytes = store.bytes
      for (const cursor of server.cursors.values()) bytes += cursor.bytes
      return bytes
    },
    drop() {
      store.clear()
      server.cursors.clear()
      server.users.clear()
      server.passwords.clear()
      seed(server, persona)
    },
  }
  seed(server, persona)
  return server
}

/** Seconds since the epoch, then eight bytes. */
export function objectId(milliseconds: number, rest: Buffer): ObjectId {
  const bytes = Buffer.alloc(12)
  bytes.writeUInt32BE(Math.floor(milliseconds / 1000) >>> 0)
  rest.copy(bytes, 4, 0, 8)
  return oid(bytes)
}
/** What the server gives a document that came without an `_id`. */
export function newObjectId({ server, cx }: Session): ObjectId {
  const rest = Buffer.alloc(8)
  cx.persona.derive('mongodb objects', 5).copy(rest)
  rest.writeUIntBE(server.nextObject++ & 0xffffff, 5, 3)
  return objectId(now({ cx }), rest)
}
/** A UUID of version 4. */
export function uuid(random: Buffer): Buffer {
  const bytes = Buffer.from(random.subarray(0, 16))
  bytes[6] = (bytes[6]! & 0x0f) | 0x40
  bytes[8] = (bytes[8]! & 0x3f) | 0x80
  return bytes
}
export const uuidValue = (bytes: Buffer): Value => binary(bytes, 4)

/** One connection. */
export type Session = {
  cx: Cx
  server: Server
  connection: number
  /** The user that logged in, and where: `admin.root`. */
  user: { name: string; db: string } | undefined
  /** A SCRAM conversation that is under way. */
  scram: Scram | undefined
  conversations: number
  greeted: boolean
  compressors: string[]
}
export type Scram = {
  id: number
  mechanism: 'SCRAM-SHA-1' | 'SCRAM-SHA-256'
  db: string
  user: string
  bare: string
  challenge: string
  nonce: string
  salt: Buffer
  skipEmpty: boolean
  /** The server's signature was sent; an empty message is due. */
  proved: boolean
}
export const now = ({ cx }: Pick<Session, 'cx'>): number => cx.now() + cx.persona.clockSkew
