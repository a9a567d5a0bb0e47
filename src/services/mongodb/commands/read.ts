import { sizeOf } from '../bson.ts'
import { MongoError, typeMismatch } from '../errors.ts'
import { keyOf } from '../query/compare.ts'
import { matcher } from '../query/match.ts'
import { partsOf, valuesAt } from '../query/path.ts'
import { pipeline } from '../query/pipeline.ts'
import { projector, sorter } from '../query/shape.ts'
import { CURSORS, now, type Session } from '../state.ts'
import { documents } from '../store.ts'
import { type Doc, doc, int, isArray, isDoc, numberOf, truthy, type Value } from '../value.ts'
import {
  arrayAt,
  type Commands,
  collectionName,
  collectionOf,
  countAt,
  docAt,
  namespace,
  type Request,
  type Run,
} from './command.ts'

/** Documents of a first batch where none is asked for, and bytes of any. */
const BATCH = 101
const BATCH_BYTES = 4 << 20

/** The documents that a query asks for, in its order. */
export function found(
  request: Request,
  name: string,
  wanted: { filter: Doc; sort: Doc; skip: number; limit: number },
): Doc[] {
  const { work } = request
  const matches = matcher(wanted.filter)
  const docs: Doc[] = []
  const unsorted = wanted.sort.size === 0 || wanted.sort.has('$natural')
  const enough = wanted.limit > 0 && unsorted ? wanted.skip + wanted.limit : Number.POSITIVE_INFINITY
  for (const { doc: one } of documents(collectionOf(request, name), work)) {
    if (matches(one, work)) docs.push(one)
    if (docs.length >= enough) break
  }
  if (!unsorted) {
    const order = sorter(wanted.sort)
    docs.sort((a, b) => order(a, b, work))
  } else if ((numberOf(wanted.sort.get('$natural')) ?? 1) < 0) docs.reverse()
  return docs.slice(wanted.skip, wanted.limit > 0 ? wanted.skip + wanted.limit : undefined)
}

/** `{ cursor: { firstBatch, id, ns }, ok: 1 }`; what does not fit waits for getMore. */
export function cursorOf(
  request: Request,
  collection: string,
  docs: Doc[],
  batch: number | undefined,
  single = false,
): Doc {
  const { server, cx } = request.session
  const first = takeBatch(docs, batch ?? BATCH)
  let id = 0n
  if (docs.length > 0 && !single) {
    const bytes = docs.reduce((sum, one) => sum + sizeOf(one), 0)
    let open = bytes
    for (const cursor of server.cursors.values()) open += cursor.bytes
    // The oldest go first, as those that nobody has asked of for ten minutes do.
    for (const [old, cursor] of server.cursors) {
      if (server.cursors.size < CURSORS.count && open <= CURSORS.bytes) break
      server.cursors.delete(old)
      open -= cursor.bytes
    }
    id = cx.random(8).readBigInt64LE() >> 1n || 1n
    if (id < 0n) id = -id
    server.cursors.set(id, { id, db: request.db, collection, left: docs, bytes, batch })
  }
  return doc({ cursor: doc({ firstBatch: first, id, ns: namespace(request, collection) }), ok: 1 })
}
/** Takes documents off the front. */
function takeBatch(docs: Doc[], most: number): Doc[] {
  let bytes = 0
  let count = 0
  while (count < docs.length && count < most) {
    bytes += sizeOf(docs[count]!)
    if (count > 0 && bytes > BATCH_BYTES) break
    count++
  }
  return docs.splice(0, count)
}

export const find: Run = request => {
  const { command, work, session } = request
  const name = collectionName(request)
  const limit = countAt(command, 'limit') ?? 0
  const batch = countAt(command, 'batchSize')
  const docs = found(request, name, {
    filter: docAt(command, 'filter'),
    sort: docAt(command, 'sort'),
    skip: countAt(command, 'skip') ?? 0,
    limit,
  })
  const projection = docAt(command, 'projection')
  const shape = projection.size > 0 ? projector(projection) : undefined
  const scope = { work, vars: new Map(), depth: 0, now: BigInt(now(session)) }
  const shaped = shape ? docs.map(one => shape(one, scope)) : docs
  return cursorOf(request, name, shaped, batch, truthy(command.get('singleBatch')))
}

const getMore: Run = request => {
  const { command, session } = request
  const id = command.get(request.name)
  if (typeof id !== 'bigint') throw typeMismatch("BSON field 'getMore.getMore' is the wrong type, expected type 'long'")
  const name = command.get('collection')
  const cursor = session.server.cursors.get(id)
  if (!cursor || cursor.db !== request.db || cursor.collection !== name)
    throw new MongoError('CursorNotFound', `cursor id ${id} not found`)
  const nextBatch = more(session, id, countAt(command, 'batchSize') ?? 0)
  return doc({
    cursor: doc({
      nextBatch,
      id: session.server.cursors.has(id) ? id : 0n,
      ns: namespace(request, String(name)),
    }),
    ok: 1,
  })
}
/** The next documents of a cursor, which goes with the last of them. */
export function more({ server }: Session, id: bigint, count: number): Doc[] {
  const cursor = server.cursors.get(id)
  if (!cursor) return []
  const batch = takeBatch(cursor.left, count > 0 ? count : Number.POSITIVE_INFINITY)
  cursor.bytes = cursor.left.reduce((sum, one) => sum + sizeOf(one), 0)
  if (cursor.left.length === 0) server.cursors.delete(id)
  return batch
}

const killCursors: Run = ({ command, session }) => {
  const killed: Value[] = []
  const unknown: Value[] = []
  for (const id of arrayAt(command, 'cursors').slice(0, 1000))
    (typeof id === 'bigint' && session.server.cursors.delete(id) ? killed : unknown).push(id)
  return doc({ cursorsKilled: killed, cursorsNotFound: unknown, cursorsAlive: [], cursorsUnknown: [], ok: 1 })
}

const count: Run = request => {
  const { command } = request
  const name = collectionName(request)
  const filter = docAt(command, 'query')
  const collection = collectionOf(request, name)
  const limit = Math.abs(numberOf(command.get('limit')) ?? 0)
  const skip = countAt(command, 'skip') ?? 0
  const n =
    filter.size === 0
      ? (collection?.docs.size ?? 0)
      : found(request, name, { filter, sort: new Map(), skip: 0, limit: 0 }).length
  const left = Math.max(0, n - skip)
  return doc({ n: int(limit > 0 ? Math.min(limit, left) : left), ok: 1 })
}

const distinct: Run = request => {
  const { command, work } = request
  const name = collectionName(request)
  const key = command.get('key')
  if (typeof key !== 'string') throw typeMismatch("BSON field 'distinct.key' is the wrong type, expected type 'string'")
  const values = new Map<string, Value>()
  for (const one of found(request, name, { filter: docAt(command, 'query'), sort: new Map(), skip: 0, limit: 0 }))
    for (const value of valuesAt(one, partsOf(key), work))
      for (const item of isArray(value) ? value : [value]) if (item !== undefined) values.set(keyOf(item, work), item)
  return doc({ values: [...values.values()], ok: 1 })
}

const aggregate: Run = request => {
  const { command, session } = request
  const target = command.get(request.name)
  const whole = numberOf(target) === 1
  const name = whole ? '$cmd.aggregate' : collectionName(request)
  const stages = arrayAt(command, 'pipeline').map(stage => {
    if (!isDoc(stage)) throw typeMismatch("Each element of the 'pipeline' array must be an object")
    return stage
  })
  if (truthy(command.get('explain'))) return explained(request, name, new Map())
  if (command.get('cursor') === undefined)
    throw new MongoError(
      'FailedToParse',
      "The 'cursor' option is required, except for aggregate with the explain argument",
    )
  const docs = pipeline(request, whole ? undefined : name, stages)
  return cursorOf(
    request,
    name,
    docs,
    countAt(docAt(command, 'cursor'), 'batchSize') ?? (session.greeted ? undefined : BATCH),
  )
}

const explain: Run = request => {
  const inner = docAt(request.command, request.name)
  const [verb] = inner.keys()
  const name = inner.get(verb ?? '')
  return explained(request, typeof name === 'string' ? name : '', docAt(inner, 'filter'))
}
function explained(request: Request, name: string, filter: Doc): Doc {
  const { session } = request
  return doc({
    explainVersion: '1',
    queryPlanner: doc({
      namespace: namespace(request, name),
      indexFilterSet: false,
      parsedQuery: filter,
      winningPlan: doc({ stage: collectionOf(request, name) ? 'COLLSCAN' : 'EOF', direction: 'forward' }),
      rejectedPlans: [],
    }),
    serverInfo: doc({
      host: session.cx.persona.hostname,
      port: int(27_017),
      version: session.server.version,
      gitVersion: session.cx.persona.software.mongodb.git,
    }),
    ok: 1,
  })
}

const noScripts: Run = () => {
  throw new MongoError(31_264, 'Cannot run server-side javascript without the javascript engine enabled')
}

export const reading: Commands = [
  ['find', find],
  ['getMore', getMore],
  ['killCursors', killCursors],
  ['count', count],
  ['distinct', distinct],
  ['aggregate', aggregate],
  ['explain', explain],
  ['mapReduce|mapreduce', noScripts],
  [
    'startSession',
    ({ session }) =>
      doc({ id: doc({ id: { is: 'binary', kind: 4, bytes: session.cx.random(16) } }), timeoutMinutes: int(30), ok: 1 }),
  ],
]
