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
  walk: v.pipe(
    v.optional(v.pipe(v.number(), v.integer(), v.minValue(0), v.maxValue(10_000)), 50),
    v.description(
      'Ports of nobody’s that one source may try before the others are closed to it, so that who walks through all of them finds a machine. 0: no end.',
    ),
  ),
})
export type Options = v.InferOutput<typeof options>
