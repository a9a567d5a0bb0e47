import type { File } from './tree.ts'

const MOST = 64 << 10
const BUDGET = 8 << 20
/** What an entry costs beside its bytes. */
const ENTRY = 1 << 10

/**
 * What attackers left, kept for them to read back: the newest few megabytes over all of them. The whole files are in
 * the sample store, out of the exposed side's reach.
 */
const kept = new Map<File, Buffer>()
let held = 0

export function retain(file: File, bytes: Buffer) {
  if (bytes.length > MOST) return
  kept.set(file, bytes)
  held += bytes.length + ENTRY
  for (const [oldest, content] of kept) {
    if (held <= BUDGET) break
    kept.delete(oldest)
    held -= content.length + ENTRY
  }
}
/** Bytes of the largest file kept. */
retain.most = MOST

export const retained = (file: File): Buffer | undefined => kept.get(file)
