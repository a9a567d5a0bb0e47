import fs from 'node:fs'
import path from 'node:path'
import * as v from 'valibot'
import { parse } from 'yaml'
import { conditionIds } from './conditions.ts'
import { questionIds } from './questions.ts'

const text = v.pipe(v.string(), v.trim(), v.minLength(1), v.maxLength(1000))
const bilingual = v.strictObject({ en: text, ja: text })

/** A calendar day, `2026-11-21`; one that does not exist is none. */
export const day = v.pipe(
  v.string('Expected a day such as "2026-11-21"'),
  v.regex(/^\d{4}-\d{2}-\d{2}$/, 'Expected a day such as "2026-11-21"'),
  v.check(isDay, 'No such day'),
  v.title('day such as "2026-11-21"'),
)

function isDay(text: string): boolean {
  const time = Date.parse(text)
  return !Number.isNaN(time) && new Date(time).toISOString().startsWith(text)
}

/** Files of /sys/class/dmi/id that anybody may read, and regular expressions for the whole of their text. */
const dmiFiles = [
  'sys_vendor',
  'product_name',
  'product_version',
  'bios_vendor',
  'bios_version',
  'board_vendor',
  'chassis_vendor',
  'chassis_asset_tag',
] as const
const dmi = v.pipe(v.record(v.picklist(dmiFiles), v.pipe(v.string(), v.check(isPattern))), v.minEntries(1))

function isPattern(source: string): boolean {
  try {
    return new RegExp(source) !== undefined
  } catch {
    return false
  }
}

export const verdicts = ['allowed', 'conditional', 'forbidden', 'unclear'] as const
export type Verdict = (typeof verdicts)[number]

const provider = v.pipe(
  v.strictObject({
    id: v.pipe(v.string(), v.regex(/^[a-z][a-z0-9-]{0,30}$/)),
    name: bilingual,
    country: v.pipe(v.string(), v.regex(/^([A-Z]{2}|global)$/)),
    verdict: v.picklist(verdicts),
    conditions: v.optional(v.array(v.picklist(conditionIds)), []),
    asks: v.optional(v.array(v.picklist(questionIds)), []),
    reason: bilingual,
    seen: day,
    source: v.string(),
    stricter: v.optional(bilingual),
    where: v.pipe(v.string(), v.url(), v.startsWith('https://')),
    dmi: v.optional(v.array(dmi), []),
  }),
  v.check(
    ({ verdict, conditions }) => (verdict === 'conditional' || verdict === 'unclear') === conditions.length > 0,
    'A conditional verdict names its conditions, an unclear one what to ask; the others have none',
  ),
)

export const catalogueSchema = v.pipe(
  v.strictObject({ sources: v.record(v.string(), bilingual), providers: v.array(provider) }),
  v.check(({ providers }) => new Set(providers.map(p => p.id)).size === providers.length, 'An id stands twice'),
  v.check(
    ({ sources, providers }) => providers.every(p => Object.hasOwn(sources, p.source)),
    'A source is not among the sources',
  ),
)

/** What one provider answered about honeypots, and when; the keys are explained in data/providers.yaml. */
export type Provider = v.InferOutput<typeof provider>
export type Catalogue = v.InferOutput<typeof catalogueSchema>

const file = path.resolve(import.meta.dirname, '../../data/providers.yaml')
let read: Catalogue | undefined

/** The catalogue that ships, read when first asked for. Throws when the file breaks its own rules. */
export function catalogue(): Catalogue {
  read ??= v.parse(catalogueSchema, parse(fs.readFileSync(file, 'utf8')))
  return read
}

/** Providers in the order of their ids. */
export const providers = (): Provider[] => catalogue().providers.toSorted((a, b) => (a.id < b.id ? -1 : 1))

export const findProvider = (id: string): Provider | undefined => catalogue().providers.find(p => p.id === id)

/** Whole days since `day` began, in UTC. */
const daysSince = (day: string, now: number) => Math.floor((now - Date.parse(day)) / 86_400_000)

/** Older than a year: to be asked again before it is relied on. */
export const isStale = (day: string, now: number): boolean => daysSince(day, now) > 365

/** `2020-03-17, 6 years ago`: the day, and how long it is past where that matters. */
export function withAge(day: string, now: number): string {
  const years = Math.floor(daysSince(day, now) / 365.25)
  if (!isStale(day, now)) return day
  return `${day}, ${years > 1 ? `${years} years` : 'over a year'} ago`
}
