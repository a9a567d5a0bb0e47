import * as v from 'valibot'
import { accessOptions } from '#access/options.ts'

export const options = v.strictObject({
  device: v.pipe(
    v.optional(v.picklist(['openssh', 'dropbear']), 'openssh'),
    v.description("What answers: the persona's OpenSSH with its server behind it, or the Dropbear of a home router."),
  ),
  access: accessOptions,
  keyboardInteractive: v.pipe(
    v.optional(v.boolean(), false),
    v.description("`KbdInteractiveAuthentication`, which Debian's sshd_config turns off."),
  ),
})
export type Options = v.InferOutput<typeof options>
