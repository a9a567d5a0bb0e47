/** Where packets are lost: in the kernel before tcpdump read them, or here. */
export type Where = 'kernel' | 'capture'
type Loss = { where: Where; count: number; why: string }

/** Counts what is lost, by reason, until it is told. Reasons are words of ours: there are few. */
export function losses() {
  const counts = new Map<string, Loss>()
  return {
    add(where: Where, why: string, count = 1): void {
      const known = counts.get(why)
      if (known) known.count += count
      else counts.set(why, { where, count, why })
    },
    /** All since the last time. */
    take(): Loss[] {
      const all = [...counts.values()]
      counts.clear()
      return all
    },
  }
}
export type Losses = ReturnType<typeof losses>
