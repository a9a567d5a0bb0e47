import { Cursor } from '#codec/cursor.ts'
import { text } from '#events/text.ts'
import type { Conn } from '#sensor/conn.ts'
import { Malformed } from '#sensor/endings.ts'
import type { TcpContext } from '#sensor/service.ts'
import { apis, later, offered, type Talk } from './apis.ts'
import { type Cluster, seededCluster } from './cluster.ts'
import type { Options } from './options.ts'
import { type Exchange, step } from './sasl.ts'
import * as schemas from './schemas-admin.ts'
import { type Body, int32, int64, read, type Schema, skipTags, varint, write } from './wire.ts'

/** A connection of a Kafka client: requests one after another, each answered before the next (kafka.network). */

/** socket.request.max.bytes is 100 MB; what is over this is no request that anybody has here. */
const REQUEST = 2 << 20
const Key = { handshake: 17, versions: 18, authenticate: 36 } as const
/** Error codes. */
const UNSUPPORTED_VERSION = 35
const ILLEGAL_STATE = 34
const UNSUPPORTED_MECHANISM = 33
const AUTHENTICATION_FAILED = 58
/** Seconds: connection.failed.authentication.delay.ms. */
const FAILED_DELAY = 0.1

type Cx = TcpContext<Options>
type Request = { key: number; version: number; correlation: number; client: string; cursor: Cursor }
/** Where a connection stands: logged in, or on the way there. */
type State = { open: boolean; exchange: Exchange | undefined; raw: boolean }

export async function session(conn: Conn, cx: Cx): Promise<void> {
  const cluster = cx.attacker(() => seededCluster(cx))
  const state: State = { open: cx.options.mechanisms.length === 0, exchange: undefined, raw: false }
  while (await serveOne(conn, cx, cluster, state));
}

async function serveOne(conn: Conn, cx: Cx, cluster: Cluster, state: State): Promise<boolean> {
  const length = (await conn.read(4)).readInt32BE()
  if (length < 0 || length > REQUEST) throw new Malformed(`A request of ${length} bytes`)
  const bytes = await whole(conn, length)
  try {
    return state.raw ? await rawToken(conn, cx, state, bytes) : await answer(conn, cx, cluster, state, bytes)
  } finally {
    conn.keep(-length)
  }
}

/** A request of more than the inbox takes, in pieces, counted with the connection. */
async function whole(conn: Conn, length: number): Promise<Buffer> {
  const pieces: Buffer[] = []
  for (let left = length; left > 0; ) {
    const piece = await conn.readSome(left)
    conn.keep(piece.length)
    pieces.push(piece)
    left -= piece.length
  }
  return Buffer.concat(pieces)
}

async function answer(conn: Conn, cx: Cx, cluster: Cluster, state: State, bytes: Buffer): Promise<boolean> {
  const request = readHeader(bytes)
  const { key, version, cursor, client } = request
  const range = offered.get(key) ?? later.get(key)
  if (key === Key.versions) return await versions(conn, cx, request)
  if (!range || version < range[0] || version > range[1]) throw new Malformed(`Version ${version} of API ${key}`)
  if (key === Key.handshake) return await handshake(conn, cx, state, request)
  if (key === Key.authenticate) return await authenticate(conn, cx, state, request)
  if (!state.open) throw new Malformed(`API ${key} before the log-in`)
  const api = apis.get(key)
  if (!api) throw new Malformed(`API ${key} is not for clients`)
  const body = read(api.request, version, cursor)
  if (api.told) cx.record.command({ line: `${api.name} ${briefly(body)}`.trim(), verb: api.name })
  const talk: Talk = { cx, cluster, client }
  const said = await api.answer(talk, version, body)
  if (said) await respond(conn, request, api.response, said)
  return true
}

function readHeader(bytes: Buffer): Request {
  const cursor = new Cursor(bytes)
  const key = cursor.bytes(2).readInt16BE()
  const version = cursor.bytes(2).readInt16BE()
  const correlation = cursor.bytes(4).readInt32BE()
  const length = cursor.left >= 2 ? cursor.bytes(2).readInt16BE() : -1
  const client = length < 0 ? '' : cursor.bytes(length).toString('latin1')
  const schema = schemaOf(key)
  if (schema && version >= schema.flexible) skipTags(cursor)
  return { key, version, correlation, client, cursor }
}

const schemaOf = (key: number): Schema | undefined => {
  if (key === Key.versions) return schemas.apiVersions.request
  if (key === Key.handshake) return schemas.saslHandshake.request
  if (key === Key.authenticate) return schemas.saslAuthenticate.request
  return apis.get(key)?.request
}

/** A response behind its length; in flexible versions its header has tags as well. */
async function respond(conn: Conn, { correlation, version }: Request, schema: Schema, body: Body): Promise<void> {
  const tags = version >= schema.flexible ? [Buffer.of(0)] : []
  await send(conn, Buffer.concat([int32(correlation), ...tags, write(schema, version, body)]))
}
const send = (conn: Conn, bytes: Buffer): Promise<void> => conn.write(Buffer.concat([int32(bytes.length), bytes]))

/** ApiVersions, whose header never has tags; who asks in a version to come is answered in the first. */
async function versions(conn: Conn, cx: Cx, request: Request): Promise<boolean> {
  const { version, correlation, cursor, client } = request
  const { request: asked, response } = schemas.apiVersions
  const keys = [...offered, ...later].map(([apiKey, [minVersion, maxVersion]]) => ({ apiKey, minVersion, maxVersion }))
  if (version < 0 || version > 3) {
    const own = keys.filter(({ apiKey }) => apiKey === Key.versions)
    await send(
      conn,
      Buffer.concat([int32(correlation), write(response, 0, { errorCode: UNSUPPORTED_VERSION, apiKeys: own })]),
    )
    return true
  }
  const body = read(asked, version, cursor)
  const software = version >= 3 ? `${String(body.clientSoftwareName)} ${String(body.clientSoftwareVersion)}` : client
  cx.record.environment({ name: 'Kafka client', value: text(Buffer.from(software, 'latin1'), 256) })
  const said = write(response, version, { errorCode: 0, apiKeys: keys })
  // FinalizedFeaturesEpoch (tag 1) is 0 where nobody finalised any.
  const tagged = version >= 3 ? Buffer.concat([said.subarray(0, -1), Buffer.of(1, 1), varint(8), int64(0)]) : said
  await send(conn, Buffer.concat([int32(correlation), tagged]))
  return true
}

async function handshake(conn: Conn, cx: Cx, state: State, request: Request): Promise<boolean> {
  const { mechanisms } = cx.options
  const { request: asked, response } = schemas.saslHandshake
  const mechanism = String(read(asked, request.version, request.cursor).mechanism ?? '')
  cx.record.command({ line: `SaslHandshake ${text(Buffer.from(mechanism, 'latin1'), 64)}`, verb: 'SaslHandshake' })
  if (state.open) {
    await respond(conn, request, response, { errorCode: ILLEGAL_STATE })
    return true
  }
  const known = mechanisms.some(name => name === mechanism)
  await respond(conn, request, response, { errorCode: known ? 0 : UNSUPPORTED_MECHANISM, mechanisms: [...mechanisms] })
  if (!known) return false
  state.exchange = { mechanism, scram: undefined }
  // After the first version, tokens come bare.
  state.raw = request.version === 0
  return true
}

async function authenticate(conn: Conn, cx: Cx, state: State, request: Request): Promise<boolean> {
  const { request: asked, response } = schemas.saslAuthenticate
  const token = read(asked, request.version, request.cursor).authBytes as Buffer | null
  if (state.open) {
    const errorMessage = 'SaslAuthenticate request received after successful authentication'
    await respond(conn, request, response, { errorCode: ILLEGAL_STATE, errorMessage })
    return true
  }
  if (!state.exchange) throw new Malformed('SaslAuthenticate without SaslHandshake')
  const next = step(cx, state.exchange, token ?? Buffer.alloc(0))
  if ('refused' in next) {
    await cx.pause(FAILED_DELAY)
    await respond(conn, request, response, { errorCode: AUTHENTICATION_FAILED, errorMessage: next.refused })
    return false
  }
  state.open = next.done
  await respond(conn, request, response, { errorCode: 0, authBytes: next.bytes })
  return true
}

/** A token of SaslHandshake's first version: its answer has no header, and a refusal is the end. */
async function rawToken(conn: Conn, cx: Cx, state: State, token: Buffer): Promise<boolean> {
  const next = step(cx, state.exchange!, token)
  if ('refused' in next) {
    await cx.pause(FAILED_DELAY)
    return false
  }
  state.open = next.done
  state.raw = !next.done
  await send(conn, next.bytes)
  return true
}

/** What a request is about, in few words: names of topics and groups. */
function briefly(body: Body): string {
  const words: string[] = []
  for (const name of ['groupId', 'key', 'transactionalId']) if (typeof body[name] === 'string') words.push(body[name])
  const lists = [body.topics, body.groups, body.groupsNames, body.resources]
  for (const one of lists.flatMap(list => (Array.isArray(list) ? list.slice(0, 20) : []))) {
    const named =
      typeof one === 'string' ? one : ((one as Body).name ?? (one as Body).topic ?? (one as Body).resourceName)
    if (typeof named === 'string') words.push(named)
  }
  return text(Buffer.from(words.join(' '), 'latin1'), 512)
}
