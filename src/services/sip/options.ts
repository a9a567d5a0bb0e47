import * as v from 'valibot'
import { accessOptions } from '#access/options.ts'

export const options = v.strictObject({
  access: accessOptions,
  product: v.pipe(
    v.optional(v.picklist(['persona', 'Asterisk', 'Kamailio']), 'persona'),
    v.description('The product: the one that the persona runs, or this one.'),
  ),
  address: v.pipe(
    v.optional(v.pipe(v.string(), v.ip())),
    v.description('Address told in answers where the one connected to is not reachable from outside (behind NAT).'),
  ),
  guests: v.pipe(v.optional(v.boolean(), false), v.description('Whether Asterisk takes calls from nobody it knows.')),
  calls: v.pipe(
    v.optional(v.picklist(['answer', 'ring', 'busy', 'decline', 'unknown']), 'answer'),
    v.description(
      'What becomes of a call from somebody who was let in: answered, ringing until they give up, busy, declined, or the number does not exist. None is ever placed.',
    ),
  ),
})
export type Options = v.InferOutput<typeof options>
