import { readDocument, writeDocument } from './bson.ts'
import { MongoError } from './errors.ts'
import { keyOf } from './query/compare.ts'
import type { Doc } from './value.ts'
import type { Work } from './work.ts'

/** Bytes that one attacker's databases may hold, seeded ones included; collections, indexes of one, users. */
export const CAPACITY = 6 << 20
export const MOST = { collections: 500, indexes: 64, users: 50, databases: 100 }
/** What a document costs beside its bytes. */
const OVERHEAD = 96

type Index = { name: string; key: Doc; options: Doc }
export type Collection = {
  name: string
  /** Documents as BSON, by their `_id`, in the order of their coming. */
  docs: Map<string, Buffer>
  bytes: number
  uuid: Buffer
  indexes: Index[]
  options: Doc
}
export type Database = Map<string, Collection>

/** All databases of one attacker, bounded in bytes together. */
export class Store {
  readonly databases = new Map<string, Database>()
  bytes = 0

  collection(db: string, name: string): Collection | undefined {
    return this.databases.get(db)?.get(name)
  }

  /** The collection, made where there is none. */
  open(db: string, name: string, uuid: () => Buffer): Collection {
    const found = this.collection(db, name)
    if (found) return found
    let count = 0
    for (const one of this.databases.values()) count += one.size
    if (count >= MOST.collections || (this.databases.size >= MOST.databases && !this.databases.has(db))) throw full()
    const made: Collection = {
      name,
      docs: new Map(),
      bytes: 0,
      uuid: uuid(),
      indexes: [{ name: '_id_', key: new Map([['_id', { is: 'int', n: 1 }]]), options: new Map() }],
      options: new Map(),
    }
    const database = this.databases.get(db) ?? new Map<string, Collection>()
    this.databases.set(db, database)
    database.set(name, made)
    return made
  }

  /** Puts the document in; the one of the same `_id` must be gone before. */
  insert(collection: Collection, db: string, doc: Doc, work: Work): void {
    const key = keyOf(doc.get('_id'), work)
    if (collection.docs.has(key))
      throw new MongoError(
        'DuplicateKey',
        `E11000 duplicate key error collection: ${db}.${collection.name} index: _id_ dup key: `,
        new Map([['keyPattern', new Map([['_id', { is: 'int', n: 1 }]])]]),
      )
    this.put(collection, key, doc)
  }
  /** Puts the document where it belongs, over the one before. */
  put(collection: Collection, key: string, doc: Doc): void {
    const packed = writeDocument(doc)
    if (packed.length > 16 << 20) throw new MongoError(10_334, `BSONObj size: ${packed.length} is invalid.`)
    const before = collection.docs.get(key)
    const more = packed.length + (before ? -before.length : OVERHEAD + key.length)
    if (this.bytes + more > CAPACITY) throw full()
    // A copy of its own, since a part of a pool would hold all of it.
    const kept = Buffer.allocUnsafeSlow(packed.length)
    packed.copy(kept)
    collection.docs.set(key, kept)
    collection.bytes += packed.length - (before?.length ?? 0)
    this.bytes += more
  }
  remove(collection: Collection, key: string): void {
    const packed = collection.docs.get(key)
    if (!packed) return
    collection.docs.delete(key)
    collection.bytes -= packed.length
    this.bytes -= packed.length + OVERHEAD + key.length
  }
  drop(db: string, name: string): boolean {
    const collection = this.collection(db, name)
    if (!collection) return false
    for (const key of [...collection.docs.keys()]) this.remove(collection, key)
    this.databases.get(db)!.delete(name)
    if (this.databases.get(db)!.size === 0) this.databases.delete(db)
    return true
  }
  /** What another holds, each document shared: none is ever changed in place. */
  copy(other: Store): void {
    for (const [db, database] of other.databases)
      this.databases.set(
        db,
        new Map(
          Array.from(database, ([name, one]) => [name, { ...one, docs: new Map(one.docs), indexes: [...one.indexes] }]),
        ),
      )
    this.bytes = other.bytes
  }
  clear(): void {
    this.databases.clear()
    this.bytes = 0
  }
}

const full = (): MongoError =>
  new MongoError('OutOfDiskSpace', 'available disk space of 0 bytes is less than required minimum of 524288000')

/** The documents of a collection, each read when it is asked for. */
export function* documents(collection: Collection | undefined, work: Work): Generator<{ key: string; doc: Doc }> {
  for (const [key, packed] of collection?.docs ?? []) {
    work.step(1 + (packed.length >> 3))
    yield { key, doc: readDocument(packed).doc }
  }
}
