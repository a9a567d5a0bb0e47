import type { Reader } from './parse.ts'
import { ScriptFault } from './script.ts'
import { escapesIn } from './strings.ts'

export const skipBlanks = (r: Reader): void => {
  while (r.text[r.at] === ' ' || r.text[r.at] === '\t') r.at++
}
export const skipSpace = (r: Reader): void => {
  while (/\s/.test(r.text[r.at] ?? '')) r.at++
}

export const numberAt = (r: Reader): number => {
  const digits = /^[0-9]*/.exec(r.text.slice(r.at, r.at + 18))![0]
  r.at += digits.length
  return Number(digits)
}

/** To the end of the line. */
export const fileName = (r: Reader): string => {
  const end = r.text.indexOf('\n', r.at)
  const name = r.text.slice(r.at, end < 0 ? undefined : end)
  r.at += name.length + 1
  return name
}

/** The text of `a`, `i`, `c`: behind `\` and a newline, or on the same line as GNU allows. */
export const readTextArgument = (r: Reader): string => {
  const { text } = r
  skipBlanks(r)
  if (r.at >= text.length) throw new ScriptFault("expected \\ after `a', `c' or `i'", r.at)
  if (text[r.at] === '\n') throw new ScriptFault("expected \\ after `a', `c' or `i'", r.at + 1)
  if (text[r.at] === '\\') {
    let at = r.at + 1
    while (text[at] === ' ' || text[at] === '\t') at++
    if (text[at] === '\n') r.at = at + 1
    else if (at >= text.length) {
      r.at = at
      throw new ScriptFault("expected \\ after `a', `c' or `i'", r.at)
    } else r.at++
  }
  let out = ''
  for (;;) {
    const c = text[r.at++]
    if (c === undefined || c === '\n') break
    if (c !== '\\') {
      out += c
      continue
    }
    const next = text[r.at]
    if (next === undefined) break
    if (out !== '' && /[afvtdoxc]/.test(next)) {
      const piece = /^\\(?:[afvt]|d[0-9]{1,3}|o[0-7]{1,3}|x[0-9a-fA-F]{1,2}|c.)/.exec(
        text.slice(r.at - 1, r.at + 4),
      )?.[0]
      if (piece) {
        out += escapesIn(piece)
        r.at += piece.length - 1
        continue
      }
    }
    out += next === 'n' && out !== '' ? '\n' : next
    r.at++
  }
  return `${out}\n`
}
