import fs from 'node:fs'
import path from 'node:path'
import { walk } from './usage.ts'

/** Finished samples, and recordings, by the names of their files; what is on its way has another. */
export const sampleName = /^[0-9a-f]{64}$/
export const recordingName = /^[0-9a-f-]{36}(-\d+)?\.cast\.zst$/

/** Removes the oldest files of such a name until all take at most `quotaBytes`. Tells which went. */
export async function trimOldest(options: {
  directory: string
  quotaBytes: number
  name: RegExp
}): Promise<{ removed: { name: string; bytes: number }[]; bytes: number }> {
  const { directory, quotaBytes, name } = options
  const files = []
  let bytes = 0
  for await (const kept of walk(directory)) {
    bytes += kept.bytes
    if (name.test(path.basename(kept.path))) files.push(kept)
  }
  files.sort((a, b) => a.modifiedAt - b.modifiedAt)
  const removed = []
  for (const file of files) {
    if (bytes <= quotaBytes) break
    await fs.promises.rm(file.path, { force: true })
    bytes -= file.bytes
    removed.push({ name: path.basename(file.path), bytes: file.bytes })
  }
  return { removed, bytes }
}
