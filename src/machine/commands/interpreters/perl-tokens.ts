/** Tokens of Perl, as far as one-liners need them. `text` of a string is what stands between its quotes. */
export type PerlToken =
  | { kind: 'number' | 'word' | 'scalar' | 'array' | 'hash' | 'op' | 'pattern' | 'newline'; text: string }
  | { kind: 'string'; text: string; interpolates: boolean; runs: boolean }
  | { kind: 'words'; text: string }

const pairs: ReadonlyMap<string, string> = new Map([
  ['(', ')'],
  ['[', ']'],
  ['{', '}'],
  ['<', '>'],
])
const operators =
  /^(<=>|\*\*=|\.\.\.|&&=|\|\|=|\/\/=|->|=>|==|!=|<=|>=|=~|!~|&&|\|\||\/\/|\+\+|--|\.=|\+=|-=|\*=|\/=|::|\.\.|\*\*|<<|>>|[-+*/%.<>=!?:;,(){}[\]&|^~\\@$])/
const mostTokens = 20_000

/** The delimited text from `at`, which is its opening delimiter; and where it ends. */
const delimited = (source: string, at: number): { text: string; end: number } | undefined => {
  const open = source[at]!
  const close = pairs.get(open) ?? open
  let depth = 0
  for (let i = at; i < source.length; i++) {
    if (source[i] === '\\') i++
    else if (source[i] === close && (open === close ? i > at : --depth === 0))
      return { text: source.slice(at + 1, i), end: i + 1 }
    else if (source[i] === open && open !== close) depth++
  }
  return undefined
}

/** `undefined` where a quote is never closed. */
export const perlTokens = (source: string): PerlToken[] | undefined => {
  const tokens: PerlToken[] = []
  let at = 0
  while (at < source.length && tokens.length < mostTokens) {
    const rest = source.slice(at, at + 300)
    const space = /^\s+/.exec(rest)
    if (space) {
      at += space[0].length
      continue
    }
    if (rest[0] === '#') {
      const end = source.indexOf('\n', at)
      at = end < 0 ? source.length : end
      continue
    }
    if (/^__(END|DATA)__/.test(rest)) break
    const before = tokens.at(-1)
    const operand =
      before !== undefined &&
      (before.kind === 'number' ||
        before.kind === 'scalar' ||
        before.kind === 'string' ||
        (before.kind === 'op' && /^[)\]}]$/.test(before.text)))
    if (rest[0] === '"' || rest[0] === "'" || rest[0] === '`') {
      const found = delimited(source, at)
      if (!found) return undefined
      tokens.push({ kind: 'string', text: found.text, interpolates: rest[0] !== "'", runs: rest[0] === '`' })
      at = found.end
      continue
    }
    const quoting = /^(qq|qw|qx|q|m|s|tr|y)\s*([^\w\s,;=)])/.exec(rest)
    if (quoting && !operand && !(before?.kind === 'op' && before.text === '->')) {
      const found = delimited(source, at + quoting[0].length - 1)
      if (!found) return undefined
      at = found.end
      const kind = quoting[1]!
      if (kind === 'qw') tokens.push({ kind: 'words', text: found.text })
      else if (kind === 's' || kind === 'tr' || kind === 'y' || kind === 'm') {
        if (kind !== 'm') {
          const second = delimited(
            source,
            pairs.has(quoting[2]!) ? at + (/^\s*/.exec(source.slice(at, at + 50))?.[0].length ?? 0) : at - 1,
          )
          if (!second) return undefined
          at = second.end
        }
        at += /^[a-z]*/.exec(source.slice(at, at + 20))![0].length
        tokens.push({ kind: 'pattern', text: found.text })
      } else tokens.push({ kind: 'string', text: found.text, interpolates: kind !== 'q', runs: kind === 'qx' })
      continue
    }
    if (rest[0] === '/' && !operand && before?.kind !== 'word') {
      const found = delimited(source, at)
      if (!found) return undefined
      at = found.end + /^[a-z]*/.exec(source.slice(found.end, found.end + 20))![0].length
      tokens.push({ kind: 'pattern', text: found.text })
      continue
    }
    const number = /^(0x[0-9a-f]+|\d[\d_]*(?:\.\d+)?(?:e[-+]?\d+)?)/i.exec(rest)
    if (number) {
      tokens.push({ kind: 'number', text: number[0] })
      at += number[0].length
      continue
    }
    const variable = /^([$@%])(?:\{(\w+)\}|((?:\w+::)*\w+)|([$@!&0-9,;.|/_"\\]))/.exec(rest)
    if (variable && !(variable[1] === '%' && operand)) {
      tokens.push({
        kind: variable[1] === '$' ? 'scalar' : variable[1] === '@' ? 'array' : 'hash',
        text: variable[2] ?? variable[3] ?? variable[4]!,
      })
      at += variable[0].length
      continue
    }
    const word = /^[A-Za-z_]\w*(?:::\w+)*/.exec(rest)
    if (word) {
      tokens.push({ kind: 'word', text: word[0] })
      at += word[0].length
      continue
    }
    const operator = operators.exec(rest)
    if (!operator) return undefined
    tokens.push({ kind: 'op', text: operator[0] })
    at += operator[0].length
  }
  return tokens
}
