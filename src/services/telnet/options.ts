import * as v from 'valibot'

export const options = v.strictObject({
  /**
   * Seconds until somebody who answers no option is shown the prompt all the same. The real daemon waits for ever, and
   * then a client that knows no telnet never says which password it came with.
   */
  patience: v.optional(v.pipe(v.number(), v.minValue(1), v.maxValue(50)), 6),
})
export type Options = v.InferOutput<typeof options>
