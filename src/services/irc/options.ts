import * as v from 'valibot'
import { accessOptions } from '#access/options.ts'

export const products = ['ngIRCd', 'UnrealIRCd'] as const

export const options = v.strictObject({
  product: v.pipe(
    v.optional(v.picklist(products), 'ngIRCd'),
    v.description(
      'What answers: `UnrealIRCd` is 3.2.8.1 with the back door of 2010, whose commands are recorded and never run.',
    ),
  ),
  password: v.pipe(
    v.optional(v.picklist(['any', 'none', 'needed']), 'any'),
    v.description(
      'The server’s own password: `any` takes whatever a bot brings, `none` refuses who brings one, as ngIRCd does that has none, `needed` asks `access`.',
    ),
  ),
  nickLength: v.pipe(
    v.optional(v.pipe(v.number(), v.integer(), v.minValue(9), v.maxValue(64)), 30),
    v.description('Characters of a nickname; 9 is what ngIRCd begins with, and bots have longer ones.'),
  ),
  people: v.pipe(v.optional(v.boolean(), true), v.description('Whether others are there already.')),
  access: accessOptions,
})
export type Options = v.InferOutput<typeof options>
