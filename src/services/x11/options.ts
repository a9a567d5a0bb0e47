import * as v from 'valibot'
import { accessOptions } from '#access/options.ts'

export const options = v.strictObject({
  control: v.pipe(
    v.optional(v.picklist(['open', 'cookie']), 'open'),
    v.description('Who may connect: everybody, as after `xhost +`, or whoever has the cookie, which is nobody.'),
  ),
  screen: v.pipe(
    v.optional(v.picklist(['terminal', 'empty']), 'terminal'),
    v.description('What is on the screen: twm with a terminal and a clock, or nothing.'),
  ),
  access: accessOptions,
})
export type Options = v.InferOutput<typeof options>
