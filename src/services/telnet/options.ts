import * as v from 'valibot'

export const options = v.strictObject({
  // The real daemon waits for ever, and then a client that knows no telnet never says which password it came with.
  patience: v.pipe(
    v.optional(v.pipe(v.number(), v.minValue(1), v.maxValue(50)), 6),
    v.description('Seconds until somebody who answers no telnet option is shown the prompt all the same.'),
  ),
})
export type Options = v.InferOutput<typeof options>
