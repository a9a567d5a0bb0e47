import { evaluate } from './arithmetic.ts'
import type { Parameter, Part, Word } from './ast.ts'
import { expandBraces } from './braces.ts'
import { arithmeticNames, calculate } from './calculate.ts'
import { glob, hasMagic } from './glob.ts'
import { parameterValue } from './parameter.ts'
import { escapePattern } from './pattern.ts'
import { fatal, get, type Shell } from './state.ts'
import { capture, processSubstitution } from './substitution.ts'
import { spend } from './world.ts'

/** What a word becomes. `pattern` has a backslash before what was quoted. */
type Field = { text: string; pattern: string }

/** Collects fields; with `split` off everything stays one field. */
export type Sink = {
  split: boolean
  fields: Field[]
  current: Field | undefined
  ifs: string
}

const sinkOf = (sh: Shell, split: boolean): Sink => ({
  split,
  fields: [],
  current: undefined,
  ifs: get(sh, 'IFS') ?? ' \t\n',
})

const add = (sink: Sink, text: string, quoted: boolean): void => {
  sink.current ??= { text: '', pattern: '' }
  sink.current.text += text
  sink.current.pattern += quoted ? escapePattern(text) : text
}

const endField = (sink: Sink): void => {
  if (sink.current) sink.fields.push(sink.current)
  sink.current = undefined
}

/** XCU 2.6.5: white space of IFS gathers, other characters of IFS each end a field. */
const addSplit = (sink: Sink, text: string): void => {
  if (!sink.split) {
    add(sink, text, false)
    return
  }
  if (sink.ifs === '') {
    if (text !== '') add(sink, text, false)
    return
  }
  const white = (c: string) => ' \t\n'.includes(c) && sink.ifs.includes(c)
  for (let at = 0; at < text.length; ) {
    let end = at
    while (end < text.length && !sink.ifs.includes(text[end]!)) end++
    if (end > at) add(sink, text.slice(at, end), false)
    if (end >= text.length) return
    at = end
    const before = at
    while (at < text.length && white(text[at]!)) at++
    if (at < text.length && sink.ifs.includes(text[at]!)) {
      // A character that is no white space ends a field even when that is empty.
      if (at === before || sink.current) sink.current ??= { text: '', pattern: '' }
      if (at > before && !sink.current && before === 0) sink.current = { text: '', pattern: '' }
      at++
      while (at < text.length && white(text[at]!)) at++
    }
    endField(sink)
  }
}

/** `$@`, `$*` and `${a[@]}` in their quoted and unquoted forms (XCU 2.5.2). */
const addList = (sink: Sink, values: string[], join: '@' | '*', quoted: boolean): void => {
  if ((join === '*' && quoted) || !sink.split) {
    add(sink, values.join(join === '@' ? ' ' : sink.ifs.slice(0, 1)), quoted)
    return
  }
  values.forEach((value, i) => {
    if (i > 0) endField(sink)
    if (quoted) add(sink, value, true)
    else addSplit(sink, value)
  })
}

const addParts = async (sh: Shell, parts: Part[], sink: Sink, quoted: boolean): Promise<void> => {
  for (const part of parts) {
    spend(sh.world)
    switch (part.kind) {
      case 'text':
        add(sink, part.text, quoted || part.quoted)
        break
      case 'double': {
        const before = sink.fields.length
        const had = sink.current !== undefined
        await addParts(sh, part.parts, sink, true)
        const vanishes = part.parts.length > 0 && part.parts.every(inner => inner.kind === 'parameter' && isList(inner))
        if (!vanishes || had || sink.fields.length > before) sink.current ??= { text: '', pattern: '' }
        break
      }
      case 'parameter':
        await addParameter(sh, part, sink, quoted)
        break
      case 'command':
        addValue(sink, await capture(sh, part), quoted)
        break
      case 'arithmetic':
        addValue(sink, String(await calculate(sh, part.expression)), quoted)
        break
      case 'process':
        add(sink, await processSubstitution(sh, part.body, part.writes), true)
        break
    }
  }
}

const isList = (part: Parameter): boolean => (part.name === '@' || part.index === '@') && !part.length

const addValue = (sink: Sink, value: string, quoted: boolean): void =>
  quoted ? add(sink, value, true) : addSplit(sink, value)

const addParameter = async (sh: Shell, part: Parameter, sink: Sink, quoted: boolean): Promise<void> => {
  const found = await parameterValue(sh, part)
  if ('word' in found) {
    if (quoted || !sink.split) return addParts(sh, found.word.parts, sink, quoted)
    return addUnquotedWord(sh, found.word.parts, sink)
  }
  spend(sh.world, found.values.reduce((sum, value) => sum + value.length, 0) >> 8)
  if (found.join) addList(sink, found.values, found.join, quoted)
  else addValue(sink, found.values[0] ?? '', quoted)
}

/** The word of `${x:-a b}` is split like a value, its quoted pieces not. */
const addUnquotedWord = async (sh: Shell, parts: Part[], sink: Sink): Promise<void> => {
  for (const part of parts) {
    if (part.kind === 'text' && !part.quoted)
      addSplit(sink, part.text.startsWith('~') ? tilde(sh, part.text, true) : part.text)
    else await addParts(sh, [part], sink, false)
  }
}

/** XCU 2.6.1 on text that begins with `~`. */
const tilde = (sh: Shell, text: string, whole: boolean): string => {
  const end = text.indexOf('/')
  if (end === -1 && !whole) return text
  const user = text.slice(1, end === -1 ? text.length : end)
  const rest = end === -1 ? '' : text.slice(end)
  const home =
    user === ''
      ? (get(sh, 'HOME') ?? homeOf(sh, undefined))
      : user === '+'
        ? sh.cwd
        : user === '-'
          ? get(sh, 'OLDPWD')
          : homeOf(sh, user)
  return home === undefined ? text : home + rest
}

/** A user's home from /etc/passwd. */
const homeOf = (sh: Shell, user: string | undefined): string | undefined => {
  const { who } = sh
  const { fs } = sh.world.process
  try {
    const lines = fs
      .readFile('/etc/passwd', who)
      .toString('latin1')
      .split('\n')
      .map(line => line.split(':'))
    return lines.find(line =>
      user === undefined ? Number(line[2]) === who.uid && line.length > 5 : line[0] === user,
    )?.[5]
  } catch {
    return undefined
  }
}

const withTilde = (sh: Shell, word: Word, assignment: boolean): Part[] => {
  const first = word.parts[0]
  if (first === undefined) return word.parts
  if (assignment && word.parts.some(part => part.kind === 'text' && !part.quoted && part.text.includes('~'))) {
    return word.parts.map((part, i) => {
      if (part.kind !== 'text' || part.quoted) return part
      const pieces = part.text.split(':')
      const last = i === word.parts.length - 1
      return {
        ...part,
        quoted: true,
        text: pieces
          .map((piece, n) =>
            piece.startsWith('~') && (n > 0 || i === 0) ? tilde(sh, piece, n < pieces.length - 1 || last) : piece,
          )
          .join(':'),
      }
    })
  }
  if (first.kind !== 'text' || first.quoted || !first.text.startsWith('~')) return word.parts
  const text = tilde(sh, first.text, word.parts.length === 1)
  if (text === first.text) return word.parts
  const end = first.text.indexOf('/')
  const rest = end === -1 ? '' : first.text.slice(end)
  const home = text.slice(0, text.length - rest.length)
  return [
    { kind: 'text', text: home, quoted: true },
    { kind: 'text', text: rest, quoted: false },
    ...word.parts.slice(1),
  ]
}

/** Fields of command words: braces, tilde, parameters, splitting, globbing, quote removal (XCU 2.6). */
export const expandWords = async (sh: Shell, words: Word[]): Promise<string[]> => {
  const fields: string[] = []
  const grow = (count: number) => {
    spend(sh.world, count >> 2)
    if (count > sh.world.limits.fields) {
      spend(sh.world, sh.world.limits.steps)
    }
  }
  for (const word of words) {
    const simple = word.parts.length === 1 ? word.parts[0]! : undefined
    if (simple?.kind === 'text' && (simple.quoted || !/[*?[{~\\]/.test(simple.text))) {
      fields.push(simple.text)
      continue
    }
    const braced = sh.flavour === 'bash' && !sh.options.has('nobraceexpand') ? expandBraces(word, grow) : [word]
    for (const one of braced) {
      const sink = sinkOf(sh, true)
      await addParts(sh, withTilde(sh, one, false), sink, false)
      endField(sink)
      grow(sink.fields.length + fields.length)
      for (const field of sink.fields) {
        const found =
          !sh.options.has('noglob') && hasMagic(field.pattern, sh.shopt.has('extglob'))
            ? glob(sh, field.pattern)
            : undefined
        if (found && found.length === 0 && sh.shopt.has('failglob')) await fatal(sh, `no match: ${field.text}`)
        if (found && (found.length > 0 || sh.shopt.has('nullglob'))) for (const name of found) fields.push(name)
        else fields.push(field.text)
      }
      if (fields.length > sh.world.limits.fields) grow(fields.length)
    }
  }
  return fields
}

const expandOne = async (sh: Shell, parts: Part[]): Promise<Field> => {
  const sink = sinkOf(sh, false)
  await addParts(sh, parts, sink, false)
  return sink.current ?? { text: '', pattern: '' }
}

/** A word that stays one: the value of an assignment, a subject of `case`, a here-string. */
export const expandText = async (sh: Shell, word: Word, assignment = false): Promise<string> => {
  const only = word.parts.length === 1 ? word.parts[0]! : undefined
  if (only === undefined && word.parts.length === 0) return ''
  if (only?.kind === 'text' && (only.quoted || !only.text.includes('~'))) return only.text
  return (await expandOne(sh, withTilde(sh, word, assignment))).text
}

/** A word as a pattern, quoted parts standing for themselves. */
export const expandPattern = async (sh: Shell, word: Word): Promise<string> =>
  (await expandOne(sh, withTilde(sh, word, false))).pattern

/** A regular expression: what was quoted is escaped. */
export const expandExpression = async (sh: Shell, word: Word): Promise<string> => {
  let text = ''
  for (const part of word.parts) {
    const field = await expandOne(sh, [part])
    const quoted = part.kind === 'double' || (part.kind === 'text' && part.quoted)
    text += quoted ? field.text.replace(/[\\.[\](){}*+?^$|]/g, '\\$&') : field.text
  }
  return text
}

/** The replacement of `${x/…/…}`: a quoted `&` gets a backslash. */
export const expandReplacement = async (sh: Shell, word: Word): Promise<string> => {
  let text = ''
  for (const part of withTilde(sh, word, false)) {
    const field = await expandOne(sh, [part])
    const quoted = part.kind === 'double' || (part.kind === 'text' && part.quoted)
    text += quoted ? field.text.replaceAll('&', '\\&') : field.text
  }
  return text
}

/** Number or key of an array element. */
export const elementIndex = async (sh: Shell, text: string, map: boolean): Promise<string> =>
  map ? text : String(evaluate(text, arithmeticNames(sh)))
