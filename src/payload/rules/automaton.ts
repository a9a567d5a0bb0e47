import { lower } from './pattern.ts'

/** Finds many literals in one pass, whatever their number. */
export type Automaton = {
  /** Calls `found(which, end)` for each literal (its index in the list) that ends before `end`; letters in either case. */
  scan: (bytes: Uint8Array, found: (which: number, end: number) => void) => void
  states: number
}

type Table = { table: Uint16Array; column: Uint8Array; width: number; ends: number[][] }

/** Aho and Corasick, "Efficient string matching" (CACM 1975), as a table of moves: one look-up a byte. */
export function automatonOf(literals: readonly Uint8Array[]): Automaton {
  const { table, column, width, ends } = build(literals)
  const marked = Uint8Array.from(ends, list => (list.length > 0 ? 1 : 0))
  return {
    states: ends.length,
    scan: (bytes, found) => {
      let state = 0
      for (let i = 0; i < bytes.length; i++) {
        state = table[state * width + column[bytes[i]!]!]!
        if (marked[state] === 1) for (const which of ends[state]!) found(which, i + 1)
      }
    },
  }
}

/** Bytes that no literal has share a column; letters have one for both cases. */
function build(literals: readonly Uint8Array[]): Table {
  const column = new Uint8Array(256)
  let width = 1
  for (const literal of literals) for (const byte of literal) if (column[byte] === 0) column[byte] = width++
  const size = 1 + literals.reduce((sum, literal) => sum + literal.length, 0)
  if (size > 65_535) throw new Error('Too many literals for states of 16 bits')
  const moves = new Uint16Array(size * width)
  const ends: number[][] = [[]]
  for (const [which, literal] of literals.entries()) {
    let state = 0
    for (const byte of literal) {
      const place = state * width + column[byte]!
      if (moves[place] === 0) {
        moves[place] = ends.length
        ends.push([])
      }
      state = moves[place]!
    }
    ends[state]!.push(which)
  }
  const table = moves.slice(0, ends.length * width)
  complete(table, width, ends)
  for (let i = 0; i < 256; i++) column[i] = column[lower[i]!]!
  return { table, column, width, ends }
}

/** Breadth first: a move that is missing is that of the longest suffix; so are the literals that end with it. */
function complete(moves: Uint16Array, width: number, ends: number[][]): void {
  const suffix = new Uint16Array(moves.length / width)
  const queue: number[] = []
  for (let c = 0; c < width; c++) if (moves[c] !== 0) queue.push(moves[c]!)
  for (let head = 0; head < queue.length; head++) {
    const state = queue[head]!
    const fallback = suffix[state]!
    ends[state]!.push(...ends[fallback]!)
    for (let c = 0; c < width; c++) {
      const next = moves[state * width + c]!
      if (next === 0) moves[state * width + c] = moves[fallback * width + c]!
      else {
        suffix[next] = moves[fallback * width + c]!
        queue.push(next)
      }
    }
  }
}
