import fs from 'node:fs'

export type Kept = { path: string; bytes: number; modifiedAt: number }

/** Every file of the sample store, finished or on its way. Goes easy on the event loop: there may be many. */
export async function* walk(directory: string): AsyncGenerator<Kept> {
  for (const shelf of await namesIn(directory)) {
    // Root removes what is over the quota: nobody's link leads it elsewhere.
    if ((await look(`${directory}/${shelf}`))?.isDirectory() !== true) continue
    for (const name of await namesIn(`${directory}/${shelf}`)) {
      const path = `${directory}/${shelf}/${name}`
      const stat = await look(path)
      if (stat?.isFile()) yield { path, bytes: stat.size, modifiedAt: stat.mtimeMs }
    }
  }
}
const namesIn = (directory: string) => fs.promises.readdir(directory).catch((): string[] => [])

/** A file may go while we walk. */
const look = (path: string) => fs.promises.lstat(path).catch(() => undefined)

/** Bytes that the store takes. */
export type Usage = {
  bytes(): Promise<number>
  /** Tells of bytes written, or removed when negative. */
  add(bytes: number): void
  /** Has the count been overtaken by retention? Counts anew, unless that was just done. */
  doubt(): void
}

/** Retention works in another process: what was counted is counted anew, when asked, after ten minutes. */
const freshMs = 600_000
const doubtMs = 30_000

export function openUsage(directory: string): Usage {
  let bytes = 0
  let counting: Promise<void> | undefined
  let countedAt = Number.NEGATIVE_INFINITY
  async function count() {
    let sum = 0
    for await (const kept of walk(directory)) sum += kept.bytes
    bytes = sum
    countedAt = performance.now()
    counting = undefined
  }
  function recount(age: number) {
    if (performance.now() - countedAt > age) counting ??= count()
  }
  return {
    async bytes() {
      recount(freshMs)
      if (countedAt < 0) await counting
      return bytes
    },
    doubt: () => recount(doubtMs),
    add(more) {
      bytes += more
    },
  }
}
