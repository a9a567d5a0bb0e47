/** A string, template part or regular expression of a source file, with the line it begins in. */
export type Literal = { text: string; line: number }

// A slash after one of these begins a regular expression; after anything else it divides.
const beforeRegExp = /(?:^|[(,=:[!&|?{};+\-*%~^<>]|=>|\b(?:return|typeof|case|in|of|do|else|yield|await))\s*$/

/**
 * The literals of TypeScript text; comments are left out, as is everything on a line that says `// not sent` with the
 * reason, and the names in a service's `replaces`, which only the operator's own tables show.
 */
export const literalsOf = (source: string): Literal[] => {
  const found: Literal[] = []
  const excused = new Set(
    source.split('\n').flatMap((line, i) => (/\/\/ not sent: \S|\breplaces: \[/.test(line) ? [i + 1] : [])),
  )
  let at = 0
  let line = 1
  let code = ''
  const templates: number[] = []
  const braces = { open: 0 }
  const take = (end: number): string => {
    const text = source.slice(at, end)
    line += text.split('\n').length - 1
    at = end
    return text
  }
  const literal = (from: number, end: number): void => {
    const begins = line
    const text = take(end).slice(from, -1)
    if (!excused.has(begins)) found.push({ text: unescaped(text), line: begins })
    code = `${code.slice(-40)}x`
  }
  const template = (): void => {
    let end = at + 1
    while (end < source.length && source[end] !== '`' && !source.startsWith('${', end))
      end += source[end] === '\\' ? 2 : 1
    const goesOn = source[end] === '$'
    literal(1, end + 1)
    if (!goesOn) return
    take(at + 1)
    templates.push(braces.open)
    code = '('
  }
  while (at < source.length) {
    const c = source[at]
    if (source.startsWith('//', at)) take(indexOr(source, '\n', at))
    else if (source.startsWith('/*', at)) take(indexOr(source, '*/', at) + 2)
    else if (c === "'" || c === '"') literal(1, closing(source, at, c) + 1)
    else if (c === '`') template()
    else if (c === '/' && beforeRegExp.test(code.slice(-20))) literal(1, closingSlash(source, at) + 1)
    else if (c === '}' && templates.at(-1) === braces.open) {
      templates.pop()
      template()
    } else {
      if (c === '{') braces.open++
      if (c === '}') braces.open--
      code = (code + take(at + 1)).slice(-60)
    }
  }
  return found
}

const indexOr = (source: string, mark: string, from: number): number => {
  const found = source.indexOf(mark, from)
  return found < 0 ? source.length : found
}
const closing = (source: string, from: number, quote: string): number => {
  let end = from + 1
  while (end < source.length && source[end] !== quote && source[end] !== '\n') end += source[end] === '\\' ? 2 : 1
  return end
}
const closingSlash = (source: string, from: number): number => {
  let inClass = false
  let end = from + 1
  for (; end < source.length && source[end] !== '\n'; end++) {
    if (source[end] === '\\') end++
    else if (source[end] === '[') inClass = true
    else if (source[end] === ']') inClass = false
    else if (source[end] === '/' && !inClass) break
  }
  return end
}

const named: Record<string, string> = { n: '\n', r: '\r', t: '\t', 0: '\0', b: '\b', f: '\f', v: '\v' }
const unescaped = (text: string): string =>
  text.replace(/\\(?:x([0-9a-f]{2})|u\{?([0-9a-f]{4})\}?|([\s\S]))/gi, (_, byte, unit, plain) =>
    byte || unit ? String.fromCharCode(Number.parseInt(byte ?? unit, 16)) : (named[plain] ?? plain),
  )
