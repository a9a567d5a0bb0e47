import { MongoError } from '../errors.ts'
import { matcher } from '../query/match.ts'
import { uuid, uuidValue } from '../state.ts'
import { type Collection, MOST } from '../store.ts'
import { type Doc, doc, int, isArray, isDoc, numberOf, truthy, type Value } from '../value.ts'
import {
  arrayAt,
  type Commands,
  collectionName,
  collectionOf,
  docAt,
  missing,
  namespace,
  type Request,
  type Run,
} from './command.ts'
import { cursorOf } from './read.ts'

/** Bytes on disk of so much data: WiredTiger's files, compressed and in blocks of 4096. */
const onDisk = (bytes: number): number => Math.ceil((bytes * 0.55) / 4096) * 4096 + 4096
const INDEX = 20_480

const listDatabases: Run = ({ session, command, work }) => {
  const { store } = session.server
  const filter = docAt(command, 'filter')
  const matches = matcher(filter)
  let total = 0
  const databases: Doc[] = []
  for (const [name, database] of [...store.databases].sort(([a], [b]) => (a < b ? -1 : 1))) {
    let size = 0
    for (const collection of database.values()) size += onDisk(collection.bytes) + INDEX * collection.indexes.length
    const one = doc({ name, sizeOnDisk: BigInt(size), empty: false })
    if (!matches(one, work)) continue
    total += size
    databases.push(truthy(command.get('nameOnly')) ? doc({ name }) : one)
  }
  if (truthy(command.get('nameOnly'))) return doc({ databases, ok: 1 })
  return doc({ databases, totalSize: BigInt(total), totalSizeMb: BigInt(Math.floor(total / (1 << 20))), ok: 1 })
}

const listCollections: Run = request => {
  const { session, db, command, work } = request
  const matches = matcher(docAt(command, 'filter'))
  const brief = truthy(command.get('nameOnly'))
  const docs: Doc[] = []
  for (const { name, options, uuid: id } of session.server.store.databases.get(db)?.values() ?? []) {
    const one = doc({
      name,
      type: 'collection',
      options,
      info: doc({ readOnly: false, uuid: uuidValue(id) }),
      idIndex: doc({ v: int(2), key: doc({ _id: int(1) }), name: '_id_' }),
    })
    if (matches(one, work)) docs.push(brief ? doc({ name, type: 'collection' }) : one)
  }
  return cursorOf(
    request,
    '$cmd.listCollections',
    docs,
    numberOf(docAt(command, 'cursor').get('batchSize')) ?? undefined,
  )
}

function present(request: Request, name: string): Collection {
  const found = collectionOf(request, name)
  if (!found) throw new MongoError('NamespaceNotFound', `ns does not exist: ${namespace(request, name)}`)
  return found
}

const listIndexes: Run = request => {
  const name = collectionName(request)
  const docs = present(request, name).indexes.map(index =>
    doc({ v: int(2), key: index.key, name: index.name, ...Object.fromEntries(index.options) }),
  )
  return cursorOf(request, name, docs, undefined)
}

const createIndexes: Run = request => {
  const { session, db } = request
  const name = collectionName(request)
  const wanted = arrayAt(request.command, 'indexes')
  if (wanted.length === 0) throw new MongoError('BadValue', 'Must specify at least one index to create')
  const before = collectionOf(request, name)
  const collection = session.server.store.open(db, name, () => uuid(session.cx.random(16)))
  const count = collection.indexes.length
  for (const one of wanted) {
    if (!isDoc(one) || !isDoc(one.get('key'))) throw missing(request.command, 'indexes.key')
    const title = one.get('name')
    if (typeof title !== 'string')
      throw new MongoError(
        'FailedToParse',
        "Error in specification { key: … } :: caused by :: The 'name' field is a required property of an index specification",
      )
    if (collection.indexes.some(index => index.name === title)) continue
    if (collection.indexes.length >= MOST.indexes)
      throw new MongoError('CannotCreateIndex', `add index fails, too many indexes for ${db}.${name} key:`)
    const options: Doc = new Map(
      [...one].filter(([field]) => /^(?:unique|sparse|background|expireAfterSeconds)$/.test(field)),
    )
    collection.indexes.push({ name: title.slice(0, 128), key: one.get('key') as Doc, options })
  }
  const after = collection.indexes.length
  return doc({
    numIndexesBefore: int(count),
    numIndexesAfter: int(after),
    createdCollectionAutomatically: before === undefined,
    ...(after === count ? { note: 'all indexes already exist' } : {}),
    ok: 1,
  })
}

const dropIndexes: Run = request => {
  const name = collectionName(request)
  const collection = collectionOf(request, name)
  if (!collection) throw new MongoError('NamespaceNotFound', `ns not found ${namespace(request, name)}`)
  const which = request.command.get('index')
  const before = collection.indexes.length
  if (which === '_id_') throw new MongoError('InvalidOptions', 'cannot drop _id index')
  const names = isArray(which) ? which : [which ?? null]
  for (const one of names)
    if (typeof one === 'string' && one !== '*' && !collection.indexes.some(index => index.name === one))
      throw new MongoError('IndexNotFound', `index not found with name [${one.slice(0, 128)}]`)
  collection.indexes = collection.indexes.filter(
    index => index.name === '_id_' || !(which === '*' || names.includes(index.name)),
  )
  return doc({
    nIndexesWas: int(before),
    ...(which === '*' ? { msg: 'non-_id indexes dropped for collection' } : {}),
    ok: 1,
  })
}

const create: Run = request => {
  const { session, db, command } = request
  const name = collectionName(request)
  if (collectionOf(request, name)) throw new MongoError('NamespaceExists', `Collection ${db}.${name} already exists.`)
  const made = session.server.store.open(db, name, () => uuid(session.cx.random(16)))
  made.options = new Map([...command].filter(([field]) => /^(?:capped|size|max|validator)$/.test(field)))
  return doc({ ok: 1 })
}

const drop: Run = request => {
  const name = collectionName(request)
  const collection = collectionOf(request, name)
  if (!collection) {
    // From 7.0 on what is not there is dropped as well.
    if (request.session.server.series[0] >= 7) return doc({ ok: 1 })
    throw new MongoError('NamespaceNotFound', 'ns not found')
  }
  const nIndexesWas = int(collection.indexes.length)
  request.session.server.store.drop(request.db, name)
  remember(request)
  return doc({ nIndexesWas, ns: namespace(request, name), ok: 1 })
}

const dropDatabase: Run = request => {
  const { session, db } = request
  if (db === 'admin' || db === 'config' || db === 'local')
    throw new MongoError('IllegalOperation', `Dropping the '${db}' database is prohibited.`)
  const { store } = session.server
  const database = store.databases.get(db)
  if (!database) return doc({ ok: 1 })
  for (const name of [...database.keys()]) store.drop(db, name)
  remember(request)
  return session.server.series[0] >= 5 ? doc({ ok: 1 }) : doc({ dropped: db, ok: 1 })
}
function remember({ session, db }: Request): void {
  if (session.server.dropped.size < 32) session.server.dropped.add(db)
}

const split = (whole: Value | undefined): [db: string, name: string] => {
  const text = typeof whole === 'string' ? whole : ''
  const dot = text.indexOf('.')
  if (dot <= 0 || dot === text.length - 1)
    throw new MongoError('InvalidNamespace', `Invalid namespace specified '${text.slice(0, 128)}'`)
  return [text.slice(0, dot), text.slice(dot + 1)]
}
const renameCollection: Run = ({ session, command, db }) => {
  if (db !== 'admin')
    throw new MongoError('Unauthorized', 'renameCollection may only be run against the admin database.')
  const [fromDb, from] = split(command.get('renameCollection'))
  const [toDb, to] = split(command.get('to'))
  const { store } = session.server
  const source = store.collection(fromDb, from)
  if (!source) throw new MongoError('NamespaceNotFound', `Source collection ${fromDb}.${from} does not exist`)
  if (store.collection(toDb, to)) {
    if (!truthy(command.get('dropTarget'))) throw new MongoError('NamespaceExists', 'target namespace exists')
    store.drop(toDb, to)
  }
  const target = store.open(toDb, to, () => source.uuid)
  target.indexes = source.indexes
  for (const [key, packed] of [...source.docs]) {
    source.docs.delete(key)
    target.docs.set(key, packed)
  }
  target.bytes = source.bytes
  source.bytes = 0
  store.drop(fromDb, from)
  return doc({ ok: 1 })
}

function figures(collections: Iterable<Collection>): {
  count: number
  bytes: number
  indexes: number
  storage: number
  collections: number
} {
  const sum = { count: 0, bytes: 0, indexes: 0, storage: 0, collections: 0 }
  for (const { docs, bytes, indexes } of collections) {
    sum.count += docs.size
    sum.bytes += bytes
    sum.indexes += indexes.length
    sum.storage += onDisk(bytes)
    sum.collections++
  }
  return sum
}
const dbStats: Run = ({ session, db, command }) => {
  const scale = numberOf(command.get('scale')) || 1
  const { count, bytes, indexes, storage, collections } = figures(
    session.server.store.databases.get(db)?.values() ?? [],
  )
  const { disk } = session.cx.persona
  return doc({
    db,
    collections: BigInt(collections),
    views: 0n,
    objects: BigInt(count),
    avgObjSize: count > 0 ? bytes / count : 0,
    dataSize: bytes / scale,
    storageSize: storage / scale,
    indexes: BigInt(indexes),
    indexSize: (indexes * INDEX) / scale,
    totalSize: (storage + indexes * INDEX) / scale,
    scaleFactor: BigInt(Math.trunc(scale)),
    fsUsedSize: Math.floor((disk * 0.31) / 4096) * 4096,
    fsTotalSize: Math.floor((disk * 0.98) / 4096) * 4096,
    ok: 1,
  })
}
const collStats: Run = request => {
  const name = collectionName(request)
  const collection = collectionOf(request, name)
  const { count, bytes, indexes, storage } = figures(collection ? [collection] : [])
  return doc({
    ns: namespace(request, name),
    size: int(bytes),
    count: int(count),
    ...(count > 0 ? { avgObjSize: int(Math.floor(bytes / count)) } : {}),
    storageSize: int(collection ? storage : 0),
    freeStorageSize: int(0),
    capped: false,
    nindexes: int(indexes),
    indexBuilds: [],
    totalIndexSize: int(indexes * INDEX),
    totalSize: int(collection ? storage + indexes * INDEX : 0),
    indexSizes: doc(Object.fromEntries((collection?.indexes ?? []).map(index => [index.name, int(INDEX)]))),
    scaleFactor: int(1),
    ok: 1,
  })
}
const validate: Run = request => {
  const name = collectionName(request)
  const collection = collectionOf(request, name)
  if (!collection)
    throw new MongoError('NamespaceNotFound', `Collection '${namespace(request, name)}' does not exist to validate.`)
  return doc({
    ns: namespace(request, name),
    nInvalidDocuments: int(0),
    nrecords: int(collection.docs.size),
    nIndexes: int(collection.indexes.length),
    valid: true,
    repaired: false,
    warnings: [],
    errors: [],
    ok: 1,
  })
}

export const catalog: Commands = [
  ['listDatabases', listDatabases],
  ['listCollections', listCollections],
  ['listIndexes', listIndexes],
  ['createIndexes', createIndexes],
  ['dropIndexes', dropIndexes],
  ['deleteIndexes', dropIndexes],
  ['create', create],
  ['drop', drop],
  ['dropDatabase', dropDatabase],
  ['renameCollection', renameCollection],
  ['dbStats|dbstats', dbStats],
  ['collStats|collstats', collStats],
  ['validate', validate],
  [
    'collMod',
    request => {
      present(request, collectionName(request))
      return doc({ ok: 1 })
    },
  ],
  [
    'dataSize|datasize',
    ({ session, command }) => {
      const [db, name] = split(command.get('dataSize') ?? command.get('datasize'))
      const collection = session.server.store.collection(db, name)
      return doc({ size: collection?.bytes ?? 0, numObjects: collection?.docs.size ?? 0, millis: int(0), ok: 1 })
    },
  ],
]
