import { compileRegex, type Regex } from '../../regex/regex.ts'
import { fileName, numberAt, readTextArgument, skipBlanks, skipSpace } from './reading.ts'
import { type Address, type Command, type Ending, type Script, ScriptFault, type Substitution } from './script.ts'
import { delimited, escapesIn, pieces } from './strings.ts'

export type Reader = {
  text: string
  at: number
  extended: boolean
  multiline: boolean
  sandbox: boolean
}

const mostCommands = 5000

/** Reads a script; throws `ScriptFault`. */
export const parseScript = (text: string, about: { extended: boolean; sandbox: boolean }): Script => {
  const r: Reader = { text, at: 0, multiline: false, ...about }
  const script: Script = { commands: [], labels: new Map(), files: [], quiet: text.startsWith('#n\n') || text === '#n' }
  const open: { index: number; at: number }[] = []
  const jumps: { command: Command; label: string }[] = []
  for (;;) {
    while (r.at < text.length && /[\s;]/.test(text[r.at]!)) r.at++
    if (r.at >= text.length) break
    if (script.commands.length > mostCommands) throw new ScriptFault('memory exhausted', r.at)
    const command = readCommand(r)
    const index = script.commands.length
    const { name } = command
    if (name === '#') continue
    if (name === ':') {
      if (command.from) throw new ScriptFault(": doesn't want any addresses", r.at)
      script.labels.set(label(r, true), index)
      continue
    }
    if (name === '}') {
      if (open.length === 0) throw new ScriptFault("unexpected `}'", r.at)
      if (command.from) throw new ScriptFault("} doesn't want any addresses", r.at)
      script.commands[open.pop()!.index]!.target = index
      endOfCommand(r)
      continue
    }
    if (name === '{') open.push({ index, at: r.at })
    else if ('btT'.includes(name)) jumps.push({ command, label: label(r, false) })
    else readArguments(r, command)
    if (command.substitution?.file !== undefined) script.files.push(command.substitution.file)
    if (name === 'w' || name === 'W') script.files.push(command.text)
    script.commands.push(command)
  }
  if (open.length > 0) throw new ScriptFault("unmatched `{'", 0)
  for (const { command, label } of jumps) {
    const target = label === '' ? script.commands.length : script.labels.get(label)
    if (target === undefined) throw new ScriptFault(`can't find label for jump to \`${label}'`, -1)
    command.target = target
  }
  return script
}

const readCommand = (r: Reader): Command => {
  const from = readAddress(r)
  let to: Ending | undefined
  if (from) {
    skipBlanks(r)
    if (r.text[r.at] === ',') {
      r.at++
      skipBlanks(r)
      to = readEnding(r)
      if (!to) throw new ScriptFault("unexpected `,'", r.at + 1)
    }
  }
  if (from?.kind === 'line' && from.line === 0 && to?.kind !== 'regex')
    throw new ScriptFault('invalid usage of line address 0', r.at + 1)
  skipSpace(r)
  let negated = false
  while (r.text[r.at] === '!') {
    if (negated) throw new ScriptFault("multiple `!'s", r.at + 1)
    negated = true
    r.at++
    skipSpace(r)
  }
  const name = r.text[r.at++]
  if (name === undefined) throw new ScriptFault('missing command', r.at - 1)
  const command: Command = {
    from,
    to,
    negated,
    name,
    text: '',
    number: undefined,
    target: 0,
    substitution: undefined,
    map: undefined,
    open: undefined,
  }
  if (name === '#') {
    if (from) throw new ScriptFault("comments don't accept any addresses", r.at)
    const end = r.text.indexOf('\n', r.at)
    r.at = end < 0 ? r.text.length : end
  } else if (!'{}:=abcdDeFgGhHilLnNpPqQrRstTvwWxyz'.includes(name))
    throw new ScriptFault(`unknown command: \`${name}'`, r.at)
  if (to && 'qQ'.includes(name)) throw new ScriptFault('command only uses one address', r.at)
  return command
}

const readAddress = (r: Reader): Address | undefined => {
  const c = r.text[r.at] ?? ''
  if (c >= '0' && c <= '9') {
    const line = numberAt(r)
    skipBlanks(r)
    if (r.text[r.at] !== '~') return { kind: 'line', line }
    r.at++
    return { kind: 'step', first: line, step: numberAt(r) }
  }
  if (c === '$') {
    r.at++
    return { kind: 'last' }
  }
  if (c !== '/' && c !== '\\') return undefined
  r.at += c === '/' ? 1 : 2
  const source = delimited(r.text, r.at, r.text[r.at - 1]!, true)
  if (!source) throw new ScriptFault('unterminated address regex', r.text.length)
  r.at = source.end
  let [fold, multiline] = [false, false]
  for (; r.text[r.at] === 'I' || r.text[r.at] === 'M'; r.at++) {
    if (r.text[r.at] === 'I') fold = true
    else multiline = true
  }
  return { kind: 'regex', regex: compiled(r, source.text, { fold, multiline }) }
}

const readEnding = (r: Reader): Ending | undefined => {
  const c = r.text[r.at]
  if (c !== '+' && c !== '~') {
    const address = readAddress(r)
    return address?.kind === 'step' ? { kind: 'line', line: address.first } : address
  }
  if (!/[0-9]/.test(r.text[r.at + 1] ?? '')) return undefined
  r.at++
  const count = numberAt(r)
  return c === '+' ? { kind: 'more', lines: count } : { kind: 'multiple', of: count }
}

/** `undefined` for the empty expression: the one used last. */
const compiled = (r: Reader, source: string, mode: { fold: boolean; multiline: boolean }): Regex | undefined => {
  if (source === '') return undefined
  const regex = compileRegex(escapesIn(source), r.extended ? 'extended' : 'basic', mode)
  if ('problem' in regex) throw new ScriptFault(regex.problem, r.at)
  return regex
}

const endOfCommand = (r: Reader): void => {
  skipBlanks(r)
  const c = r.text[r.at]
  if (c === undefined || c === '\n' || c === ';') r.at++
  else if (c !== '}' && c !== '#') throw new ScriptFault('extra characters after command', r.at + 1)
}

const label = (r: Reader, defines: boolean): string => {
  skipBlanks(r)
  const start = r.at
  const stop = defines ? /[\s;]/ : /[\s;}]/
  while (r.at < r.text.length && !stop.test(r.text[r.at]!)) r.at++
  const name = r.text.slice(start, r.at)
  if (name === '' && defines) throw new ScriptFault('":" lacks a label', r.at)
  return name
}

const readArguments = (r: Reader, command: Command): void => {
  switch (command.name) {
    case 'a':
    case 'i':
    case 'c':
      command.text = readTextArgument(r)
      return
    case 'e':
      if (r.sandbox) throw new ScriptFault('e/r/w commands disabled in sandbox mode', r.at)
      skipBlanks(r)
      command.text = fileName(r)
      return
    case 'r':
    case 'R':
    case 'w':
    case 'W':
      if (r.sandbox) throw new ScriptFault('e/r/w commands disabled in sandbox mode', r.at)
      skipBlanks(r)
      command.text = fileName(r)
      if (command.text === '') throw new ScriptFault('missing filename in r/R/w/W commands', r.text.length)
      return
    case 'q':
    case 'Q':
    case 'l':
    case 'L':
      skipBlanks(r)
      if (/[0-9]/.test(r.text[r.at] ?? '')) command.number = numberAt(r)
      break
    case 'v':
      label(r, false)
      break
    case 's':
      command.substitution = readSubstitution(r)
      return
    case 'y':
      command.map = readMap(r)
      break
  }
  endOfCommand(r)
}

const readSubstitution = (r: Reader): Substitution => {
  const delimiter = r.text[r.at++]
  const source = delimiter === undefined ? undefined : delimited(r.text, r.at, delimiter, true)
  const replacement = source && delimited(r.text, source.end, delimiter!, false)
  if (!replacement) throw new ScriptFault("unterminated `s' command", r.text.length)
  r.at = replacement.end
  const found: Substitution = {
    regex: undefined,
    replacement: pieces(replacement.text),
    global: false,
    nth: 0,
    prints: false,
    evaluates: false,
    file: undefined,
  }
  const mode = { fold: false, multiline: false }
  for (let done = false; !done; ) {
    const c = r.text[r.at++]
    if (c === undefined || c === '\n' || c === ';') done = true
    else if (c === '}' || c === '#') {
      r.at--
      done = true
    } else if (c === 'g') {
      if (found.global) throw new ScriptFault("multiple `g' options to `s' command", r.at)
      found.global = true
    } else if (c === 'p') {
      if (found.prints) throw new ScriptFault("multiple `p' options to `s' command", r.at)
      found.prints = true
    } else if (c === 'i' || c === 'I') mode.fold = true
    else if (c === 'm' || c === 'M') mode.multiline = true
    else if (c === 'e') {
      if (r.sandbox) throw new ScriptFault('e/r/w commands disabled in sandbox mode', r.at)
      found.evaluates = true
    } else if (c >= '0' && c <= '9') {
      if (found.nth > 0) throw new ScriptFault("multiple number options to `s' command", r.at)
      r.at--
      found.nth = numberAt(r)
      if (found.nth === 0) throw new ScriptFault("number option to `s' command may not be zero", r.at)
    } else if (c === 'w') {
      if (r.sandbox) throw new ScriptFault('e/r/w commands disabled in sandbox mode', r.at)
      skipBlanks(r)
      found.file = fileName(r)
      if (found.file === '') throw new ScriptFault('missing filename in r/R/w/W commands', r.text.length)
      done = true
    } else if (c !== ' ' && c !== '\t' && c !== '\r') throw new ScriptFault("unknown option to `s'", r.at)
  }
  const end = Math.min(r.at, r.text.length)
  found.regex = compiled({ ...r, at: end }, source!.text, mode)
  const groups = found.regex?.groups ?? 9
  for (const piece of found.replacement)
    if (piece.kind === 'group' && piece.number > groups)
      throw new ScriptFault(`invalid reference \\${piece.number} on \`s' command's RHS`, end)
  return found
}

const readMap = (r: Reader): readonly string[] => {
  const delimiter = r.text[r.at++]
  const from = delimiter === undefined ? undefined : delimited(r.text, r.at, delimiter, false)
  const to = from && delimited(r.text, from.end, delimiter!, false)
  if (!to) throw new ScriptFault("unterminated `y' command", r.text.length)
  r.at = to.end
  const plain = (text: string): string =>
    escapesIn(text).replace(/\\(\\|n|.)/gs, (whole, c: string) => (c === '\\' ? '\\' : c === 'n' ? '\n' : whole))
  const [before, after] = [plain(from.text), plain(to.text)]
  if (before.length !== after.length)
    throw new ScriptFault("strings for `y' command are different lengths", Math.min(r.at + 1, r.text.length))
  const map = Array.from({ length: 256 }, (_, code) => String.fromCharCode(code))
  for (const [i, c] of [...before].entries()) map[c.charCodeAt(0)] = after[i]!
  return map
}
