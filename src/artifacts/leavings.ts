import { createHash, createHmac, timingSafeEqual } from 'node:crypto'
import fs from 'node:fs'
import { type Bounds, beyond, fileMode, freeBytes, shareDirectory } from '#events/journal/disk.ts'
import { openUsage } from './usage.ts'

/** What attackers left on pretended machines, for when they come back: by a name of the machine's and the attacker's. */
export type Leavings = {
  /** What was kept last under this name; `undefined` where nothing is, where it is too old, and where it is damaged. */
  read(name: string): Buffer | undefined
  /** Never throws: what cannot be kept is forgotten with the memory of the process. */
  write(name: string, bytes: Buffer | undefined): void
}

export type LeavingsOptions = Bounds & {
  /** Often relative to the data directory. */
  directory: string
  /** Only what was sealed with it is read again. */
  key: Buffer
  /** Milliseconds for which something is kept after it was written; 0 keeps nothing. */
  ageMs: number
  now: () => number
  /** A file that is not as it was written, or something that could not be read or written. */
  onTrouble?: (why: string) => void
}

/** More than an attacker may leave. */
const most = 32 << 20
const sealBytes = 32

/**
 * Opens the store: `machines/<first two hex>/<SHA-256 of the name>`, an HMAC-SHA-256 of the rest and then the rest. Reads
 * and writes at once, since an attacker's machine has to be there when they are let in, and kept when the sensor stops.
 */
export function openLeavings(options: LeavingsOptions): Leavings {
  const { directory, key, ageMs, now, onTrouble } = options
  const usage = openUsage(directory)
  let used = 0
  if (ageMs > 0) {
    try {
      shareDirectory(directory)
    } catch (error) {
      onTrouble?.(String(error))
    }
    void usage.bytes()
  }
  const hashOf = (name: string): string => createHash('sha256').update(name).digest('hex')
  const seal = (bytes: Buffer): Buffer => createHmac('sha256', key).update(bytes).digest()
  const remove = (path: string): void => {
    try {
      fs.rmSync(path, { force: true })
    } catch (error) {
      onTrouble?.(String(error))
    }
  }

  return {
    read(name) {
      if (ageMs === 0) return undefined
      const path = pathOf(directory, hashOf(name))
      try {
        const { size, mtimeMs } = fs.lstatSync(path)
        if (now() - mtimeMs > ageMs) {
          remove(path)
          return undefined
        }
        const bytes = size > most || size <= sealBytes ? Buffer.alloc(0) : fs.readFileSync(path)
        const rest = bytes.subarray(sealBytes)
        if (rest.length > 0 && timingSafeEqual(bytes.subarray(0, sealBytes), seal(rest))) return rest
        onTrouble?.(`${path} is not as it was written`)
        remove(path)
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code !== 'ENOENT') onTrouble?.(String(error))
      }
      return undefined
    },
    write(name, bytes) {
      if (ageMs === 0) return
      const path = pathOf(directory, hashOf(name))
      if (!bytes) return remove(path)
      void usage.bytes().then(sum => {
        used = sum
      })
      const draft = `${path}.new`
      try {
        if (bytes.length > most || beyond(options, used + bytes.length, freeBytes(directory))) return usage.doubt()
        fs.mkdirSync(path.slice(0, path.lastIndexOf('/')), { recursive: true })
        fs.writeFileSync(draft, Buffer.concat([seal(bytes), bytes]), { mode: fileMode })
        fs.renameSync(draft, path)
        usage.add(bytes.length + sealBytes)
      } catch (error) {
        onTrouble?.(String(error))
        // A full disk takes a part of it, which would lie there for good.
        remove(draft)
      }
    },
  }
}

const pathOf = (directory: string, hash: string): string => `${directory}/${hash.slice(0, 2)}/${hash}`
