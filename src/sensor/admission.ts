import { networkOf } from './address.ts'
import type { Conn } from './conn.ts'

export type AdmissionLimits = { connections: number; perSource: number }

/** Milliseconds after which a peer that has spoken counts as silent. */
const SILENT = 5_000
/** Connections looked at to find a place for one. */
const LOOKS = 64

/**
 * Who may stay connected. Over a cap, a connection that has never spoken, or else the one that has been silent the
 * longest, gives its place to the new one, so a flood of idle connections does not shut honest visitors out; where
 * nobody is silent, the new one is refused.
 */
export class Admission {
  refused = 0
  evicted = 0
  #limits: AdmissionLimits
  /** Whoever was found talking stands at the end. */
  #all = new Map<Conn, string>()
  #sources = new Map<string, Map<Conn, string>>()

  constructor(limits: AdmissionLimits) {
    this.#limits = limits
  }
  get size(): number {
    return this.#all.size
  }

  /** False: no room, close it. */
  admit(ip: string, conn: Conn): boolean {
    const source = networkOf(ip)
    const mine = this.#sources.get(source) ?? new Map<Conn, string>()
    if (!this.#room(mine, this.#limits.perSource) || !this.#room(this.#all, this.#limits.connections)) {
      this.refused++
      return false
    }
    this.#sources.set(source, mine.set(conn, source))
    this.#all.set(conn, source)
    return true
  }

  /** The same connection under the address that its front end told; the caps of that one hold. */
  move(conn: Conn, ip: string): boolean {
    this.leave(conn)
    return this.admit(ip, conn)
  }

  leave(conn: Conn): void {
    const source = this.#all.get(conn)
    if (source === undefined) return
    this.#all.delete(conn)
    const mine = this.#sources.get(source)
    mine?.delete(conn)
    if (mine?.size === 0) this.#sources.delete(source)
  }

  /** Once a second: ends what is past its deadlines. */
  sweep(now: number): void {
    for (const conn of this.#all.keys()) conn.expire(now)
  }

  closeAll(): void {
    for (const conn of this.#all.keys()) conn.hangup('shutdown')
  }

  #room(held: Map<Conn, string>, cap: number): boolean {
    if (held.size < cap) return true
    const victim = this.#mostSilent(held)
    if (!victim) return false
    this.evicted++
    victim.hangup('evicted')
    this.leave(victim)
    return true
  }

  #mostSilent(held: Map<Conn, string>): Conn | undefined {
    let longest = SILENT
    let found: Conn | undefined
    let looks = Math.min(LOOKS, held.size)
    for (const [conn, source] of held) {
      if (looks-- === 0) break
      if (conn.received === 0) return conn
      const { silence } = conn
      if (silence > longest) {
        longest = silence
        found = conn
      } else if (silence <= SILENT) {
        // To the back: whoever talks at the front would hide the silent behind them for good.
        held.delete(conn)
        held.set(conn, source)
      }
    }
    return found
  }
}
