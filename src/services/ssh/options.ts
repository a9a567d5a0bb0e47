import * as v from 'valibot'
import { accessOptions } from '#access/options.ts'

export const options = v.strictObject({
  access: accessOptions,
  keyboardInteractive: v.pipe(
    v.optional(v.boolean(), false),
    v.description("`KbdInteractiveAuthentication`, which Debian's sshd_config turns off."),
  ),
})
export type Options = v.InferOutput<typeof options>
