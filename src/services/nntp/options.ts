import * as v from 'valibot'
import { accessOptions } from '#access/options.ts'

export const options = v.strictObject({
  posting: v.pipe(
    v.optional(v.boolean(), true),
    v.description('Whether everybody may post; otherwise who has logged in.'),
  ),
  access: accessOptions,
})
export type Options = v.InferOutput<typeof options>
