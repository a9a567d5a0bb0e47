import * as v from 'valibot'

export const options = v.strictObject({
  anonymous: v.pipe(v.optional(v.boolean(), true), v.description('Whether `anonymous` may log in.')),
  accounts: v.pipe(
    v.optional(
      v.union([v.picklist(['weak', 'none']), v.record(v.string(), v.pipe(v.string(), v.maxLength(128)))]),
      'weak',
    ),
    v.description('Accounts with a password that attackers guess: derived from the persona, none, or exactly these.'),
  ),
  failuresFirst: v.pipe(
    v.optional(v.pipe(v.number(), v.integer(), v.minValue(0), v.maxValue(100)), 0),
    v.description('Log-ins that a source must have got wrong before a right one is let in.'),
  ),
  passiveAddress: v.pipe(
    v.optional(v.pipe(v.string(), v.ipv4())),
    v.description(
      'IPv4 address told in answer to PASV where the one connected to is not reachable from outside (behind NAT).',
    ),
  ),
  connectTimeout: v.pipe(
    v.optional(v.pipe(v.number(), v.minValue(0), v.maxValue(120)), 20),
    v.description('Seconds until an active data connection, which is never made, is reported as failed.'),
  ),
})
export type Options = v.InferOutput<typeof options>
