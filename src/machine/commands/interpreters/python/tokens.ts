/** A token of Python source: names and numbers, strings with their kind, operators, and the shape of lines. */
export type Token = {
  kind: 'name' | 'number' | 'string' | 'op' | 'newline' | 'indent' | 'dedent' | 'end'
  text: string
  /** Of a string: lower-case letters before its quotes, and what stands between them. */
  prefix?: string
  line: number
  column: number
}

/** A mistake that Python finds before it runs anything. */
export class SyntaxFault extends Error {
  readonly line: number
  readonly column: number
  readonly kind: string
  constructor(message: string, line: number, column: number, kind = 'SyntaxError') {
    super(message)
    this.line = line
    this.column = column
    this.kind = kind
  }
}

/** Tokens of one source; more than any dropper brings. */
const mostTokens = 40_000
const operators =
  /^(\*\*=|\/\/=|>>=|<<=|\.\.\.|==|!=|<=|>=|->|:=|\+=|-=|\*=|\/=|%=|&=|\|=|\^=|\*\*|\/\/|<<|>>|[-+*/%@&|^~<>()[\]{},:.;=])/

/** Tokens by the rules of indentation (Python reference, chapter 2). */
export const tokensOf = (source: string): Token[] => {
  const tokens: Token[] = []
  const indents = [0]
  let line = 1
  let lineStart = 0
  let at = 0
  let depth = 0
  let fresh = true
  const push = (kind: Token['kind'], text: string, from: number, prefix?: string) => {
    if (tokens.length >= mostTokens) throw new SyntaxFault('too many tokens', line, 1)
    tokens.push({ kind, text, line, column: from - lineStart + 1, ...(prefix === undefined ? {} : { prefix }) })
  }
  const nextLine = (end: number) => {
    line++
    lineStart = end
  }
  while (at < source.length) {
    if (fresh && depth === 0) {
      let width = 0
      while (source[at] === ' ' || source[at] === '\t') width += source[at++] === '\t' ? 8 - (width % 8) : 1
      if (at >= source.length) break
      if (source[at] !== '\n' && source[at] !== '#' && source[at] !== '\r') {
        if (width > indents.at(-1)!) {
          indents.push(width)
          push('indent', '', at)
        }
        while (width < indents.at(-1)!) {
          indents.pop()
          push('dedent', '', at)
        }
        if (width !== indents.at(-1)!)
          throw new SyntaxFault(
            'unindent does not match any outer indentation level',
            line,
            width + 1,
            'IndentationError',
          )
      }
      fresh = false
    }
    const char = source[at]!
    if (char === '\n') {
      if (depth === 0 && tokens.length > 0 && !/newline|indent|dedent/.test(tokens.at(-1)!.kind))
        push('newline', '\n', at)
      at++
      nextLine(at)
      fresh = true
    } else if (char === ' ' || char === '\t' || char === '\r' || char === '\f') at++
    else if (char === '#') while (at < source.length && source[at] !== '\n') at++
    else if (char === '\\' && source[at + 1] === '\n') {
      at += 2
      nextLine(at)
    } else if (/[A-Za-z_\x80-\uffff]/.test(char) || char === '"' || char === "'") {
      const from = at
      while (at < source.length && /[A-Za-z0-9_\x80-\uffff]/.test(source[at]!)) at++
      const word = source.slice(from, at)
      const quote = source[at]
      if ((quote === '"' || quote === "'") && /^([rbfu]|br|rb|fr|rf)?$/i.test(word)) {
        const triple = source.startsWith(quote.repeat(3), at)
        const mark = triple ? quote.repeat(3) : quote
        let end = at + mark.length
        while (end < source.length && !source.startsWith(mark, end)) {
          if (source[end] === '\\') end++
          else if (source[end] === '\n' && !triple) break
          end++
        }
        if (end >= source.length || !source.startsWith(mark, end))
          throw new SyntaxFault(
            triple
              ? `unterminated triple-quoted string literal (detected at line ${line})`
              : `unterminated string literal (detected at line ${line})`,
            line,
            from - lineStart + 1,
          )
        const body = source.slice(at + mark.length, end)
        push('string', body, from, word.toLowerCase())
        line += body.split('\n').length - 1
        at = end + mark.length
      } else push('name', word, from)
    } else if (/[0-9]/.test(char) || (char === '.' && /[0-9]/.test(source[at + 1] ?? ''))) {
      const found = /^(0[xX][0-9a-fA-F_]+|0[oO][0-7_]+|0[bB][01_]+|(\d[\d_]*)?\.?\d*([eE][-+]?\d+)?)/.exec(
        source.slice(at, at + 400),
      )!
      push('number', found[0], at)
      at += Math.max(1, found[0].length)
    } else {
      const found = operators.exec(source.slice(at, at + 3))
      if (!found)
        throw new SyntaxFault(
          char === '!' || char === '$' || char === '?' ? 'invalid syntax' : 'invalid character',
          line,
          at - lineStart + 1,
        )
      const text = found[0]
      if ('([{'.includes(text)) depth++
      if (')]}'.includes(text)) depth = Math.max(0, depth - 1)
      push('op', text, at)
      at += text.length
    }
  }
  if (depth > 0) throw new SyntaxFault("'(' was never closed", line, 1)
  if (tokens.length > 0 && tokens.at(-1)!.kind !== 'newline') push('newline', '', at)
  while (indents.length > 1) {
    indents.pop()
    push('dedent', '', at)
  }
  push('end', '', at)
  return tokens
}

const simple: Readonly<Record<string, string>> = {
  n: '\n',
  t: '\t',
  r: '\r',
  '\\': '\\',
  "'": "'",
  '"': '"',
  a: '\x07',
  b: '\b',
  f: '\f',
  v: '\v',
  '\n': '',
}

/** The text that a literal stands for. */
export const unescaped = (body: string, bytes: boolean): string =>
  body.replace(/\\(x[0-9a-fA-F]{2}|u[0-9a-fA-F]{4}|U[0-9a-fA-F]{8}|[0-7]{1,3}|[\s\S])/g, (whole, code: string) => {
    const letter = code[0]!
    if (letter === 'x') return String.fromCharCode(Number.parseInt(code.slice(1), 16))
    if (letter === 'u' || letter === 'U') {
      if (bytes || code.length === 1) return whole
      return String.fromCodePoint(Math.min(0x10ffff, Number.parseInt(code.slice(1), 16)))
    }
    if (/[0-7]/.test(letter)) return String.fromCharCode(Number.parseInt(code, 8) & 0xff)
    return Object.hasOwn(simple, code) ? simple[code]! : whole
  })
