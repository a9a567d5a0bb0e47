import type { Parameter, Word } from './ast.ts'
import { lineAt, type Source, SyntaxFault } from './scan.ts'
import { readParts, readUntil } from './word.ts'

const NAME = /[A-Za-z_][A-Za-z0-9_]*|[0-9]+|[@*#?$!-]/y
const OPERATOR = /:?[-=?+]|##?|%%?|\/[/#%]?|\^\^?|,,?|~~?|@[A-Za-z]|:/y

const match = (source: Source, pattern: RegExp): string | undefined => {
  pattern.lastIndex = source.at
  const found = pattern.exec(source.text)?.[0]
  source.at += found?.length ?? 0
  return found
}

const wordUntil = (source: Source, stop: string, double: boolean): Word => {
  const from = source.at
  const parts = readParts(source, { stop, blanks: true, double })
  return { parts, raw: source.text.slice(from, source.at) }
}

/** `${…}` (XCU 2.6.2 and bash's additions). The source stands at the `$`. */
export const readParameter = (source: Source, double: boolean): Parameter => {
  const from = source.at
  source.at += 2
  const found: Parameter = { kind: 'parameter', name: '', raw: '' }
  const next = () => source.text[source.at]
  if (next() === '#' && !/[}:=+?%#-]/.test(source.text[source.at + 1] ?? '}')) {
    source.at++
    found.length = true
  } else if (
    source.text.startsWith('##}', source.at) ||
    /^#[@*?$!#-]\}/.test(source.text.slice(source.at, source.at + 3))
  ) {
    source.at++
    found.length = true
  } else if (next() === '!' && /[A-Za-z_0-9@*#]/.test(source.text[source.at + 1] ?? '')) {
    source.at++
    found.indirect = true
  }
  const name = match(source, NAME)
  if (name === undefined) return bad(source, from, found)
  found.name = name
  if (next() === '[' && /^[A-Za-z_]/.test(name)) {
    source.at++
    const all = /[@*]\]/y
    all.lastIndex = source.at
    if (all.test(source.text)) found.index = source.text[source.at++] as '@' | '*'
    else found.index = readUntil(source, ']')
    source.at++
  }
  if (found.indirect && (next() === '*' || next() === '@') && source.text[source.at + 1] === '}')
    found.operator = `!${source.text[source.at++]}`
  else if (next() !== '}') readOperation(source, found, double)
  if (source.at >= source.text.length) {
    throw new SyntaxFault("unexpected EOF while looking for matching `}'", lineAt(source, from), { unfinished: true })
  }
  if (next() !== '}') return bad(source, from, found)
  source.at++
  found.raw = source.text.slice(from, source.at)
  if (found.length && found.operator !== undefined) found.bad = found.raw
  return found
}

const readOperation = (source: Source, found: Parameter, double: boolean): void => {
  const operator = match(source, OPERATOR)
  if (operator === undefined) return
  found.operator = operator
  const pattern = /^[#%/^,~]/.test(operator)
  if (operator === ':') {
    found.argument = wordUntil(source, ':}', true)
    // A ternary in the offset has a colon of its own.
    if (found.argument.raw.includes('?') && source.text[source.at] === ':') {
      source.at++
      const rest = wordUntil(source, ':}', true)
      found.argument = {
        parts: [...found.argument.parts, { kind: 'text', text: ':', quoted: true }, ...rest.parts],
        raw: `${found.argument.raw}:${rest.raw}`,
      }
    }
    if (source.text[source.at] === ':') {
      source.at++
      found.second = wordUntil(source, '}', true)
    }
  } else if (operator.startsWith('/')) {
    // A slash that begins the pattern does not end it: `${url//// }`.
    const slash = operator === '//' && source.text[source.at] === '/'
    if (slash) source.at++
    const rest = wordUntil(source, '/}', false)
    found.argument = slash
      ? { parts: [{ kind: 'text', text: '/', quoted: true }, ...rest.parts], raw: `/${rest.raw}` }
      : rest
    if (source.text[source.at] === '/') {
      source.at++
      found.second = wordUntil(source, '}', false)
    }
  } else if (!operator.startsWith('@')) found.argument = wordUntil(source, '}', double && !pattern)
}

/** Something bash only complains of when it expands it; taken up to the brace that closes it. */
const bad = (source: Source, from: number, found: Parameter): Parameter => {
  let depth = 0
  for (; source.at < source.text.length; source.at++) {
    const c = source.text[source.at]
    if (c === '{') depth++
    else if (c === '}' && depth-- === 0) break
  }
  if (source.at >= source.text.length) {
    throw new SyntaxFault("unexpected EOF while looking for matching `}'", lineAt(source, from), { unfinished: true })
  }
  source.at++
  found.raw = source.text.slice(from, source.at)
  found.bad = found.raw
  return found
}
