import * as v from 'valibot'
import { accessOptions } from '#access/options.ts'
import { mechanisms } from '#mailbox/auth.ts'

export const options = v.strictObject({
  mechanisms: v.pipe(
    v.optional(v.pipe(v.array(v.picklist(mechanisms)), v.maxLength(4)), ['PLAIN', 'LOGIN']),
    v.description('SASL mechanisms offered. With CRAM-MD5 and SCRAM clients send hashes instead of passwords.'),
  ),
  access: accessOptions,
})
export type Options = v.InferOutput<typeof options>
