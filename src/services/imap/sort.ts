import { results, searchFor } from './search.ts'
import { baseSubject, field, firstAddress, type Head, headOf } from './sent.ts'
import { type Imap, Refusal } from './session.ts'
import { textOf, type Word } from './wire.ts'

/** SORT (RFC 5256, RFC 5267's ESORT, RFC 5957's display names). */

type Key = (head: Head) => number | string
const keys = new Map<string, Key>([
  ['ARRIVAL', ({ message }) => message.at],
  ['CC', head => firstAddress(head, 'cc', false)],
  ['DATE', ({ sent }) => sent],
  ['DISPLAYFROM', head => firstAddress(head, 'from', true)],
  ['DISPLAYTO', head => firstAddress(head, 'to', true)],
  ['FROM', head => firstAddress(head, 'from', false)],
  // Without an index of words all messages match as well.
  ['RELEVANCY', () => 0],
  ['SIZE', ({ message }) => message.raw.length],
  ['SUBJECT', head => baseSubject(field(head, 'subject')).base],
  ['TO', head => firstAddress(head, 'to', false)],
])
/** Keys in one program: RFC 5256 has no more kinds. */
const MOST_KEYS = 10

function programOf(word: Word | undefined): { key: Key; reverse: boolean }[] {
  if (word?.kind !== 'list') throw new Refusal('BAD', 'Invalid sort argument')
  if (word.items.length === 0) throw new Refusal('BAD', 'Empty sort program')
  const program: { key: Key; reverse: boolean }[] = []
  let reverse = false
  for (const item of word.items) {
    const name = (textOf(item) ?? '').toUpperCase()
    if (name === 'REVERSE') {
      reverse = !reverse
      continue
    }
    const key = keys.get(name)
    if (!key) throw new Refusal('BAD', `Unknown sort argument: ${name}`)
    if (program.length < MOST_KEYS) program.push({ key, reverse })
    reverse = false
  }
  if (reverse) throw new Refusal('BAD', 'Sort list ends with REVERSE')
  return program
}

/** The answer to SORT: untagged lines. */
export function sort(imap: Imap, words: readonly Word[], byUid: boolean, tag: string): string {
  return results(imap, words, byUid, tag, 'SORT', rest => {
    const program = programOf(rest.shift())
    const charset = textOf(rest.shift())
    if (charset === undefined) throw new Refusal('BAD', 'Invalid charset argument')
    const criteria = searchFor(imap, rest, charset)
    const found = criteria.found.map(({ message, number }) => {
      const head = headOf(message, number)
      return { message, number, by: program.map(({ key }) => key(head)) }
    })
    found.sort((one, other) => {
      for (const [i, { reverse }] of program.entries()) {
        const [a, b] = [one.by[i]!, other.by[i]!]
        if (a !== b) return a < b === reverse ? 1 : -1
      }
      return one.number - other.number
    })
    return { ...criteria, found }
  })
}
