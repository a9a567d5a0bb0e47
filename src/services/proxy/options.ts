import * as v from 'valibot'
import { accessOptions } from '#access/options.ts'

export const products = ['Squid', 'Tinyproxy'] as const

export const options = v.strictObject({
  product: v.pipe(v.optional(v.picklist(products), 'Squid'), v.description('Which proxy answers.')),
  authentication: v.pipe(
    v.optional(v.picklist(['none', 'basic', 'digest']), 'none'),
    v.description(
      'Whether users have to log in. With `digest` (Squid alone) clients send hashes instead of passwords, and nobody is let in.',
    ),
  ),
  ports: v.pipe(
    v.optional(v.picklist(['any', 'usual']), 'any'),
    v.description(
      'Ports that may be asked for: `any`, as those have it who opened their proxy to everybody, or those of the product’s own configuration, where mail is not among them.',
    ),
  ),
  access: accessOptions,
})
export type Options = v.InferOutput<typeof options>
