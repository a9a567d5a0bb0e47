import * as v from 'valibot'

export const options = v.strictObject({
  password: v.pipe(
    v.optional(v.string()),
    v.description('requirepass of the pretended server; without it, it stands open.'),
  ),
})
export type Options = v.InferOutput<typeof options>
