import { badValue, failedToParse, MongoError } from '../errors.ts'
import { left } from '../exploits.ts'
import { jsonOf } from '../json.ts'
import { keyOf } from '../query/compare.ts'
import { matcher } from '../query/match.ts'
import { copied } from '../query/path.ts'
import { pipeline } from '../query/pipeline.ts'
import { projector, sorter } from '../query/shape.ts'
import { updated } from '../query/update.ts'
import { newObjectId, now, uuid } from '../state.ts'
import { type Collection, documents } from '../store.ts'
import { type Doc, doc, int, isArray, isDoc, numberOf, truthy, typeName, type Value } from '../value.ts'
import { arrayAt, type Commands, collectionName, collectionOf, docAt, type Request, type Run } from './command.ts'

/** Statements of one command (write_ops::kMaxWriteBatchSize). */
const BATCH = 100_000

const open = ({ session, db }: Request, name: string): Collection =>
  session.server.store.open(db, name, () => uuid(session.cx.random(16)))

/** Each statement of a batch: what went wrong is in `writeErrors`, and ends it where the order counts. */
function batch(request: Request, name: string, carry: (statement: Doc, index: number) => void): Doc | undefined {
  const statements = arrayAt(request.command, name)
  if (statements.length === 0 || statements.length > BATCH)
    throw new MongoError(
      'InvalidOptions',
      `Write batch sizes must be between 1 and ${BATCH}. Got ${statements.length} operations.`,
    )
  const ordered = request.command.get('ordered')
  const errors: Value[] = []
  statements.forEach((statement, index) => {
    if (errors.length > 0 && (ordered === undefined || truthy(ordered))) return
    if (!isDoc(statement))
      throw new MongoError(
        'TypeMismatch',
        `BSON field '${request.name}.${name}.${index}' is the wrong type '${typeName(statement)}', expected type 'object'`,
      )
    try {
      carry(statement, index)
    } catch (error) {
      if (!(error instanceof MongoError) || error.codeName === 'MaxTimeMSExpired') throw error
      if (errors.length < 1000)
        errors.push(
          doc({ index: int(index), code: int(error.code), ...Object.fromEntries(error.more), errmsg: error.message }),
        )
    }
  })
  return errors.length > 0 ? doc({ writeErrors: errors }) : undefined
}
const done = (fields: Doc, errors: Doc | undefined): Doc => new Map([...fields, ...(errors ?? []), ['ok', 1]])

const insert: Run = request => {
  const name = collectionName(request)
  if (name.startsWith('system.') && !/^system\.(?:users|js|profile|views|version)$/.test(name))
    throw new MongoError('InvalidNamespace', `cannot write to ${request.db}.${name}`)
  let n = 0
  const kept: Doc[] = []
  const errors = batch(request, 'documents', given => {
    insertOne(request, name, given)
    if (kept.length < 1000) kept.push(given)
    n++
  })
  left(request, name, kept)
  return done(doc({ n: int(n) }), errors)
}
function insertOne(request: Request, name: string, given: Doc): Doc {
  const id = given.get('_id') ?? newObjectId(request.session)
  if (
    isArray(id) ||
    (typeof id === 'object' && id !== null && 'is' in id && (id.is === 'regex' || id.is === 'undefined'))
  )
    throw badValue(`The '_id' value cannot be of type ${typeName(id)}`)
  // The server puts it in front.
  const whole: Doc = new Map([['_id', id], ...given])
  whole.set('_id', id)
  const { store } = request.session.server
  try {
    store.insert(open(request, name), request.db, whole, request.work)
  } catch (error) {
    if (!(error instanceof MongoError) || error.codeName !== 'DuplicateKey') throw error
    const key = new Map([['_id', id]])
    throw new MongoError('DuplicateKey', error.message + jsonLike(key), new Map([...error.more, ['keyValue', key]]))
  }
  return whole
}
/** `{ _id: ObjectId('…') }`, near to how the server shows a key. */
const jsonLike = (key: Doc): string =>
  jsonOf(key, 200)
    .replace(/^\{"_id":/, '{ _id: ')
    .replace(/\{"\$oid":"(\w+)"\}/, "ObjectId('$1')")
    .replace(/\}$/, ' }')

type Update = {
  matched: number
  modified: number
  upserted: Value | undefined
  before: Doc | undefined
  after: Doc | undefined
}

/** Changes what a filter finds, or adds it. */
function change(
  request: Request,
  name: string,
  filter: Doc,
  how: Value,
  { multi, upsert, sort }: { multi: boolean; upsert: boolean; sort: Doc },
): Update {
  const { session, work } = request
  const matches = matcher(filter)
  const circumstances = { work, now: now(session), inserting: false }
  const result: Update = { matched: 0, modified: 0, upserted: undefined, before: undefined, after: undefined }
  const collection = collectionOf(request, name)
  let chosen: { key: string; doc: Doc }[] = []
  for (const one of documents(collection, work)) {
    if (!matches(one.doc, work)) continue
    chosen.push(one)
    if (!multi && sort.size === 0) break
  }
  if (sort.size > 0) {
    const order = sorter(sort)
    chosen = chosen.sort((a, b) => order(a.doc, b.doc, work)).slice(0, 1)
  }
  for (const { key, doc: before } of chosen) {
    const after = applied(request, before, how, circumstances, multi)
    result.matched++
    result.before ??= before
    result.after ??= after
    if (keyOf(before, work) === keyOf(after, work)) continue
    result.modified++
    session.server.store.put(collection!, key, after)
  }
  if (chosen.length > 0 || !upsert) return result
  const made = applied(request, equalities(filter), how, { ...circumstances, inserting: true }, false)
  const added = insertOne(request, name, made)
  return { ...result, matched: 1, upserted: added.get('_id'), after: added }
}

function applied(
  request: Request,
  before: Doc,
  how: Value,
  circumstances: { work: Request['work']; now: number; inserting: boolean },
  multi: boolean,
): Doc {
  if (isArray(how)) return pipeline(request, '', how.filter(isDoc), [before])[0] ?? before
  if (!isDoc(how)) throw failedToParse('Update argument must be either an object or an array')
  const operators = [...how.keys()][0]?.startsWith('$')
  if (operators) return updated(before, how, circumstances)
  if (multi) throw failedToParse('multi update is not supported for replacement-style update')
  const id = before.get('_id')
  if (id === undefined) return copied(how, circumstances.work)
  if (how.has('_id') && keyOf(how.get('_id'), circumstances.work) !== keyOf(id, circumstances.work))
    throw new MongoError(
      'ImmutableField',
      "After applying the update, the (immutable) field '_id' was found to have been altered",
    )
  const whole: Doc = new Map([['_id', id], ...copied(how, circumstances.work)])
  return whole.set('_id', id)
}
/** What a filter says that fields are: an upsert begins with them. */
function equalities(filter: Doc): Doc {
  const made: Doc = new Map()
  for (const [name, value] of filter) {
    if (name === '$and' && isArray(value))
      for (const one of value) if (isDoc(one)) for (const [field, is] of equalities(one)) made.set(field, is)
    if (name.startsWith('$') || name.includes('.')) continue
    const operators = isDoc(value) && [...value.keys()][0]?.startsWith('$')
    if (!operators) made.set(name, value)
    else if (isDoc(value) && value.has('$eq')) made.set(name, value.get('$eq')!)
  }
  return made
}

const update: Run = request => {
  const name = collectionName(request)
  let [n, modified] = [0, 0]
  const upserted: Value[] = []
  const errors = batch(request, 'updates', (statement, index) => {
    const how = statement.get('u')
    if (how === undefined) throw new MongoError(40_414, "BSON field 'update.updates.u' is missing but a required field")
    const result = change(request, name, docAt(statement, 'q'), how, {
      multi: truthy(statement.get('multi')),
      upsert: truthy(statement.get('upsert')),
      sort: new Map(),
    })
    n += result.matched
    modified += result.modified
    if (result.after) left(request, name, [result.after])
    if (result.upserted !== undefined) upserted.push(doc({ index: int(index), _id: result.upserted }))
  })
  return done(doc({ n: int(n), ...(upserted.length > 0 ? { upserted } : {}), nModified: int(modified) }), errors)
}

const remove: Run = request => {
  const { session, work } = request
  const name = collectionName(request)
  const collection = collectionOf(request, name)
  let n = 0
  const errors = batch(request, 'deletes', statement => {
    const matches = matcher(docAt(statement, 'q'))
    const one = numberOf(statement.get('limit')) === 1
    for (const { key, doc: found } of documents(collection, work)) {
      if (!matches(found, work)) continue
      session.server.store.remove(collection!, key)
      n++
      if (one) break
    }
  })
  if (n > 0 && collection?.docs.size === 0) session.server.dropped.add(request.db)
  return done(doc({ n: int(n) }), errors)
}

const findAndModify: Run = request => {
  const { command, session, work } = request
  const name = collectionName(request)
  const filter = docAt(command, 'query')
  const sort = docAt(command, 'sort')
  const fields = docAt(command, 'fields')
  const shape = fields.size > 0 ? projector(fields) : undefined
  const shown = (found: Doc | undefined): Value =>
    found === undefined ? null : shape ? shape(found, { work, vars: new Map(), depth: 0 }) : found
  if (truthy(command.get('remove'))) {
    const matches = matcher(filter)
    const collection = collectionOf(request, name)
    for (const { key, doc: found } of documents(collection, work))
      if (matches(found, work)) {
        session.server.store.remove(collection!, key)
        return doc({ lastErrorObject: doc({ n: int(1) }), value: shown(found), ok: 1 })
      }
    return doc({ lastErrorObject: doc({ n: int(0) }), value: null, ok: 1 })
  }
  const how = command.get('update')
  if (how === undefined) throw failedToParse('Either an update or remove=true must be specified')
  const result = change(request, name, filter, how, { multi: false, upsert: truthy(command.get('upsert')), sort })
  if (result.after) left(request, name, [result.after])
  return doc({
    lastErrorObject: doc({
      n: int(result.matched),
      updatedExisting: result.upserted === undefined && result.matched > 0,
      ...(result.upserted === undefined ? {} : { upserted: result.upserted }),
    }),
    value: shown(truthy(command.get('new')) ? result.after : result.before),
    ok: 1,
  })
}

export const writing: Commands = [
  ['insert', insert],
  ['update', update],
  ['delete', remove],
  ['findAndModify|findandmodify', findAndModify],
]
