import * as v from 'valibot'
import { accessOptions } from '#access/options.ts'

export const methods = ['username', 'none'] as const

export const options = v.strictObject({
  methods: v.pipe(
    v.optional(v.pipe(v.array(v.picklist(methods)), v.minLength(1), v.maxLength(2)), ['username', 'none']),
    v.description(
      '`socksmethod` of Dante, the preferred first: `username` asks for a name and a password, `none` lets everybody in, SOCKS 4 too.',
    ),
  ),
  version4a: v.pipe(
    v.optional(v.boolean(), true),
    v.description(
      'Whether SOCKS 4a (names instead of addresses) works. Dante takes 0.0.0.x for an address and fails, which turns away whoever speaks nothing else.',
    ),
  ),
  access: accessOptions,
})
export type Options = v.InferOutput<typeof options>
