/** The data behind one attacker's Redis: sixteen databases of typed values, bounded in bytes. Strings are Latin-1. */

export type Value = (
  | { type: 'string'; data: string }
  | { type: 'list'; data: string[] }
  | { type: 'set'; data: Set<string> }
  | { type: 'hash'; data: Map<string, string> }
  | { type: 'zset'; data: Map<string, number> }
) & {
  /** When it last changed, in changes of the whole. */
  version?: number
}
export type Type = Value['type']
export type Of<T extends Type> = Extract<Value, { type: T }>['data']

/** An answer that Redis gives as an error reply; `message` begins with its code. */
export class RedisError extends Error {}

export const wrongType = () => new RedisError('WRONGTYPE Operation against a key holding the wrong kind of value')
export const syntaxError = () => new RedisError('ERR syntax error')
export const notInteger = () => new RedisError('ERR value is not an integer or out of range')
export const noSuchKey = () => new RedisError('ERR no such key')
export const noMemory = () => new RedisError("OOM command not allowed when used memory > 'maxmemory'.")

/** Bytes that one attacker may keep here. */
export const CAPACITY = 4 << 20
/** What an entry costs beside its bytes; about that of the real one. */
const OVERHEAD = 64

const make = {
  string: () => '',
  list: () => [] as string[],
  set: () => new Set<string>(),
  hash: () => new Map<string, string>(),
  zset: () => new Map<string, number>(),
} as const

export class Keyspace {
  readonly databases = Array.from({ length: 16 }, () => new Map<string, Value>())
  readonly #expiry = Array.from({ length: 16 }, () => new Map<string, number>())
  /** Writes since the last save. */
  changes = 0
  #version = 0
  // Never less than what is held: growth is counted as it comes, shrinking only when the room is used up.
  #used = 0
  #shrunk = false

  get used(): number {
    return this.#used
  }

  find(db: number, key: string, now: number): Value | undefined {
    const expires = this.#expiry[db]!.get(key)
    if (expires !== undefined && expires <= now) this.delete(db, key)
    return this.databases[db]!.get(key)
  }

  /** The data if they are of that type; throws WRONGTYPE for another. */
  get<T extends Type>(db: number, key: string, type: T, now: number): Of<T> | undefined {
    const value = this.find(db, key, now)
    if (value && value.type !== type) throw wrongType()
    return value?.data as Of<T> | undefined
  }

  /** The same to add to, made empty where there is none; `items` will be added, with `bytes` in them. */
  open<T extends Exclude<Type, 'string'>>(
    db: number,
    key: string,
    type: T,
    now: number,
    items: number,
    bytes: number,
  ): Of<T> {
    const found = this.get(db, key, type, now)
    this.#reserve((found ? 0 : key.length + OVERHEAD) + items * OVERHEAD + bytes)
    if (!found) this.databases[db]!.set(key, { type, data: make[type]() } as Value)
    this.#changed(this.databases[db]!.get(key)!)
    return this.databases[db]!.get(key)!.data as Of<T>
  }

  /** Call after taking from a collection: an empty one is no more (t_list.c and its like). */
  shrunk(db: number, key: string): void {
    const value = this.databases[db]!.get(key)
    if (!value) return
    this.#shrunk = true
    this.#changed(value)
    if (value.type !== 'string' && size(value) === 0) this.delete(db, key)
  }

  /** Puts a value there; its time to live goes, unless `keep`. */
  set(db: number, key: string, value: Value, keep = false): void {
    this.#reserve(key.length + OVERHEAD + weight(value))
    if (this.databases[db]!.has(key)) this.#shrunk = true
    this.databases[db]!.set(key, value)
    if (!keep) this.#expiry[db]!.delete(key)
    this.#changed(value)
  }

  delete(db: number, key: string): boolean {
    const value = this.databases[db]!.get(key)
    if (!value) return false
    this.#shrunk = true
    this.#changed(value)
    this.#expiry[db]!.delete(key)
    return this.databases[db]!.delete(key)
  }

  clear(db: number): void {
    this.changes += this.databases[db]!.size
    this.#shrunk = true
    this.databases[db]!.clear()
    this.#expiry[db]!.clear()
  }

  clearAll(): void {
    for (let db = 0; db < this.databases.length; db++) this.clear(db)
  }

  swap(a: number, b: number): void {
    for (const list of [this.databases, this.#expiry] as unknown[][]) [list[a], list[b]] = [list[b], list[a]]
  }

  /** Milliseconds since the epoch; `undefined` removes it. */
  expireAt(db: number, key: string, at: number | undefined): boolean {
    if (at === undefined) return this.#expiry[db]!.delete(key)
    this.#reserve(key.length + OVERHEAD)
    this.#expiry[db]!.set(key, at)
    this.changes++
    return true
  }
  expiresAt = (db: number, key: string): number | undefined => this.#expiry[db]!.get(key)
  expiring = (db: number): number => this.#expiry[db]!.size
  /** Changes whenever the key's value does (WATCH). */
  version = (db: number, key: string): number => this.databases[db]!.get(key)?.version ?? 0

  #changed(value: Value) {
    this.changes++
    value.version = ++this.#version
  }
  #reserve(bytes: number) {
    if (this.#used + bytes > CAPACITY && this.#shrunk) {
      this.#used = this.#count()
      this.#shrunk = false
    }
    if (this.#used + bytes > CAPACITY) throw noMemory()
    this.#used += bytes
  }
  #count(): number {
    let bytes = 0
    for (const database of this.databases)
      for (const [key, value] of database) bytes += key.length + OVERHEAD + weight(value)
    for (const times of this.#expiry) for (const key of times.keys()) bytes += key.length + OVERHEAD
    return bytes
  }
}

export const size = (value: Value) =>
  value.type === 'string' || value.type === 'list' ? value.data.length : value.data.size

/** Bytes a value takes. */
export function weight(value: Value): number {
  if (value.type === 'string') return value.data.length
  let bytes = OVERHEAD * size(value)
  if (value.type === 'hash') for (const [field, text] of value.data) bytes += field.length + text.length
  else for (const item of value.type === 'zset' ? value.data.keys() : value.data) bytes += item.length
  return bytes
}

/** A value of its own with the same content. */
export function copy(value: Value): Value {
  if (value.type === 'string') return { ...value }
  if (value.type === 'list') return { type: 'list', data: [...value.data] }
  if (value.type === 'set') return { type: 'set', data: new Set(value.data) }
  if (value.type === 'hash') return { type: 'hash', data: new Map(value.data) }
  return { type: 'zset', data: new Map(value.data) }
}
