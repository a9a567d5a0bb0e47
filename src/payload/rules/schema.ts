import * as v from 'valibot'
import { parsePattern } from './pattern.ts'
import { areas, kinds, type Rule } from './recognise.ts'

const pattern = v.pipe(
  v.string(),
  v.minLength(3),
  v.maxLength(300),
  v.rawCheck(({ dataset, addIssue }) => {
    if (!dataset.typed) return
    try {
      parsePattern(dataset.value)
    } catch (error) {
      addIssue({ message: (error as Error).message })
    }
  }),
)

const rule = v.pipe(
  v.strictObject({
    id: v.pipe(v.string(), v.regex(/^(?:CVE-\d{4}-\d{4,7}|[A-Z][A-Z0-9]*(?:-[A-Z0-9]+)*)$/)),
    name: v.pipe(v.string(), v.minLength(8), v.maxLength(120)),
    kind: v.picklist(kinds),
    where: v.optional(v.picklist([...areas, 'request', 'any']), 'any'),
    protocol: v.optional(v.string()),
    ports: v.optional(
      v.pipe(v.array(v.pipe(v.number(), v.integer(), v.minValue(1), v.maxValue(65535))), v.minLength(1)),
    ),
    match: v.pipe(
      v.array(v.union([pattern, v.pipe(v.array(pattern), v.minLength(2))])),
      v.minLength(1),
      v.maxLength(32),
    ),
    /** Left out where the CVE's own page says it. */
    reference: v.optional(v.pipe(v.string(), v.url(), v.startsWith('https://'))),
    /** Bytes (latin1) that the rule has to see: made by hand, inert. */
    sample: v.pipe(v.string(), v.minLength(1), v.maxLength(2000)),
  }),
  v.check(({ id, reference }) => id.startsWith('CVE-') || reference !== undefined, 'What is no CVE needs a reference'),
)

/** data/payload-rules.yaml, as people write it. */
export const rulesSchema = v.pipe(
  v.strictObject({ rules: v.array(rule) }),
  v.check(({ rules }) => new Set(rules.map(({ id }) => id)).size === rules.length, 'An id stands twice'),
)
export type WrittenRule = v.InferOutput<typeof rule>

/** What the sensor needs of them: data/payload-rules.json. */
export const compact = (rules: readonly WrittenRule[]): Rule[] =>
  rules.map(({ id, name, kind, where, protocol, ports, match }) => ({
    id,
    name,
    kind,
    where,
    ...(protocol === undefined ? {} : { protocol }),
    ...(ports === undefined ? {} : { ports }),
    match: match.map(one => (typeof one === 'string' ? [one] : one)),
  }))
