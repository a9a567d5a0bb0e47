import {
  closeSync,
  fchownSync,
  mkdirSync,
  openSync,
  renameSync,
  rmSync,
  statSync,
  unlinkSync,
  writeSync,
} from 'node:fs'
import { dirname } from 'node:path'
import { durableFlags } from '#events/journal/disk.ts'

/**
 * Replaces a file whole or not at all, readable by its owner only, durable when this returns. Synchronous, so that a
 * read-change-write of a small file has no gap for another one.
 */
export function replaceFile(path: string, content: string): void {
  const folder = dirname(path)
  mkdirSync(folder, { recursive: true, mode: 0o700 })
  const temporary = `${path}.${process.pid}.tmp`
  rmSync(temporary, { force: true })
  const file = openSync(temporary, durableFlags, 0o600)
  try {
    // Root changes it on behalf of the unprivileged hive, which must still be able to read it.
    if (process.getuid?.() === 0) {
      const { uid, gid } = statSync(folder)
      fchownSync(file, uid, gid)
    }
    writeSync(file, content)
  } catch (error) {
    unlinkSync(temporary)
    throw error
  } finally {
    closeSync(file)
  }
  renameSync(temporary, path)
}
