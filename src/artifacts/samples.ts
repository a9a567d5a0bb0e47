import { createHash, type Hash, hash, randomBytes } from 'node:crypto'
import fs from 'node:fs'
import type { Sample } from '#events/actions.ts'
import { type Bounds, beyond, durableFlags, fileMode, freeBytes, shareDirectory } from '#events/journal/disk.ts'
import { openUsage } from './usage.ts'

/** A file being left here. Memory use is bounded by what one `write` carries. */
export type SampleWriter = {
  /** Bytes over the store's cap are hashed and counted, not kept. */
  write(bytes: Buffer): Promise<void>
  /** Durable under `DATA/artifacts/<first two hex>/<sha256>` when this returns. */
  close(): Promise<Sample>
  /** Forgets it, unless it is closed. */
  abort(): Promise<void>
}

/** Opens one; `keep: false`: it is hashed and counted, and nothing of it is stored. */
export type OpenSample = (how?: { keep: boolean }) => SampleWriter

export type SampleOptions = Bounds & {
  /** Often relative to the data directory. */
  directory: string
  /** Bytes kept of one sample. */
  capBytes: number
  /** Samples that may be on their way at once; those beyond are hashed only. */
  maxOpen?: number
  random?: (bytes: number) => Buffer
  /** Hears why a sample is not kept; it is hashed all the same, and its `kept` is 0. */
  onLoss?: (why: string) => void
}

const names = ['sha256', 'sha1', 'md5'] as const
/** Gathered before they are written: a write waits for the disk. */
const bufferBytes = 128 << 10

/**
 * Opens the store of what attackers leave here. Samples are never run, unpacked or named by anything but their hash. A
 * full disk, the quota or the floor of free space costs the sample, never the conversation: nothing here throws for the
 * disk's sake.
 */
export function openSamples(options: SampleOptions): OpenSample {
  const { directory, capBytes, maxOpen = 256, random = randomBytes, onLoss } = options
  const temporary = `${directory}/tmp`
  try {
    shareDirectory(directory)
    shareDirectory(temporary)
    removeLeftovers(temporary)
  } catch (error) {
    onLoss?.(String(error))
  }
  const usage = openUsage(directory)
  let open = 0

  return ({ keep } = { keep: true }) => {
    let path = ''
    let file: fs.promises.FileHandle | undefined
    let buffer: Buffer = Buffer.alloc(0)
    let held = 0
    let size = 0
    let kept = 0
    let written = 0
    let keeping = keep && open < maxOpen
    let ended = false
    // A small sample, as most are, is hashed whole in the end, which costs a tenth.
    let hashes: Hash[] | undefined
    open++
    if (open > maxOpen) onLoss?.(`${maxOpen} samples open`)

    /** Does what may fail on a full disk; then the sample is given up. */
    async function attempt(work: () => Promise<void>) {
      if (!keeping) return
      try {
        await work()
      } catch (error) {
        keeping = false
        onLoss?.(error instanceof Full ? error.message : String(error))
        await discard()
      }
    }
    async function flush() {
      if (held === 0) return
      const why = beyond(options, (await usage.bytes()) + held, freeBytes(directory) - held)
      if (why) {
        usage.doubt()
        throw new Full(why)
      }
      path ||= `${temporary}/${process.pid}-${random(12).toString('hex')}`
      file ??= await create(path)
      for (let done = 0; done < held; ) done += (await file.write(buffer, done, held - done)).bytesWritten
      usage.add(held)
      written += held
      held = 0
    }
    /** What the store has of this sample in the end. */
    async function store(sha256: string) {
      const shelf = `${directory}/${sha256.slice(0, 2)}`
      const target = `${shelf}/${sha256}`
      // At once: a worm's bytes come a thousand times a second, and a thread for each look costs more than the look.
      const there = fs.statSync(target, { throwIfNoEntry: false })?.size
      // The same bytes again, as from every worm: what is there already is not written twice.
      if (there !== undefined && there >= kept) {
        kept = there
        return discard()
      }
      await flush()
      await file?.close()
      file = undefined
      shareDirectory(shelf)
      // The name is on disk with the next durable write to this file system: that of the event which tells of the sample.
      await fs.promises.rename(path, target)
    }
    async function discard() {
      buffer = Buffer.alloc(0)
      held = 0
      await file?.close().catch(() => {})
      file = undefined
      if (path === '') return
      await fs.promises.rm(path, { force: true }).catch(() => {})
      usage.add(-written)
    }
    function end() {
      if (ended) throw new Error('Sample is closed already')
      ended = true
      open--
    }

    return {
      async write(bytes) {
        if (!hashes && (!keeping || size + bytes.length > Math.min(bufferBytes - 1, capBytes)))
          hashes = names.map(name => createHash(name).update(buffer.subarray(0, held)))
        size += bytes.length
        if (hashes) for (const hash of hashes) hash.update(bytes)
        for (let at = 0; at < bytes.length && keeping && kept < capBytes; ) {
          const taken = Math.min(bytes.length - at, bufferBytes - held, capBytes - kept)
          buffer = roomFor(buffer, held, taken)
          bytes.copy(buffer, held, at, at + taken)
          at += taken
          held += taken
          kept += taken
          if (held === bufferBytes) await attempt(flush)
        }
      },
      async close() {
        end()
        const whole = buffer.subarray(0, held)
        const digests = hashes?.map(each => each.digest('hex')) ?? names.map(name => hash(name, whole))
        const [sha256, sha1, md5] = digests as [string, string, string]
        if (kept > 0) await attempt(() => store(sha256))
        return { sha256, sha1, md5, size, kept: keeping ? kept : 0 }
      },
      async abort() {
        if (ended) return
        end()
        keeping = false
        await discard()
      },
    }
  }
}

class Full extends Error {}

async function create(path: string): Promise<fs.promises.FileHandle> {
  const file = await fs.promises.open(path, durableFlags, fileMode)
  fs.chmodSync(path, fileMode)
  return file
}

/** A buffer with space for `more` bytes after the `held` ones: small samples, the most of them, take little. */
function roomFor(buffer: Buffer, held: number, more: number): Buffer {
  if (held + more <= buffer.length) return buffer
  const grown = Buffer.allocUnsafeSlow(Math.min(bufferBytes, Math.max(4096, 2 * (held + more))))
  buffer.copy(grown, 0, 0, held)
  return grown
}

/** What processes that are gone left half written. Two sides of one sensor share the directory, so a living one's stay. */
function removeLeftovers(temporary: string) {
  for (const name of fs.readdirSync(temporary)) {
    const pid = Number.parseInt(name, 10)
    if (pid !== process.pid && isAlive(pid)) continue
    fs.rmSync(`${temporary}/${name}`, { force: true })
  }
}

function isAlive(pid: number): boolean {
  try {
    return pid > 0 && process.kill(pid, 0)
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM'
  }
}
