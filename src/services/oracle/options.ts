import * as v from 'valibot'

export const options = v.strictObject({
  services: v.pipe(
    v.optional(v.pipe(v.array(v.pipe(v.string(), v.regex(/^[A-Za-z][\w$#.]{0,63}$/))), v.maxLength(16)), []),
    v.description(
      'Names that the listener knows besides those that the release installs (`XE`, `XEPDB1`), as SID and as service.',
    ),
  ),
})
export type Options = v.InferOutput<typeof options>
