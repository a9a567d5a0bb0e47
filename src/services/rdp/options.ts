import * as v from 'valibot'

/** Nothing to choose yet. */
export const options = v.strictObject({})
export type Options = v.InferOutput<typeof options>
