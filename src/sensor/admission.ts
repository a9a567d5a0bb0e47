import type { Conn } from './conn.ts'

export type AdmissionLimits = { connections: number; perSource: number }

/**
 * Who may stay connected. Over a cap, the connection that has been silent the longest gives its place to the new one, so
 * a flood of idle connections does not shut honest visitors out; where nobody is silent, the new one is refused.
 */
export class Admission {
  refused = 0
  evicted = 0
  #limits: AdmissionLimits
  #all = new Map<Conn, string>()
  #sources = new Map<string, Set<Conn>>()

  constructor(limits: AdmissionLimits) {
    this.#limits = limits
  }
  get size(): number {
    return this.#all.size
  }

  /** False: no room, close it. */
  admit(ip: string, conn: Conn): boolean {
    const mine = this.#sources.get(ip) ?? new Set()
    if (!this.#room(mine, this.#limits.perSource) || !this.#room(this.#all, this.#limits.connections)) {
      this.refused++
      return false
    }
    this.#sources.set(ip, mine.add(conn))
    this.#all.set(conn, ip)
    return true
  }

  leave(conn: Conn): void {
    const ip = this.#all.get(conn)
    if (ip === undefined) return
    this.#all.delete(conn)
    const mine = this.#sources.get(ip)
    mine?.delete(conn)
    if (mine?.size === 0) this.#sources.delete(ip)
  }

  /** Once a second: ends what is past its deadlines. */
  sweep(now: number): void {
    for (const conn of this.#all.keys()) conn.expire(now)
  }

  closeAll(): void {
    for (const conn of this.#all.keys()) conn.hangup('shutdown')
  }

  #room(held: { size: number; keys(): Iterable<Conn> }, cap: number): boolean {
    if (held.size < cap) return true
    let looked = 0
    for (const conn of held.keys()) {
      if (conn.received === 0) {
        this.evicted++
        conn.hangup('evicted')
        this.leave(conn)
        return true
      }
      if (++looked >= 64) break
    }
    return false
  }
}
