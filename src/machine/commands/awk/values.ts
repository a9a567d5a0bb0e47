/** Text that came from outside and looks like a number: it compares as one. */
export class Numeric {
  readonly text: string
  readonly number: number
  constructor(text: string, number: number) {
    this.text = text
    this.number = number
  }
}
/** A scalar; `undefined` is a variable that nobody set. */
export type Value = number | string | Numeric | undefined

/** MAX__Int of mawk: whole numbers up to here are written as such. */
const maxInt = 2_147_483_647

const leading =
  /^[ \t\n\v\f\r]*([-+]?(?:0[xX][0-9a-fA-F]+|(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][-+]?[0-9]+)?|inf(?:inity)?|nan))/i
const whole =
  /^[ \t\n\v\f\r]*[-+]?(?:0[xX][0-9a-fA-F]+|(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][-+]?[0-9]+)?)[ \t\n\v\f\r]*$/

/** What strtod(3) makes of the start of the text. */
export const numberIn = (text: string): number => {
  const found = leading.exec(text)?.[1]
  if (found === undefined) return 0
  const sign = found.startsWith('-') ? -1 : 1
  const bare = found.replace(/^[-+]/, '').toLowerCase()
  if (bare.startsWith('inf')) return sign * Infinity
  return bare === 'nan' ? Number.NaN : sign * Number(bare)
}

/** Text from outside: a number too where all of it is one. */
export const fromOutside = (text: string): Value => {
  const code = text.charCodeAt(0)
  // Most words cannot be numbers; letters first.
  if (code > 57 || !whole.test(text)) return text
  return new Numeric(text, numberIn(text))
}

export const toNumber = (value: Value): number => {
  if (typeof value === 'number') return value
  if (value === undefined) return 0
  return typeof value === 'string' ? numberIn(value) : value.number
}

export const toText = (value: Value, format: (number: number) => string): string => {
  if (typeof value === 'string') return value
  if (value === undefined) return ''
  if (typeof value !== 'number') return value.text
  return Number.isInteger(value) && Math.abs(value) <= maxInt ? String(value + 0) : format(value)
}

export const isTrue = (value: Value): boolean => {
  if (typeof value === 'number') return value !== 0
  if (value === undefined) return false
  return typeof value === 'string' ? value !== '' : value.number !== 0
}

/** Less than, equal, or greater: as numbers where both are. */
export const compare = (a: Value, b: Value, format: (number: number) => string): number => {
  if (typeof a !== 'string' && typeof b !== 'string') {
    const [x, y] = [toNumber(a), toNumber(b)]
    return x < y ? -1 : x > y ? 1 : 0
  }
  const [x, y] = [toText(a, format), toText(b, format)]
  return x < y ? -1 : x > y ? 1 : 0
}

/** An array; the last used element of each list of its hash table comes first, as in mawk. */
export type Table = Map<string, Value>

const fnv = (text: string): number => {
  let hash = 2_166_136_261
  for (let i = 0; i < text.length; i++) hash = Math.imul(hash ^ text.charCodeAt(i), 16_777_619)
  return hash >>> 0
}

/** The keys in the order that `for (k in a)` of mawk visits them: by FNV-1a in a table that doubles. */
export const keysOf = (table: Table): string[] => {
  let mask = 63
  while (table.size > (mask + 1) * 12) mask = mask * 2 + 1
  const lists = new Map<number, string[]>()
  for (const key of table.keys()) {
    const place = fnv(key) & mask
    const list = lists.get(place)
    if (list) list.unshift(key)
    else lists.set(place, [key])
  }
  return [...lists.keys()].toSorted((a, b) => a - b).flatMap(place => lists.get(place)!)
}
