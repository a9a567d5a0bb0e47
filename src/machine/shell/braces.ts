import type { Part, Word } from './ast.ts'

/** A word as single unquoted characters and whole other parts. */
type Item = string | Part
type Grow = (count: number) => void

/** `a{b,c}` and `{1..9..2}` (bash manual 3.5.1). `grow` is told how many words there will be, and may throw. */
export const expandBraces = (word: Word, grow: Grow): Word[] => {
  if (!word.parts.some(part => part.kind === 'text' && !part.quoted && part.text.includes('{'))) return [word]
  const items: Item[] = word.parts.flatMap((part): Item[] =>
    part.kind === 'text' && !part.quoted ? [...part.text] : [part],
  )
  const budget = { left: 0 }
  return expand(items, grow, budget).map(items => ({ parts: partsOf(items), raw: word.raw }))
}

const partsOf = (items: Item[]): Part[] => {
  const parts: Part[] = []
  let text = ''
  for (const item of items) {
    if (typeof item === 'string') {
      text += item
      continue
    }
    if (text !== '') parts.push({ kind: 'text', text, quoted: false })
    text = ''
    parts.push(item)
  }
  if (text !== '') parts.push({ kind: 'text', text, quoted: false })
  return parts
}

const expand = (items: Item[], grow: Grow, budget: { left: number }): Item[][] => {
  for (let open = items.indexOf('{'); open !== -1; open = items.indexOf('{', open + 1)) {
    const found = braceAt(items, open)
    if (!found) continue
    const { close, commas } = found
    const choices = commas.length > 0 ? split(items, open, close, commas) : sequence(items.slice(open + 1, close), grow)
    if (!choices) continue
    const heads = choices.flatMap(choice => (commas.length > 0 ? expand(choice, grow, budget) : [choice]))
    const tails = expand(items.slice(close + 1), grow, budget)
    grow(heads.length * tails.length)
    const before = items.slice(0, open)
    return heads.flatMap(head => tails.map(tail => [...before, ...head, ...tail]))
  }
  return [items]
}

/** The brace that closes the one at `open`, and the commas between them on the same level. */
const braceAt = (items: Item[], open: number): { close: number; commas: number[] } | undefined => {
  const commas: number[] = []
  let depth = 0
  for (let i = open + 1; i < items.length; i++) {
    const item = items[i]
    if (item === '{') depth++
    else if (item === '}' && depth-- === 0) return { close: i, commas }
    else if (item === ',' && depth === 0) commas.push(i)
  }
  return undefined
}

const split = (items: Item[], open: number, close: number, commas: number[]): Item[][] => {
  const edges = [open, ...commas, close]
  return edges.slice(1).map((edge, i) => items.slice(edges[i]! + 1, edge))
}

const sequence = (items: Item[], grow: Grow): Item[][] | undefined => {
  if (items.length > 64 || !items.every(item => typeof item === 'string')) return undefined
  const text = items.join('')
  const numbers = /^([-+]?\d{1,18})\.\.([-+]?\d{1,18})(?:\.\.([-+]?\d{1,18}))?$/.exec(text)
  const letters = /^([A-Za-z])\.\.([A-Za-z])(?:\.\.([-+]?\d{1,9}))?$/.exec(text)
  if (numbers) {
    const [from, to] = [Number(numbers[1]), Number(numbers[2])]
    const padded = [numbers[1]!, numbers[2]!].some(number => /^[-+]?0\d/.test(number))
    const width = padded ? Math.max(numbers[1]!.length, numbers[2]!.length) : 0
    return count(from, to, Number(numbers[3] ?? 1), grow).map(n => {
      const digits = String(Math.abs(n)).padStart(width - (n < 0 ? 1 : 0), '0')
      return [...(n < 0 ? `-${digits}` : digits)]
    })
  }
  if (!letters) return undefined
  return count(letters[1]!.charCodeAt(0), letters[2]!.charCodeAt(0), Number(letters[3] ?? 1), grow).map(code => {
    const c = String.fromCharCode(code)
    // What lies between Z and a is not special any more, though it may be a backslash or a backquote.
    return [/[A-Za-z]/.test(c) ? c : { kind: 'text' as const, text: c === '\\' ? '' : c, quoted: true }]
  })
}

const count = (from: number, to: number, by: number, grow: Grow): number[] => {
  const step = Math.abs(by) || 1
  const length = Math.floor(Math.abs(to - from) / step) + 1
  grow(length)
  return Array.from({ length }, (_, i) => (from <= to ? from + i * step : from - i * step))
}
