import known from '../../data/payload-rules.json' with { type: 'json' }
import { type Circumstances, compile, type Rule, type Sighting, type Texts } from './rules/recognise.ts'
import { undisguise } from './undisguise.ts'

export type { Circumstances, Sighting, Texts }

let look: ReturnType<typeof compile> | undefined

/** Attacks and scanners that the rules know, each once, in the rules' order: at most 16. */
export function sightings(texts: Texts, about: Circumstances = {}): Sighting[] {
  look ??= compile(known as readonly Rule[])
  return look(texts, about)
}

/** What rules look at in an HTTP request: escapes undone, each header behind an end of line. Latin-1 in, latin-1 out. */
export const httpTexts = (target: string, headers: string, body: string): Texts => ({
  url: Buffer.from(undisguise(target), 'latin1'),
  ...(headers === '' ? {} : { headers: Buffer.from(`\n${undisguise(headers)}`, 'latin1') }),
  ...(body === '' ? {} : { body: Buffer.from(undisguise(body.replaceAll('+', ' ')), 'latin1') }),
})

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
  return { raw: bytes, ...httpTexts(target, headers, blank ? text.slice(blank.index + blank[0].length) : '') }
}
