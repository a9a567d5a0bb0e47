/** Tokens of Lua 5.1 (reference manual §2.1). */
export type Token = {
  kind: 'name' | 'number' | 'string' | 'symbol' | 'keyword' | 'end'
  text: string
  number?: number
  line: number
}

/** What is wrong with a script's text, as `luaL_loadbuffer` says it: `user_script:1: '=' expected near '<eof>'`. */
export class CompileError extends Error {}

const keywords: ReadonlySet<string> = new Set(
  'and break do else elseif end false for function if in local nil not or repeat return then true until while'.split(
    ' ',
  ),
)
const escapes = new Map([
  ['n', '\n'],
  ['t', '\t'],
  ['r', '\r'],
  ['a', '\x07'],
  ['b', '\b'],
  ['f', '\f'],
  ['v', '\v'],
])
const space = /[ \t\r\n\f\v]*/y
const name = /[A-Za-z_]\w*/y
const number = /0[xX][0-9a-fA-F]+|(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?/y
const symbol = /\.\.\.|\.\.|==|~=|<=|>=|[-+*/%^#<>=(){}[\];:,.]/y
const opening = /\[(=*)\[/y

/** All of a script's tokens; its text has been bounded before. */
export function tokens(text: string, chunk: string): Token[] {
  const found: Token[] = []
  let at = 0
  let line = 1
  const take = (pattern: RegExp): string | undefined => {
    pattern.lastIndex = at
    const match = pattern.exec(text)
    if (!match) return undefined
    at = pattern.lastIndex
    return match[0]
  }
  const fail = (what: string, near?: string): never => {
    throw new CompileError(`${chunk}:${line}: ${what}${near === undefined ? '' : ` near '${near}'`}`)
  }
  const count = (piece: string): void => {
    for (const c of piece) if (c === '\n') line++
  }
  const long = (what: string): string | undefined => {
    const start = take(opening)
    if (start === undefined) return undefined
    const close = `]${start.slice(1, -1)}]`
    const end = text.indexOf(close, at)
    if (end < 0) return fail(`unfinished long ${what}`, '<eof>')
    const body = text.slice(at, end)
    at = end + close.length
    count(body)
    return body.replace(/^\r?\n/, '')
  }
  for (;;) {
    count(take(space) ?? '')
    if (at >= text.length) break
    if (text.startsWith('--', at)) {
      at += 2
      if (long('comment') === undefined) {
        const end = text.indexOf('\n', at)
        at = end < 0 ? text.length : end
      }
      continue
    }
    const began = line
    const c = text[at]!
    if (c === '"' || c === "'") {
      found.push({ kind: 'string', text: quoted(c), line })
      continue
    }
    const block = c === '[' ? long('string') : undefined
    if (block !== undefined) {
      found.push({ kind: 'string', text: block, line: began })
      continue
    }
    const digits = take(number)
    if (digits !== undefined) {
      const rest = take(name)
      if (rest !== undefined) fail('malformed number', digits + rest)
      found.push({ kind: 'number', text: digits, number: Number(digits), line })
      continue
    }
    const word = take(name)
    if (word !== undefined) {
      found.push({ kind: keywords.has(word) ? 'keyword' : 'name', text: word, line })
      continue
    }
    const mark = take(symbol)
    if (mark === undefined) fail('unexpected symbol', c)
    found.push({ kind: 'symbol', text: mark!, line })
  }
  found.push({ kind: 'end', text: '<eof>', line })
  return found

  function quoted(mark: string): string {
    const start = at++
    let made = ''
    for (;;) {
      const c = text[at++]
      if (c === undefined) return fail('unfinished string', '<eof>')
      if (c === '\n') return fail('unfinished string', text.slice(start, at - 1))
      if (c === mark) return made
      if (c !== '\\') {
        made += c
        continue
      }
      const decimal = /\d{1,3}/y
      const code = take(decimal)
      if (code !== undefined) {
        if (Number(code) > 255) fail('escape sequence too large', text.slice(start, at))
        made += String.fromCharCode(Number(code))
        continue
      }
      const next = text[at++] ?? ''
      if (next === '\n') line++
      made += escapes.get(next) ?? next
    }
  }
}
