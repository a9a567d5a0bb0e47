import * as v from 'valibot'

const community = v.pipe(v.string(), v.minLength(1), v.maxLength(64))

export const options = v.strictObject({
  read: v.pipe(
    v.optional(v.pipe(v.array(community), v.maxLength(20)), ['public']),
    v.description('Communities that may read (rocommunity).'),
  ),
  write: v.pipe(
    v.optional(v.pipe(v.array(community), v.maxLength(20)), ['private']),
    v.description('Communities that may read and write (rwcommunity).'),
  ),
})
export type Options = v.InferOutput<typeof options>
