/** A map that forgets its least recently used entry when full, so that no number of strangers makes it grow. */
export type Bounded<V> = {
  get(key: string): V | undefined
  set(key: string, value: V): void
  delete(key: string): void
  /** Least recently used first. */
  entries(): IterableIterator<[string, V]>
  readonly size: number
}

export function bounded<V>(max: number): Bounded<V> {
  const map = new Map<string, V>()
  const put = (key: string, value: V) => {
    map.delete(key)
    map.set(key, value)
  }
  return {
    get(key) {
      const value = map.get(key)
      if (value !== undefined) put(key, value)
      return value
    },
    set(key, value) {
      put(key, value)
      if (map.size > max) map.delete(map.keys().next().value!)
    },
    delete: key => void map.delete(key),
    entries: () => map.entries(),
    get size() {
      return map.size
    },
  }
}

/**
 * Lets `width` calls of expensive work run at once and `waiting` more queue; further ones fail at once with what `full`
 * makes, instead of taking memory.
 */
export function gate(width: number, waiting: number, full: () => Error) {
  let running = 0
  const queue: (() => void)[] = []
  return async <T>(work: () => Promise<T>): Promise<T> => {
    if (running >= width) {
      if (queue.length >= waiting) throw full()
      await new Promise<void>(resolve => queue.push(resolve))
    } else running++
    try {
      return await work()
    } finally {
      // The place passes to the next in line, or becomes free.
      const next = queue.shift()
      if (next) next()
      else running--
    }
  }
}
