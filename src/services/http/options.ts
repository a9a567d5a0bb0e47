import * as v from 'valibot'

/** What there may be to log in to: `admin` is an area behind Basic authentication, the others are pages. */
export const baits = ['admin', 'phpmyadmin', 'login', 'wordpress'] as const

export const options = v.strictObject({
  bait: v.pipe(
    v.optional(v.array(v.picklist(baits))),
    v.description('What there is to log in to; by default what suits the persona.'),
  ),
  realm: v.pipe(
    v.optional(v.string()),
    v.description('Realm of the area behind Basic authentication; by default what suits the persona.'),
  ),
})
export type Options = v.InferOutput<typeof options>
