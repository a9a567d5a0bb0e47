import * as v from 'valibot'
import { accessOptions } from '#access/options.ts'

export const options = v.strictObject({
  security: v.pipe(
    v.optional(v.picklist(['password', 'none']), 'password'),
    v.description('What the desktop asks for: a password, or nothing at all, as many that stand open do.'),
  ),
  failures: v.pipe(
    v.optional(v.pipe(v.number(), v.integer(), v.minValue(1), v.maxValue(1_000_000)), 5),
    v.description(
      'Connections without a log-in after which an address is turned away for ten seconds, then twenty, and so on (BlacklistThreshold).',
    ),
  ),
  access: accessOptions,
})
export type Options = v.InferOutput<typeof options>
