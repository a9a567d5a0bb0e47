import fs from 'node:fs'
import { compressSegment } from './compress.ts'
import { shareDirectory } from './disk.ts'
import { cutTornTail } from './recover.ts'
import { listSegments } from './segments.ts'

/** What is done to one writer's closed segments: whatever a crash left is put right at once, then all are compressed. */
export type Upkeep = {
  /** The newest segment of this writer, whoever wrote it. */
  lastName: string | undefined
  /** Compresses a closed segment, after those before it; `done` when the directory has shrunk. */
  compress(name: string, done: () => void): void
  /** Stops compressing; the next start goes on. */
  close(): Promise<void>
}

/**
 * Leftovers are recovered at once and compressed after `settleMs`. `complain` hears of segments that could not be put right; they stay
 * as they are, and readable.
 */
export function openUpkeep(
  directory: string,
  writer: string,
  settleMs: number,
  complain: (why: string) => void,
): Upkeep {
  const stop = new AbortController()
  let queue = Promise.resolve()
  const own = prepare()

  function prepare() {
    try {
      shareDirectory(directory)
      for (const file of fs.readdirSync(directory))
        if (file.startsWith(`${writer}-`) && file.endsWith('.tmp')) fs.rmSync(`${directory}/${file}`, { force: true })
      return listSegments(directory).filter(segment => segment.writer === writer)
    } catch (error) {
      complain(`journal directory: ${error}`)
      return []
    }
  }
  function compress(name: string, done: () => void) {
    queue = queue.then(async () => {
      if (stop.signal.aborted) return
      try {
        await compressSegment(directory, name, stop.signal)
        done()
      } catch (error) {
        if (!stop.signal.aborted) complain(`compressing ${name}: ${error}`)
      }
    })
  }

  const leftovers: string[] = []
  for (const { name, plain, compressed } of own) {
    if (!plain) continue
    try {
      // Both forms: the crash came after the compressed one was whole.
      if (compressed) fs.rmSync(`${directory}/${name}.jsonl`)
      else cutTornTail(directory, name)
    } catch (error) {
      complain(`recovering ${name}: ${error}`)
    }
    if (!compressed) leftovers.push(name)
  }
  const settled = setTimeout(() => {
    for (const name of leftovers) compress(name, () => {})
  }, settleMs).unref()

  return {
    lastName: own.at(-1)?.name,
    compress,
    async close() {
      clearTimeout(settled)
      stop.abort()
      await queue
    },
  }
}
