/** An item as memcached 1.6 keeps it. Text is Latin-1, one character a byte; times are milliseconds since the epoch. */
export type Item = {
  key: string
  flags: number
  /** 0: never. */
  expires: number
  data: string
  cas: number
  stored: number
  accessed: number
  fetched: boolean
  /** Meta commands: marked as out of date, and somebody was told to make it anew. */
  stale?: boolean
  won?: boolean
}

/** sizeof(item) of a 64-bit build, and the compare-and-swap number behind it. */
const HEADER = 48 + 8
/** `item_size_max`. */
export const ITEM_MAX = 1 << 20
export const KEY_MAX = 250
/** Bytes of items that one attacker's cache holds; the pretended server has more, but nobody is going to know. */
export const CAPACITY = 4 << 20
const MOST_ITEMS = 20_000
const MONTH = 30 * 86_400

/** Chunk sizes of slab classes 1 and up: `-f 1.25 -n 48`, the largest half a page. */
export const chunkSizes: readonly number[] = (() => {
  const sizes: number[] = []
  for (let size = 96; size < (512 << 10) / 1.25; size = Math.floor(size * 1.25)) {
    size = Math.ceil(size / 8) * 8
    sizes.push(size)
  }
  return [...sizes, 512 << 10]
})()

/** Bytes that an item takes: header, key with NUL, client flags if any, value with CRLF. */
export const sizeOf = ({ key, flags, data }: Pick<Item, 'key' | 'flags' | 'data'>): number =>
  needed(key, flags, data.length)
export const needed = (key: string, flags: number, length: number): number =>
  HEADER + key.length + 1 + (flags === 0 ? 0 : 4) + length + 2
export const classOf = (item: Pick<Item, 'key' | 'flags' | 'data'>): number => {
  const size = sizeOf(item)
  const found = chunkSizes.findIndex(chunk => chunk >= size)
  return found < 0 ? chunkSizes.length : found + 1
}

/** One attacker's items, the least recently used first. */
export class Cache {
  #items = new Map<string, Item>()
  #cas = 0
  bytes = 0
  evictions = 0
  stored = 0

  get count(): number {
    return this.#items.size
  }
  all(): Iterable<Item> {
    return this.#items.values()
  }
  nextCas(): number {
    return ++this.#cas
  }

  /** The item, if it is there and its time is not over; nobody's use of it is noted. */
  peek(key: string, now: number): Item | undefined {
    const item = this.#items.get(key)
    if (item && item.expires !== 0 && item.expires <= now) {
      this.remove(key)
      return undefined
    }
    return item
  }

  put(item: Item): void {
    this.remove(item.key)
    this.#items.set(item.key, item)
    this.bytes += sizeOf(item)
    this.stored++
    for (const oldest of this.#items.keys()) {
      if (this.bytes <= CAPACITY && this.#items.size <= MOST_ITEMS) break
      if (oldest === item.key) break
      this.remove(oldest)
      this.evictions++
    }
  }

  /** Another value of the same item, in its place. */
  change(item: Item, data: string): void {
    this.bytes -= sizeOf(item)
    item.data = data
    this.bytes += sizeOf(item)
  }

  remove(key: string): boolean {
    const item = this.#items.get(key)
    if (!item) return false
    this.#items.delete(key)
    this.bytes -= sizeOf(item)
    return true
  }

  clear(): void {
    this.#items.clear()
    this.bytes = 0
  }
}

/** memcached.c, realtime: up to 30 days relative, beyond that a Unix time; negative is over already. */
export const expiry = (seconds: number, now: number): number => {
  if (seconds === 0) return 0
  if (seconds < 0) return 1
  return seconds > MONTH ? seconds * 1000 : now + seconds * 1000
}
