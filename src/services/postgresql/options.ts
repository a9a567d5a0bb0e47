import * as v from 'valibot'
import { accessOptions } from '#access/options.ts'

export const options = v.strictObject({
  access: accessOptions,
  authentication: v.pipe(
    v.optional(v.picklist(['scram-sha-256', 'md5', 'password']), 'scram-sha-256'),
    v.description('How passwords are asked for, as pg_hba.conf calls it: hashed anew, hashed as of old, or in clear.'),
  ),
  tls: v.pipe(
    v.optional(v.boolean(), true),
    v.description('Whether TLS is spoken, as Debian has it with its snakeoil.'),
  ),
})
export type Options = v.InferOutput<typeof options>
