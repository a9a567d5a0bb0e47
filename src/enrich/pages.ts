import { closeSync, fstatSync, openSync, readSync } from 'node:fs'

/** A file read in pieces: what the operating system caches anyway is not held a second time. */
export type PagedFile = {
  size: number
  /** Bytes at an offset, valid until the next call. Throws `RangeError` for what lies outside the file. */
  read(offset: number, length: number): Buffer
  close(): void
}

const pageSize = 4096

/** Keeps the `pages` most recently used pages of 4 KiB. */
export function openPaged(path: string, pages = 256): PagedFile {
  const fd = openSync(path, 'r')
  const size = fstatSync(fd).size
  const cache = new Map<number, Buffer>()

  function page(number: number): Buffer {
    let found = cache.get(number)
    if (found !== undefined) {
      cache.delete(number)
    } else {
      // The page that gives way gives its memory too.
      const [oldest] = cache.size < pages ? [] : cache.keys()
      found = oldest === undefined ? Buffer.allocUnsafeSlow(pageSize) : cache.get(oldest)!
      if (oldest !== undefined) cache.delete(oldest)
      readSync(fd, found, 0, pageSize, number * pageSize)
    }
    cache.set(number, found)
    return found
  }

  return {
    size,
    read(offset, length) {
      if (!(offset >= 0 && length >= 0 && offset + length <= size && length <= 1 << 20))
        throw new RangeError(`Cannot read ${length} bytes at ${offset} of ${size}`)
      const first = Math.floor(offset / pageSize)
      const start = offset - first * pageSize
      if (start + length <= pageSize) return page(first).subarray(start, start + length)
      const whole = Buffer.allocUnsafe(length)
      for (let done = 0; done < length; ) {
        const at = offset + done
        const number = Math.floor(at / pageSize)
        done += page(number).copy(
          whole,
          done,
          at - number * pageSize,
          Math.min(pageSize, at - number * pageSize + length - done),
        )
      }
      return whole
    },
    close: () => closeSync(fd),
  }
}
