import * as v from 'valibot'
import { accessOptions } from '#access/options.ts'

export const mechanisms = ['PLAIN', 'SCRAM-SHA-256', 'SCRAM-SHA-512'] as const

export const options = v.strictObject({
  mechanisms: v.pipe(
    v.optional(v.pipe(v.array(v.picklist(mechanisms)), v.maxLength(3)), []),
    v.description(
      'SASL mechanisms that clients have to log in by (`SASL_PLAINTEXT`); without any, the listener stands open. Who comes by SCRAM leaves a hash and does not get in.',
    ),
  ),
  advertised: v.pipe(
    v.optional(v.string()),
    v.description(
      'Host name or address that clients are told to connect to (`advertised.listeners`), where it is not the one they came to.',
    ),
  ),
  access: accessOptions,
})
export type Options = v.InferOutput<typeof options>
