import * as v from 'valibot'
import { accessOptions } from '#access/options.ts'

export const installations = ['home', 'factory', 'none'] as const

export const options = v.strictObject({
  open: v.pipe(
    v.optional(v.boolean(), true),
    v.description(
      'Anybody is let in, with whatever password, as `allow_anonymous true` does; otherwise `access` decides.',
    ),
  ),
  installation: v.pipe(
    v.optional(v.picklist(installations)),
    v.description('Whose messages it carries: a home, a factory, nobody’s. Without it, the persona decides.'),
  ),
  access: accessOptions,
})
export type Options = v.InferOutput<typeof options>
