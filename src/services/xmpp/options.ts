import * as v from 'valibot'
import { accessOptions } from '#access/options.ts'

export const options = v.strictObject({
  encryption: v.pipe(
    v.optional(v.picklist(['optional', 'required']), 'optional'),
    v.description('Whether anybody may log in before TLS (`c2s_require_encryption`); Debian’s Prosody requires it.'),
  ),
  hash: v.pipe(
    v.optional(v.picklist(['SHA-1', 'SHA-256']), 'SHA-1'),
    v.description('How Prosody keeps passwords (`password_hash`), and so which SCRAM it offers beside PLAIN.'),
  ),
  hosts: v.pipe(
    v.optional(
      v.pipe(v.array(v.pipe(v.string(), v.toLowerCase(), v.minLength(1), v.maxLength(255))), v.maxLength(32)),
      [],
    ),
    v.description('Names that it serves besides the machine’s own, its address and `localhost`.'),
  ),
  access: accessOptions,
})
export type Options = v.InferOutput<typeof options>
