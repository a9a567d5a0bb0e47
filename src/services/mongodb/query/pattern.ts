import { type Regex as Compiled, compileRegex } from '#machine/regex/regex.ts'
import { MongoError } from '../errors.ts'
import type { Regex } from '../value.ts'
import type { Work } from '../work.ts'

/** A regular expression of a query (PCRE there), whose every step is counted. */
export function patternOf({ source, flags }: Pick<Regex, 'source' | 'flags'>): (text: string, work: Work) => boolean {
  for (const flag of flags)
    if (!'imsxu'.includes(flag)) throw new MongoError(51_108, `invalid flag in regex options: ${flag}`)
  const inline = flags.replace(/[^imsx]/g, '')
  const compiled = compileRegex(`${inline && `(?${inline})`}${source.slice(0, 4096)}`, 'perl')
  if ('problem' in compiled) throw new MongoError(51_091, `Regular expression is invalid: ${compiled.problem}`)
  return (text, work) => tested(compiled, text, work)
}
const tested = (compiled: Compiled, text: string, work: Work): boolean =>
  compiled.test(text, (cost = 1) => work.step(cost))
