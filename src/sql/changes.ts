import { SqlError } from './error.ts'
import { CAPACITY, type Row, rowWeight, type Table, type Use } from './store.ts'

type Touched = {
  /** The rows as they stood, once one of them went. */
  order: readonly Row[] | undefined
  gone: Set<Row>
  made: Set<Row>
}

/** What undoing a definition costs in memory, roughly. */
const DEFINITION = 512

/**
 * What was changed since a point that one may go back to: the beginning of a statement, BEGIN, SAVEPOINT. A changed row is a new one, so rows are
 * told apart by identity, and what other sessions wrote to the same tables meanwhile stays. Old rows are held until
 * `keep` or `undo`, and bounded by what all tables may hold.
 */
export class Changes {
  private readonly use: Use
  private readonly epoch: number
  private readonly tables = new Map<Table, Touched>()
  private readonly definitions: (() => void)[] = []
  private held = 0

  constructor(use: Use) {
    this.use = use
    this.epoch = use.epoch
  }

  came(table: Table, row: Row): void {
    this.touched(table).made.add(row)
  }
  /** Call before the row goes from the table's rows. */
  went(table: Table, row: Row): void {
    const one = this.touched(table)
    if (one.made.delete(row)) return
    this.hold(rowWeight(row))
    one.order ??= table.rows.filter(other => !one.made.has(other))
    one.gone.add(row)
  }
  /** A definition changed; `undo` takes that back. `weight`: bytes of what is held for it. */
  defined(undo: () => void, weight = 0): void {
    this.hold(DEFINITION + weight)
    this.definitions.push(undo)
  }

  /** Everything as it was. */
  undo(): void {
    if (this.use.epoch === this.epoch) {
      for (const [table, one] of this.tables) this.restore(table, one)
      for (const undo of this.definitions.toReversed()) undo()
    }
    this.forget()
  }
  /** Nothing of it is taken back any more. */
  keep(): void {
    this.forget()
  }
  /** What a later point knows, which is no point any more. */
  absorb(later: Changes): void {
    for (const [table, { order, gone, made }] of later.tables) {
      const one = this.touched(table)
      if (order) one.order ??= order.filter(row => !one.made.has(row))
      for (const row of gone) if (!one.made.delete(row)) one.gone.add(row)
      for (const row of made) one.made.add(row)
    }
    this.definitions.push(...later.definitions)
    this.held += later.held
    later.held = 0
    later.forget()
  }

  private touched(table: Table): Touched {
    const known = this.tables.get(table)
    if (known) return known
    const one: Touched = { order: undefined, gone: new Set(), made: new Set() }
    this.tables.set(table, one)
    return one
  }
  private hold(bytes: number) {
    if (this.use.held + bytes > CAPACITY) throw new SqlError('too much', ['bytes'])
    this.use.held += bytes
    this.held += bytes
  }
  private restore(table: Table, { order = [], gone, made }: Touched) {
    const there = new Set(table.rows)
    const known = new Set(order)
    for (const row of made) if (there.has(row)) this.use.bytes -= rowWeight(row)
    for (const row of gone) this.use.bytes += rowWeight(row)
    table.rows = [
      ...order.filter(row => gone.has(row) || there.has(row)),
      ...table.rows.filter(row => !known.has(row) && !made.has(row)),
    ]
  }
  private forget() {
    if (this.use.epoch === this.epoch) this.use.held -= this.held
    this.held = 0
    this.tables.clear()
    this.definitions.length = 0
  }
}
