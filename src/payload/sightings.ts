import known from '../../data/payload-rules.json' with { type: 'json' }
import { type Circumstances, compile, isAttack, type Rule, type Sighting, type Texts } from './rules/recognise.ts'
import { undisguise } from './undisguise.ts'

export type { Circumstances, Sighting, Texts }

let look: ReturnType<typeof compile> | undefined

/** Attacks and scanners that the rules know, each once, in the rules' order: at most 16. */
export function sightings(texts: Texts, about: Circumstances = {}): Sighting[] {
  look ??= compile(known as readonly Rule[])
  return look(texts, about)
}

/** The parts of an HTTP request with what hides them undone (Latin-1): the target, header lines, the body's start. */
export type RequestText = { url: string; headers: string; body: string }

export const requestText = (target: string, headers: string, body: string): RequestText => ({
  url: undisguise(target),
  headers: undisguise(headers),
  body: body === '' ? '' : undisguise(body.replaceAll('+', ' ')),
})

/** What rules look at in a request: each header behind an end of line. */
export const httpTexts = ({ url, headers, body }: RequestText): Texts => ({
  url: Buffer.from(url, 'latin1'),
  ...(headers === '' ? {} : { headers: Buffer.from(`\n${headers}`, 'latin1') }),
  ...(body === '' ? {} : { body: Buffer.from(body, 'latin1') }),
})

/** What of it is an attack, in the words of the `exploit` event; evidence is Latin-1, as it came. */
export const attacksOf = (seen: readonly Sighting[]): { id: string; name: string; evidence: string }[] =>
  seen.filter(({ kind }) => isAttack(kind)).map(({ id, name, evidence }) => ({ id, name, evidence }))

/** Kinds and ids of what was seen, as an event's tags. */
export const tagsOf = (seen: readonly Sighting[]): string[] => [
  ...new Set([...seen.map(({ kind }) => kind), ...seen.map(({ id }) => id)]),
]

/** Bytes of a request that are looked at. */
const REQUEST = 64 << 10

/** A payload as rules see it: as it came, and for an HTTP request its parts. */
export function textsOf(bytes: Buffer, protocol: string | undefined): Texts {
  if (protocol !== 'http') return { raw: bytes }
  const text = bytes.toString('latin1', 0, REQUEST).replace(/^[\r\n]{1,8}/, '')
  const end = text.indexOf('\n')
  const line = end < 0 ? text : text.slice(0, end)
  const [, target = ''] = line.split(' ')
  const blank = /\r?\n\r?\n/.exec(text)
  const headers = end < 0 ? '' : text.slice(end + 1, blank?.index ?? text.length)
  const body = blank ? text.slice(blank.index + blank[0].length) : ''
  return { raw: bytes, ...httpTexts(requestText(target, headers, body)) }
}
