import type { Conn } from '#sensor/conn.ts'

/** A word of a command (RFC 3501 §4): Latin-1, a byte a character. Lists are in parentheses. */
export type Word = { kind: 'atom' | 'string'; text: string; literal?: true } | { kind: 'list'; items: Word[] }

/**
 * A command as it was sent: lines and the literals between them, whether a literal was not wanted, and the bytes that the
 * connection is told are held for it.
 */
export type Sent = { pieces: (string | Buffer)[]; refused: boolean; held: number }

/** Bytes of a line, of all literals of a command, and their number. */
const MAX_LINE = 16_384
export const MAX_LITERALS = 2 << 20
const MOST_LITERALS = 64

/**
 * A whole command: after every `{n}` its literal is read, for which the client waits unless there is a plus (RFC 7888).
 * `wants` says, of what was sent so far, whether the next literal may come; a client that does not wait sends it anyway.
 */
export async function readCommand(
  conn: Conn,
  most: number,
  wants: (so: string) => boolean = () => true,
): Promise<Sent> {
  const pieces: (string | Buffer)[] = []
  let held = 0
  for (let left = most, literals = 0; ; literals++) {
    const line = (await conn.readLine(MAX_LINE)).toString('latin1')
    pieces.push(line)
    const [, digits, plus] = /\{(\d{1,10})(\+?)\}$/.exec(line) ?? []
    if (digits === undefined) return { pieces, refused: false, held }
    const length = Number(digits)
    const asked = pieces.map(piece => (typeof piece === 'string' ? piece : '""')).join('')
    const refused = length > left || literals >= MOST_LITERALS || !wants(asked)
    if (refused && plus !== '+') return { pieces, refused, held }
    if (plus !== '+') await conn.write('+ OK\r\n')
    const bytes: Buffer[] = []
    for (let missing = length; missing > 0; ) {
      const some = Buffer.from(await conn.readSome(Math.min(missing, 64 << 10)))
      missing -= some.length
      if (refused) continue
      bytes.push(some)
      held += some.length
      conn.keep(some.length)
    }
    left -= length
    pieces.push(Buffer.concat(bytes))
    if (refused) {
      await conn.readLine(MAX_LINE)
      return { pieces, refused, held }
    }
  }
}

/** A parser's complaint, in Dovecot's words. */
export class Bad extends Error {}

/** What an atom is made of, as Dovecot takes it: passwords have all kinds of signs. */
const ATOM = /^[^ ()"{]+/
const SECTION = /^(?:[^ ()"[{]|\[[^\]]*(?:\]|$))+/

/** Reads words off a command's pieces. */
export class Words {
  #pieces: readonly (string | Buffer)[]
  #piece = 0
  #at = 0
  #sections = false
  constructor(pieces: readonly (string | Buffer)[]) {
    this.#pieces = pieces
  }
  get #text(): string {
    const piece = this.#pieces[this.#piece]
    return typeof piece === 'string' ? piece : ''
  }
  /** Nothing but blanks is left. */
  get over(): boolean {
    return this.#piece >= this.#pieces.length - 1 && this.#text.slice(this.#at).trim() === ''
  }
  /** Up to the next blank, whatever it is: a tag, a command. */
  bare(): string {
    const found = /^[^ ]*/.exec(this.#text.slice(this.#at))![0]
    this.#at += found.length
    this.#skip()
    return found
  }
  /** What is left of the line. */
  rest(): string {
    return this.#text.slice(this.#at)
  }
  #skip() {
    while (this.#text[this.#at] === ' ') this.#at++
  }

  /** The next word; `undefined` at the end. */
  next(depth = 0): Word | undefined {
    this.#skip()
    const text = this.#text
    const first = text[this.#at]
    if (first === undefined) return undefined
    if (first === '(') return this.#list(depth)
    if (first === '"') return this.#quoted()
    // The tilde lets NULs in (RFC 3516).
    const literal = /^~?\{\d{1,10}\+?\}$/.exec(text.slice(this.#at))
    if (literal) {
      const bytes = this.#pieces[this.#piece + 1]
      this.#piece += 2
      this.#at = 0
      return { kind: 'string', text: Buffer.isBuffer(bytes) ? bytes.toString('latin1') : '', literal: true }
    }
    const atom = (this.#sections ? SECTION : ATOM).exec(text.slice(this.#at))?.[0] ?? ''
    if (/[\x80-\xff]/.test(atom)) throw new Bad('8bit data in atom')
    this.#at += atom.length
    if (atom === '' || !/^[ )]?$/.test(text.charAt(this.#at))) throw new Bad('Invalid characters in atom')
    return { kind: 'atom', text: atom }
  }
  /** All that is left; `sections` when brackets hold what belongs together: `BODY[HEADER.FIELDS (DATE)]<0.10>`. */
  all(sections = false): Word[] {
    this.#sections = sections
    const words: Word[] = []
    for (let word = this.next(); word; word = this.next()) words.push(word)
    return words
  }
  #list(depth: number): Word {
    if (depth > 8) throw new Bad('Too many nested lists')
    this.#at++
    const items: Word[] = []
    for (;;) {
      this.#skip()
      if (this.#text[this.#at] === ')') {
        this.#at++
        return { kind: 'list', items }
      }
      const item = this.next(depth + 1)
      if (!item) throw new Bad("Missing ')'")
      items.push(item)
    }
  }
  #quoted(): Word {
    const found = /^"((?:[^"\\]|\\.)*)"/s.exec(this.#text.slice(this.#at))
    if (!found) throw new Bad("Missing '\"'")
    this.#at += found[0].length
    return { kind: 'string', text: found[1]!.replace(/\\(.)/gs, '$1') }
  }
}

/** The text of a word that is no list. */
export const textOf = (word: Word | undefined): string | undefined =>
  word === undefined || word.kind === 'list' ? undefined : word.text

/** A string as servers write it: quoted where it can be, a literal otherwise; NIL for none. */
export function quoted(text: string | undefined): string {
  if (text === undefined) return 'NIL'
  return /[\r\n\0\x80-\xff]/.test(text) || text.length > 1000
    ? `{${text.length}}\r\n${text}`
    : `"${text.replace(/[\\"]/g, '\\$&')}"`
}

/** A folder's name: an atom where it can be one. */
export const astring = (text: string) => (/^[A-Za-z0-9!#$&'+,./:;<=>?@^_`|~-]+$/.test(text) ? text : quoted(text))

/**
 * A set of numbers (RFC 3501 §9, sequence-set) over what there is, in ascending order; `undefined` when it is none.
 * `highest` is what the star stands for.
 */
export function parseSet(text: string, highest: number): ((number: number) => boolean) | undefined {
  const parts = text.split(',')
  if (parts.length > 1000) return undefined
  const ranges: [number, number][] = []
  for (const part of parts) {
    const found = /^(\d{1,10}|\*)(?::(\d{1,10}|\*))?$/.exec(part)
    if (!found) return undefined
    const [from, to] = [found[1]!, found[2] ?? found[1]!].map(end => (end === '*' ? highest : Number(end))) as [
      number,
      number,
    ]
    if (from === 0 || to === 0) return undefined
    ranges.push([Math.min(from, to), Math.max(from, to)])
  }
  return number => ranges.some(([from, to]) => number >= from && number <= to)
}

/** `1:3,7` */
export function ranges(numbers: readonly number[]): string {
  const out: string[] = []
  for (let i = 0; i < numbers.length; i++) {
    const from = numbers[i]!
    while (numbers[i + 1] === numbers[i]! + 1) i++
    out.push(from === numbers[i] ? String(from) : `${from}:${numbers[i]}`)
  }
  return out.join(',')
}
