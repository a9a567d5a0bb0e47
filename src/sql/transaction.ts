import { Changes } from './changes.ts'
import { SqlError } from './error.ts'
import type { Use } from './store.ts'

/** Points of one transaction that one may go back to. */
const MOST_POINTS = 256

/**
 * One session's transaction: BEGIN, its savepoints, and the statement at hand, of which nothing stays when it fails. What is not committed
 * is seen by the attacker's other sessions: there is no isolation.
 */
export class Transaction {
  private readonly use: Use
  /** The transaction itself, then its savepoints. */
  private points: { name: string; changes: Changes }[] = []
  private current: Changes | undefined

  constructor(use: Use) {
    this.use = use
  }

  get open(): boolean {
    return this.points.length > 0
  }
  /** Where the statement at hand notes what it changes. */
  get changes(): Changes | undefined {
    return this.current
  }

  /** Carries out one statement: wholly, or not at all. */
  async statement<T>(work: () => T | Promise<T>): Promise<T> {
    const own = new Changes(this.use)
    this.current = own
    try {
      const answer = await work()
      const under = this.points.at(-1)
      if (under) under.changes.absorb(own)
      else own.keep()
      return answer
    } catch (error) {
      own.undo()
      throw error
    } finally {
      this.current = undefined
    }
  }

  begin(): void {
    if (!this.open) this.points.push({ name: '', changes: new Changes(this.use) })
  }
  commit(): void {
    for (const { changes } of this.points) changes.keep()
    this.points = []
  }
  rollback(): void {
    for (const { changes } of this.points.toReversed()) changes.undo()
    this.points = []
  }

  save(name: string): void {
    if (this.points.length >= MOST_POINTS) throw new SqlError('too much', ['savepoints'])
    this.points.push({ name, changes: new Changes(this.use) })
  }
  /** To the last savepoint of that name, which stays; false when there is none. */
  back(name: string): boolean {
    const at = this.find(name)
    if (at < 1) return false
    for (const { changes } of this.points.splice(at).toReversed()) changes.undo()
    this.save(name)
    return true
  }
  /** Forgets the last savepoint of that name and all after it, and keeps what was done; false when there is none. */
  release(name: string): boolean {
    const at = this.find(name)
    if (at < 1) return false
    for (const { changes } of this.points.splice(at)) this.points.at(-1)!.changes.absorb(changes)
    return true
  }
  private find(name: string): number {
    return this.points.findLastIndex((point, i) => i > 0 && point.name === name)
  }
}
