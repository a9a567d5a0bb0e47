import type { Event } from '#events/event.ts'

/**
 * When each listener last met somebody. Only what was asked for once is followed, so that a scan of all ports adds
 * nothing; `ask` gives what the store knows from before.
 */
export function createLastSeen() {
  const seen = new Map<string, number>()
  const known = new Map<string, Promise<void>>()
  const note = (key: string, at: number) => void seen.set(key, Math.max(at, seen.get(key) ?? 0))

  return {
    note({ '@timestamp': at, skep, destination }: Event): void {
      if (!known.size || !destination) return
      const key = `${skep.service} ${destination.port}`
      if (known.has(key)) note(key, Date.parse(at))
    },
    /** Milliseconds since the epoch, or `undefined` for never. */
    async of(service: string, port: number, ask: () => Promise<number | undefined>): Promise<number | undefined> {
      const key = `${service} ${port}`
      let asked = known.get(key)
      if (!asked) {
        asked = ask().then(at => void (at !== undefined && note(key, at)))
        asked.catch(() => known.delete(key))
        known.set(key, asked)
      }
      await asked
      return seen.get(key)
    },
  }
}
