import type { Sighting } from './stories.ts'

/** A SYN whose handshake may yet come about. */
export type Pending = { sighting: Sighting; sequence: number; packets: number }

/** Milliseconds that a client has for the rest of its handshake before its SYN counts as a probe. */
export const patience = 2_000

/** Bytes that a client may have sent when its first packet without payload is seen. */
const reach = 1 << 20

/**
 * Tells probes from connections: a SYN is held back until its handshake is done, broken off, or overdue. Over the cap the
 * oldest are taken for probes early, so nothing is lost but the difference.
 */
export function handshakes(probe: (key: string, pending: Pending) => void, most = 32_768) {
  /** In order of time. */
  const held = new Map<string, Pending>()

  const give = (key: string, pending: Pending) => {
    held.delete(key)
    probe(key, pending)
  }

  /** Many at once: to find the first of a map that is deleted from takes a walk over the holes. */
  function giveOldest(count: number): void {
    let left = count
    for (const [key, pending] of held) {
      if (left-- === 0) return
      give(key, pending)
    }
  }

  return {
    syn(key: string, sighting: Sighting): void {
      const known = held.get(key)
      if (known && known.sequence === sighting.sequence) {
        known.packets++
        return
      }
      if (known) give(key, known)
      if (held.size >= most) giveOldest(most >> 1)
      held.set(key, { sighting, sequence: sighting.sequence, packets: 1 })
    },
    /** A packet with ACK of somebody whose SYN is held: the handshake's last, or a later one? It is forgotten then. */
    done(key: string, sequence: number): Pending | undefined {
      const known = held.get(key)
      if (!known) return undefined
      const ahead = (sequence - known.sequence) >>> 0
      if (ahead < 1 || ahead > reach) return undefined
      held.delete(key)
      return known
    },
    /** It was broken off. Was it held? */
    broken(key: string): boolean {
      const known = held.get(key)
      if (known) give(key, known)
      return known !== undefined
    },
    /** `now` on the clock of the packets. */
    sweep(now: number): void {
      for (const [key, pending] of held) {
        if (now - pending.sighting.at < patience) break
        give(key, pending)
      }
    },
    close(): void {
      for (const [key, pending] of [...held]) give(key, pending)
    },
    stats: () => held.size,
  }
}
