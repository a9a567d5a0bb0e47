import { compileRegex, type Dialect } from '../../regex/regex.ts'
import { Mistake, type Primary } from './find-expression.ts'
import { argumentOf } from './find-tests.ts'

export const regexTypes = [
  'findutils-default',
  'ed',
  'emacs',
  'gnu-awk',
  'grep',
  'posix-awk',
  'awk',
  'posix-basic',
  'posix-egrep',
  'egrep',
  'posix-extended',
  'posix-minimal-basic',
  'sed',
]

/** Emacs's syntax in POSIX's extended one: there `\(` groups, and braces are plain. */
const fromEmacs = (text: string): string => {
  let out = ''
  for (let at = 0; at < text.length; at++) {
    const c = text[at]!
    if (c === '[') {
      const end = text.indexOf(']', text[at + 1] === '^' ? at + 3 : at + 2)
      out += text.slice(at, end < 0 ? undefined : end + 1)
      at = end < 0 ? text.length : end
    } else if (c === '\\' && '()|'.includes(text[at + 1] ?? 'x')) out += text[++at]
    else if (c === '\\') out += c + (text[++at] ?? '')
    else out += '(){}|'.includes(c) ? `\\${c}` : c
  }
  return out
}

export const regex =
  (fold: boolean): Primary =>
  (search, name, words) => {
    const source = argumentOf(words, name)
    const type = search.regexType
    const isEmacs = type === 'emacs' || type === 'findutils-default'
    const dialect: Dialect = /^(ed|sed|grep|posix-basic|posix-minimal-basic)$/.test(type) ? 'basic' : 'extended'
    const compiled = compileRegex(isEmacs ? fromEmacs(source) : source, dialect, { fold, within: 'line' })
    if ('problem' in compiled)
      throw new Mistake(`failed to compile regular expression '${source}': ${compiled.problem}`)
    return visit => compiled.test(visit.path, cost => search.process.step(cost))
  }
