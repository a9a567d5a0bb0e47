import * as v from 'valibot'
import { accessOptions } from '#access/options.ts'

export const products = ['Postfix', 'Exim', 'OpenSMTPD', 'Exchange'] as const
export const mechanisms = ['PLAIN', 'LOGIN', 'CRAM-MD5', 'NTLM'] as const

const count = v.pipe(v.number(), v.integer(), v.minValue(1), v.maxValue(1_000_000))

export const options = v.strictObject({
  product: v.pipe(
    v.optional(v.picklist(['persona', ...products]), 'persona'),
    v.description("What answers: the persona's own mail server, or another one."),
  ),
  relay: v.pipe(
    v.optional(v.union([v.picklist(['refuse', 'hold']), v.strictObject({ first: count })]), { first: 20 }),
    v.description(
      'Mail of strangers to strangers: refused, kept as if it went out, or that only for the first so many messages of a source. Nothing ever goes out.',
    ),
  ),
  mechanisms: v.pipe(
    v.optional(v.pipe(v.array(v.picklist(mechanisms)), v.maxLength(4))),
    v.description(
      "AUTH mechanisms offered; the product's usual ones if not given. With CRAM-MD5 and NTLM clients send hashes instead of passwords.",
    ),
  ),
  access: accessOptions,
})
export type Options = v.InferOutput<typeof options>
export type Product = (typeof products)[number]
export type Mechanism = (typeof mechanisms)[number]
