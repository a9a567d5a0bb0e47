import * as v from 'valibot'
import { accessOptions } from '#access/options.ts'

export const options = v.strictObject({
  access: accessOptions,
  encryption: v.pipe(
    v.optional(v.picklist(['offered', 'required', 'off']), 'offered'),
    v.description(
      'TLS inside of TDS: `offered` as a fresh installation does (the log-in is always sealed where the client can), `required` (forceencryption), or `off`.',
    ),
  ),
  commands: v.pipe(
    v.optional(v.picklist(['machine', 'refused']), 'machine'),
    v.description(
      'What becomes of xp_cmdshell once it was turned on: its commands run on the pretended machine, or the option cannot be turned on, as on Linux in truth.',
    ),
  ),
})
export type Options = v.InferOutput<typeof options>
