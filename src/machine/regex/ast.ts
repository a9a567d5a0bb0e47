/** Which bytes: one flag each. */
export type Bytes = Uint8Array

/** Places between bytes. `lineStart` and `lineEnd` are `^` and `$` of that expression's mode. */
export type Place =
  | 'lineStart'
  | 'lineEnd'
  | 'textStart'
  | 'textEnd'
  | 'lastEnd'
  | 'wordStart'
  | 'wordEnd'
  | 'word'
  | 'notWord'
  | 'noWordBefore'
  | 'noWordAfter'

/** A regular expression over bytes, whatever language it was written in. */
export type Node =
  | { kind: 'set'; bytes: Bytes }
  | { kind: 'empty' }
  | { kind: 'place'; place: Place; multiline?: boolean }
  | { kind: 'group'; number: number; body: Node }
  | { kind: 'sequence'; nodes: readonly Node[] }
  | { kind: 'choice'; nodes: readonly Node[] }
  | { kind: 'repeat'; body: Node; low: number; high: number; how?: 'lazy' | 'possessive' }
  | { kind: 'back'; number: number; fold: boolean }
  | { kind: 'look'; ahead: boolean; negated: boolean; body: Node }
  | { kind: 'atomic'; body: Node }
  | { kind: 'keep' }

/** Counts work; throws when there has been too much. */
export type Step = (cost?: number) => void

const bytesOf = (test: (code: number) => boolean): Bytes =>
  Uint8Array.from({ length: 256 }, (_, i) => (test(i) ? 1 : 0))
const among =
  (text: string): ((code: number) => boolean) =>
  code =>
    text.includes(String.fromCharCode(code))
const between = (low: string, high: string) => (code: number) => code >= low.charCodeAt(0) && code <= high.charCodeAt(0)
const either =
  (...tests: ((code: number) => boolean)[]) =>
  (code: number) =>
    tests.some(test => test(code))

const upper = between('A', 'Z')
const lower = between('a', 'z')
const digit = between('0', '9')
const graph = between('!', '~')
const alnum = either(upper, lower, digit)

/** Character classes of the C locale by name. */
export const classes: ReadonlyMap<string, Bytes> = new Map(
  Object.entries({
    alpha: either(upper, lower),
    digit,
    alnum,
    upper,
    lower,
    space: among(' \t\n\r\f\v'),
    blank: among(' \t'),
    punct: (code: number) => graph(code) && !alnum(code),
    print: between(' ', '~'),
    graph,
    cntrl: (code: number) => code < 32 || code === 127,
    xdigit: either(digit, between('a', 'f'), between('A', 'F')),
  }).map(([name, test]) => [name, bytesOf(test)]),
)

export const wordBytes = bytesOf(either(alnum, among('_')))
export const spaceBytes = classes.get('space')!
export const anyByte = bytesOf(() => true)
export const notNewline = bytesOf(code => code !== 10)

export const inverted = (bytes: Bytes): Bytes => bytes.map(flag => 1 - flag)
/** Both cases of each letter. */
export const folded = (bytes: Bytes): Bytes => {
  const both = bytes.slice()
  for (let code = 65; code <= 90; code++) both[code] = both[code + 32] = bytes[code]! | bytes[code + 32]!
  return both
}

const singles: (Bytes | undefined)[] = []
export const single = (char: string, fold = false): Bytes => {
  const code = char.charCodeAt(0) & 0xff
  const key = fold ? code + 256 : code
  singles[key] ??= fold ? folded(bytesOf(one => one === code)) : bytesOf(one => one === code)
  return singles[key]
}

export const isWord = (text: string, at: number): boolean =>
  at >= 0 && at < text.length && wordBytes[text.charCodeAt(at)] === 1

/** Whether the place is at this point of the text. */
export const isAt = (place: Place, multiline: boolean, text: string, at: number, notStart: boolean): boolean => {
  switch (place) {
    case 'textStart':
      return at === 0 && !notStart
    case 'lineStart':
      return (at === 0 && !notStart) || (multiline && at > 0 && text[at - 1] === '\n')
    case 'textEnd':
      return at === text.length
    case 'lastEnd':
      return at === text.length || (at === text.length - 1 && text[at] === '\n')
    case 'lineEnd':
      return at === text.length || (multiline && text[at] === '\n')
    case 'wordStart':
      return isWord(text, at) && !isWord(text, at - 1)
    case 'wordEnd':
      return !isWord(text, at) && isWord(text, at - 1)
    case 'noWordBefore':
      return !isWord(text, at - 1)
    case 'noWordAfter':
      return !isWord(text, at)
    case 'word':
      return isWord(text, at) !== isWord(text, at - 1)
    case 'notWord':
      return isWord(text, at) === isWord(text, at - 1)
  }
}
