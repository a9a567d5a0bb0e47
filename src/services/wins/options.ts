import * as v from 'valibot'

export const options = v.strictObject({
  workgroup: v.pipe(
    v.optional(
      v.pipe(v.string(), v.regex(/^[A-Z0-9_-]{1,15}$/, 'Expected up to 15 capital letters, digits, - or _')),
      'WORKGROUP',
    ),
    v.description('The workgroup it is the master browser of: Samba’s default.'),
  ),
})
export type Options = v.InferOutput<typeof options>
