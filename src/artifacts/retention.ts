import fs from 'node:fs'
import path from 'node:path'
import { walk } from './usage.ts'

/** Removes the oldest samples until all take at most `quotaBytes`; those on their way stay. Tells which went. */
export async function trimSamples(options: {
  directory: string
  quotaBytes: number
}): Promise<{ removed: { sha256: string; bytes: number }[]; bytes: number }> {
  const { directory, quotaBytes } = options
  const samples = []
  let bytes = 0
  for await (const kept of walk(directory)) {
    bytes += kept.bytes
    const sha256 = path.basename(kept.path)
    if (/^[0-9a-f]{64}$/.test(sha256)) samples.push({ ...kept, sha256 })
  }
  samples.sort((a, b) => a.modifiedAt - b.modifiedAt)
  const removed = []
  for (const sample of samples) {
    if (bytes <= quotaBytes) break
    await fs.promises.rm(sample.path, { force: true })
    bytes -= sample.bytes
    removed.push({ sha256: sample.sha256, bytes: sample.bytes })
  }
  return { removed, bytes }
}
