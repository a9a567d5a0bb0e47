import { SyntaxFault } from './syntax.ts'

export type Token = {
  kind: 'number' | 'string' | 'regex' | 'name' | 'call' | 'builtin' | 'word' | 'sign' | 'newline' | 'end'
  text: string
  /** Of a number. */
  value: number
  line: number
}

const words = new Set(
  'BEGIN END function func if else while for do break continue next nextfile exit return delete in getline print printf'.split(
    ' ',
  ),
)
/** With the fewest and most arguments. */
export const builtins = new Map<string, readonly [number, number]>([
  ['length', [0, 1]],
  ['substr', [2, 3]],
  ['index', [2, 2]],
  ['split', [2, 3]],
  ['sub', [2, 3]],
  ['gsub', [2, 3]],
  ['match', [2, 2]],
  ['sprintf', [1, 255]],
  ['sin', [1, 1]],
  ['cos', [1, 1]],
  ['atan2', [2, 2]],
  ['exp', [1, 1]],
  ['log', [1, 1]],
  ['sqrt', [1, 1]],
  ['int', [1, 1]],
  ['rand', [0, 0]],
  ['srand', [0, 1]],
  ['tolower', [1, 1]],
  ['toupper', [1, 1]],
  ['system', [1, 1]],
  ['close', [1, 1]],
  ['fflush', [0, 1]],
  ['systime', [0, 0]],
  ['mktime', [1, 1]],
  ['strftime', [0, 3]],
])

const signs = ['&&', '||', '++', '--', '+=', '-=', '*=', '/=', '%=', '^=', '==', '<=', '>=', '!=', '!~', '>>']
const mostTokens = 100_000

/** The program as tokens; whether `/` divides or begins an expression follows from what came before it. */
export const tokensOf = (text: string): Token[] => {
  const tokens: Token[] = []
  let line = 1
  let at = 0
  const add = (kind: Token['kind'], word: string, value = 0): void => {
    if (tokens.length > mostTokens) throw new SyntaxFault('out of memory')
    tokens.push({ kind, text: word, value, line })
  }
  while (at < text.length) {
    const c = text[at]!
    if (c === ' ' || c === '\t' || c === '\r' || c === '\f' || c === '\v') at++
    else if (c === '\n') {
      add('newline', 'end of line')
      line++
      at++
    } else if (c === '\\' && /^\\\r?\n/.test(text.slice(at, at + 3))) {
      at += text[at + 1] === '\n' ? 2 : 3
      line++
    } else if (c === '#') {
      while (at < text.length && text[at] !== '\n') at++
    } else if (c === '"') {
      const end = stringEnd(text, at + 1, '"')
      if (end === undefined) throw new SyntaxFault(`${line}: runaway string constant ${text.slice(at, at + 12)} ...`)
      add('string', unescaped(text.slice(at + 1, end)))
      at = end + 1
    } else if (c === '/' && !divides(tokens.at(-1))) {
      const end = regexEnd(text, at + 1)
      if (end === undefined) throw new SyntaxFault(`${line}: runaway regular expression ${text.slice(at, at + 12)} ...`)
      add('regex', text.slice(at + 1, end).replaceAll('\\/', '/'))
      at = end + 1
    } else if (/[0-9]/.test(c) || (c === '.' && /[0-9]/.test(text[at + 1] ?? ''))) {
      const found = /^(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][-+]?[0-9]+)?/.exec(text.slice(at, at + 400))![0]
      add('number', found, Number(found))
      at += found.length
    } else if (/[A-Za-z_]/.test(c)) {
      const found = /^\w+/.exec(text.slice(at, at + 1000))![0]
      at += found.length
      if (words.has(found)) add('word', found)
      else if (builtins.has(found)) add('builtin', found)
      else add(text[at] === '(' ? 'call' : 'name', found)
    } else {
      const two = text.slice(at, at + 2)
      const sign = signs.includes(two) ? two : c
      if (!/^[-+*/%^!<>|?:~$={}()[\];,&]/.test(sign) || sign === '&')
        throw new SyntaxFault(`${line}: unexpected character '${c}'`)
      add('sign', sign)
      at += sign.length
    }
  }
  add('newline', 'end of file')
  line++
  add('end', 'end of file')
  return tokens
}

const divides = (before: Token | undefined): boolean => {
  if (!before) return false
  if (before.kind === 'number' || before.kind === 'string' || before.kind === 'name' || before.kind === 'builtin')
    return true
  return before.kind === 'sign' && [')', ']', '$', '++', '--'].includes(before.text)
}

const stringEnd = (text: string, from: number, quote: string): number | undefined => {
  for (let at = from; at < text.length; at++) {
    if (text[at] === '\\') at++
    else if (text[at] === quote) return at
    else if (text[at] === '\n') return undefined
  }
  return undefined
}

/** In brackets a slash is itself. */
const regexEnd = (text: string, from: number): number | undefined => {
  let bracket = false
  for (let at = from; at < text.length; at++) {
    const c = text[at]
    if (c === '\\') at++
    else if (c === '\n') return undefined
    else if (c === '[' && !bracket) {
      bracket = true
      if (text[at + 1] === '^') at++
      if (text[at + 1] === ']') at++
    } else if (c === ']') bracket = false
    else if (c === '/' && !bracket) return at
  }
  return undefined
}

const simple = new Map([...'"\\abfnrtv'].map((c, i) => [c, '"\\\x07\b\f\n\r\t\v'[i]!]))

/** Escapes of a string constant; an unknown one stays with its backslash, as mawk has it. */
export const unescaped = (text: string): string =>
  text.replace(/\\([0-7]{1,3}|x[0-9a-fA-F]{1,2}|\n|[\s\S])/g, (whole, code: string) => {
    if (code === '\n') return ''
    if (/^[0-7]/.test(code)) return String.fromCharCode(Number.parseInt(code, 8) & 0xff)
    if (/^x./.test(code)) return String.fromCharCode(Number.parseInt(code.slice(1), 16))
    return simple.get(code) ?? whole
  })
