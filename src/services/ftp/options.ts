import * as v from 'valibot'

export const options = v.strictObject({
  /** Whether `anonymous` may log in. */
  anonymous: v.optional(v.boolean(), true),
  /** Accounts with a password that attackers guess: derived from the persona, none, or exactly these. */
  accounts: v.optional(
    v.union([v.picklist(['weak', 'none']), v.record(v.string(), v.pipe(v.string(), v.maxLength(128)))]),
    'weak',
  ),
  /** Log-ins that a source must have got wrong before a right one is let in. */
  failuresFirst: v.optional(v.pipe(v.number(), v.integer(), v.minValue(0), v.maxValue(100)), 0),
  /** IPv4 address told in answer to PASV where the one connected to is not reachable from outside. */
  passiveAddress: v.optional(v.pipe(v.string(), v.ipv4())),
  /** Seconds until an active data connection, which is never made, is reported as failed. */
  connectTimeout: v.optional(v.pipe(v.number(), v.minValue(0), v.maxValue(120)), 20),
})
export type Options = v.InferOutput<typeof options>
