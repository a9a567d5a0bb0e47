import fs from 'node:fs'
import { compressSegment } from './compress.ts'
import { shareDirectory } from './disk.ts'
import { cutTornTail } from './recover.ts'
import { listSegments } from './segments.ts'

/** What is done to one writer's closed segments: whatever a crash left is put right at once, then all are compressed. */
export type Upkeep = {
  /** The newest segment of this writer, whoever wrote it. */
  lastName: string | undefined
  /** Compresses a closed segment, and those that could not be before; `done` each time the directory has shrunk. */
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
  const waiting: string[] = []
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
    waiting.push(name)
    queue = queue.then(() => compressWaiting(done))
  }
  async function compressWaiting(done: () => void) {
    for (const name of waiting.splice(0)) {
      if (stop.signal.aborted) return
      try {
        await compressSegment(directory, name, stop.signal)
        done()
      } catch (error) {
        if (stop.signal.aborted) return
        // The disk may be full now and not at the end of the next segment. One that retention removed is done with.
        if ((error as NodeJS.ErrnoException).code !== 'ENOENT') waiting.push(name)
        complain(`compressing ${name}: ${error}`)
      }
    }
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
