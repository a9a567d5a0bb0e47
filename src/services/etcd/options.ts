import * as v from 'valibot'

export const options = v.strictObject({})
export type Options = v.InferOutput<typeof options>
