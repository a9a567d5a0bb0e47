import * as v from 'valibot'
import { accessOptions } from '#access/options.ts'

export const options = v.strictObject({
  guest: v.pipe(
    v.optional(v.boolean(), false),
    v.description('Lets `guest` in with password `guest` from anywhere, as `loopback_users = none` does.'),
  ),
  access: accessOptions,
})
export type Options = v.InferOutput<typeof options>
