import { createHash } from 'node:crypto'
import type { Leavings } from '#artifacts/leavings.ts'

/** One attacker's place among what is kept. */
export type Kept = {
  /** What they left when they were here before; asked for once. */
  read(): Buffer | undefined
  /** What they leave now; nothing is written where nothing changed. */
  write(bytes: Buffer | undefined): void
  /** From now on, and until it is closed, `save` has to be called before the process ends. */
  opened(save: () => void): void
  closed(save: () => void): void
}

const open = new WeakMap<Leavings, Set<() => void>>()
const openOf = (leavings: Leavings): Set<() => void> => {
  const found = open.get(leavings) ?? new Set()
  open.set(leavings, found)
  return found
}

/** Writes what is not packed because somebody is still there: when the process ends. */
export const saveOpen = (leavings: Leavings): void => {
  for (const save of openOf(leavings)) save()
}

export const shelfOf = (leavings: Leavings, name: string): Kept => {
  let last: string | undefined
  const digest = (bytes: Buffer): string => createHash('sha256').update(bytes).digest('base64')
  return {
    read() {
      const bytes = leavings.read(name)
      last = bytes && digest(bytes)
      return bytes
    },
    write(bytes) {
      const now = bytes && digest(bytes)
      if (now === last) return
      last = now
      leavings.write(name, bytes)
    },
    opened: save => void openOf(leavings).add(save),
    closed: save => void openOf(leavings).delete(save),
  }
}
