import * as v from 'valibot'

/** What the operator may choose. */
export const options = v.strictObject({
  range: v.pipe(
    v.optional(v.picklist(['all', 'listed']), 'all'),
    v.description(
      'Every TCP port that nobody listens on (all, as root with nftables; the operator’s SSH and whatever else runs here is left alone), or the most scanned ones alone (listed).',
    ),
  ),
  open: v.pipe(
    v.optional(v.pipe(v.number(), v.integer(), v.minValue(0), v.maxValue(100)), 20),
    v.description(
      'Ports in a hundred that answer, beside the most scanned: which ones stays the same. The others are closed, as on any machine.',
    ),
  ),
})
export type Options = v.InferOutput<typeof options>
