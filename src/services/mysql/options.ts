import * as v from 'valibot'
import { accessOptions } from '#access/options.ts'

export const options = v.strictObject({
  access: accessOptions,
  tls: v.pipe(
    v.optional(v.picklist(['product', 'on', 'off']), 'product'),
    v.description('Whether TLS is offered: as the product does by itself (MySQL 8 does, MariaDB 10 does not), or not.'),
  ),
})
export type Options = v.InferOutput<typeof options>
