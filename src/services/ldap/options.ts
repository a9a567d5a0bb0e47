import * as v from 'valibot'
import { accessOptions } from '#access/options.ts'

export const options = v.strictObject({
  ntlm: v.pipe(
    v.optional(v.boolean(), false),
    v.description(
      'Whether GSS-SPNEGO is offered too, as on a server that joined a domain: Windows tools then send NTLM hashes.',
    ),
  ),
  access: accessOptions,
})
export type Options = v.InferOutput<typeof options>
