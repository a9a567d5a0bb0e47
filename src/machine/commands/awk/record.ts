import type { Regex } from '../../regex/regex.ts'
import { fromOutside, type Value } from './values.ts'

/** Fields of one record. */
const mostFields = 32_767

/** `$0` and its fields, each made from the other when somebody asks. */
export type Record_ = {
  field(index: number): Value
  setField(index: number, value: Value): void
  setWhole(text: string): void
  count(): number
  setCount(count: number): void
}

export const recordOf = (about: {
  split(text: string): string[]
  joint(): string
  text(value: Value): string
  refuse(message: string): never
}): Record_ => {
  let whole: Value = ''
  let fields: Value[] = []
  let isSplit = true
  let isJoined = true
  const split = (): void => {
    if (isSplit) return
    isSplit = true
    fields = about.split(about.text(whole)).map(fromOutside)
  }
  return {
    field(index) {
      if (index === 0) {
        if (!isJoined) {
          isJoined = true
          whole = fromOutside(fields.map(about.text).join(about.joint()))
        }
        return whole
      }
      if (index < 0) about.refuse(`negative field index $${index}`)
      split()
      return fields[index - 1]
    },
    setField(index, value) {
      if (index === 0) return this.setWhole(about.text(value))
      if (index < 0) about.refuse(`negative field index $${index}`)
      if (index > mostFields) about.refuse(`maximum number of fields ${mostFields} exceeded`)
      split()
      while (fields.length < index) fields.push('')
      fields[index - 1] = value
      isJoined = false
    },
    setWhole(text) {
      whole = fromOutside(text)
      isSplit = false
      isJoined = true
    },
    count() {
      split()
      return fields.length
    },
    setCount(count) {
      split()
      if (count < 0 || count > mostFields) about.refuse(`NF set to ${count}`)
      fields.length = Math.min(fields.length, count)
      while (fields.length < count) fields.push('')
      isJoined = false
    },
  }
}

/** Pieces of a text: by blanks for a space, by each character for nothing, else by an expression. */
export const splitText = (
  text: string,
  separator: string,
  regexFor: (source: string) => Regex,
  step: (cost?: number) => void,
  alsoNewline = false,
): string[] => {
  step(1 + (text.length >> 8))
  if (text === '') return []
  if (separator === ' ') return text.split(/[ \t\n\v\f\r]+/).filter(piece => piece !== '')
  if (separator === '') return [...text]
  if (alsoNewline)
    return text.split('\n').flatMap(line => (line === '' ? [''] : splitText(line, separator, regexFor, step)))
  if (separator.length === 1 && separator !== '\\') return text.split(separator)
  const regex = regexFor(separator)
  const pieces: string[] = []
  let from = 0
  let at = 0
  while (at <= text.length) {
    const found = regex.find(text, at, step, at > 0)
    if (!found) break
    if (found[1]! > found[0]!) {
      pieces.push(text.slice(from, found[0]))
      from = found[1]!
      at = from
    } else at = found[1]! + 1
  }
  pieces.push(text.slice(from))
  return pieces
}
