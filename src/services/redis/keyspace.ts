/** The data behind one attacker's Redis: sixteen databases of typed values, bounded in bytes. Strings are Latin-1. */

export type Value =
  | { type: 'string'; data: string }
  | { type: 'list'; data: string[] }
  | { type: 'set'; data: Set<string> }
  | { type: 'hash'; data: Map<string, string> }
  | { type: 'zset'; data: Map<string, number> }
export type Type = Value['type']
type Of<T extends Type> = Extract<Value, { type: T }>

/** An answer that Redis gives as an error reply; `message` begins with its code. */
export class RedisError extends Error {}

export const wrongType = () => new RedisError('WRONGTYPE Operation against a key holding the wrong kind of value')
export const syntaxError = () => new RedisError('ERR syntax error')
export const notInteger = () => new RedisError('ERR value is not an integer or out of range')

/** Bytes that one attacker may keep here. */
const CAPACITY = 4 << 20
/** What an entry costs beside its bytes; about that of the real one. */
const OVERHEAD = 56

export class Keyspace {
  readonly databases = Array.from({ length: 16 }, () => new Map<string, Value>())
  readonly #expiry = new Map<Map<string, Value>, Map<string, number>>()
  /** Writes since the last save. */
  changes = 0
  used = 0

  find(db: number, key: string, now: number): Value | undefined {
    const expires = this.#expiry.get(this.databases[db]!)?.get(key)
    if (expires !== undefined && expires <= now) this.delete(db, key)
    return this.databases[db]!.get(key)
  }

  /** The value if it is of that type; throws WRONGTYPE for another. */
  get<T extends Type>(db: number, key: string, type: T, now: number): Of<T>['data'] | undefined {
    const value = this.find(db, key, now)
    if (value && value.type !== type) throw wrongType()
    return value?.data as Of<T>['data'] | undefined
  }

  /** The same, made empty where there is none; call `touched` after changing it. */
  open<T extends Type>(db: number, key: string, type: T, make: () => Of<T>['data'], now: number): Of<T>['data'] {
    const found = this.get(db, key, type, now)
    if (found !== undefined) return found
    const data = make()
    this.databases[db]!.set(key, { type, data } as Value)
    this.#grow(key.length + OVERHEAD)
    return data
  }

  set(db: number, key: string, value: Value): void {
    this.#grow(key.length + OVERHEAD + weight(value))
    this.databases[db]!.set(key, value)
    this.#expiry.get(this.databases[db]!)?.delete(key)
    this.changes++
  }

  /** `bytes` more (or fewer) are kept; removes a collection that became empty, as Redis does. */
  touched(db: number, key: string, bytes: number): void {
    this.#grow(bytes)
    this.changes++
    const value = this.databases[db]!.get(key)
    if (value && value.type !== 'string' && size(value) === 0) this.delete(db, key)
  }

  delete(db: number, key: string): boolean {
    const value = this.databases[db]!.get(key)
    if (!value) return false
    this.used = Math.max(0, this.used - key.length - OVERHEAD - weight(value))
    this.#expiry.get(this.databases[db]!)?.delete(key)
    this.changes++
    return this.databases[db]!.delete(key)
  }

  clear(db: number): void {
    for (const key of [...this.databases[db]!.keys()]) this.delete(db, key)
  }

  /** Milliseconds since the epoch; `undefined` removes it. */
  expireAt(db: number, key: string, at: number | undefined): boolean {
    const database = this.databases[db]!
    const times = this.#expiry.get(database) ?? new Map<string, number>()
    this.#expiry.set(database, times)
    if (at === undefined) return times.delete(key)
    times.set(key, at)
    this.changes++
    return true
  }
  expiresAt(db: number, key: string): number | undefined {
    return this.#expiry.get(this.databases[db]!)?.get(key)
  }
  expiring(db: number): number {
    return this.#expiry.get(this.databases[db]!)?.size ?? 0
  }

  #grow(bytes: number) {
    if (bytes > 0 && this.used + bytes > CAPACITY)
      throw new RedisError("OOM command not allowed when used memory > 'maxmemory'.")
    this.used = Math.max(0, this.used + bytes)
  }
}

export const size = (value: Value) =>
  value.type === 'string' || value.type === 'list' ? value.data.length : value.data.size

function weight(value: Value): number {
  let bytes = 0
  if (value.type === 'string') return value.data.length
  if (value.type === 'hash') for (const [field, text] of value.data) bytes += field.length + text.length + OVERHEAD
  else for (const item of value.type === 'zset' ? value.data.keys() : value.data) bytes += item.length + OVERHEAD
  return bytes
}

/** Redis's glob (util.c, stringmatchlen): `*`, `?`, `[a-z]`, `[^x]`, `\` escapes. Linear time: no backtracking over `*`. */
export function globMatch(pattern: string, text: string): boolean {
  let [p, t, starP, starT] = [0, 0, -1, 0]
  while (t < text.length) {
    const step = p < pattern.length ? matchOne(pattern, p, text[t]!) : 0
    if (pattern[p] === '*' && p < pattern.length) {
      starP = p++
      starT = t
    } else if (step > 0) {
      p += step
      t++
    } else if (starP >= 0) {
      p = starP + 1
      t = ++starT
    } else return false
  }
  while (pattern[p] === '*') p++
  return p >= pattern.length
}

/** Characters of the pattern that match `c`, 0 for none. */
function matchOne(pattern: string, at: number, c: string): number {
  if (pattern[at] === '?') return 1
  if (pattern[at] === '\\' && at + 1 < pattern.length) return pattern[at + 1] === c ? 2 : 0
  if (pattern[at] !== '[') return pattern[at] === c && c !== '*' ? 1 : pattern[at] === c ? 1 : 0
  const not = pattern[at + 1] === '^'
  let hit = false
  let i = at + (not ? 2 : 1)
  for (; i < pattern.length && pattern[i] !== ']'; i++) {
    if (pattern[i] === '\\' && i + 1 < pattern.length) i++
    if (pattern[i + 1] === '-' && i + 2 < pattern.length) {
      const [low, high] = [pattern[i]!, pattern[i + 2]!].sort() as [string, string]
      hit ||= c >= low && c <= high
      i += 2
    } else hit ||= pattern[i] === c
  }
  return hit !== not ? i - at + 1 : 0
}
