import * as v from 'valibot'
import { accessOptions } from '#access/options.ts'

export const options = v.strictObject({
  access: accessOptions,
  authorization: v.pipe(
    v.optional(v.boolean(), false),
    v.description(
      'Whether clients have to log in (`security.authorization`). Without it the database is open to everybody, as those that are attacked are.',
    ),
  ),
})
export type Options = v.InferOutput<typeof options>
