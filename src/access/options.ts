import * as v from 'valibot'
import { problemOf } from './rule.ts'

/** Most rules of one list, and most tries that a source may be made to take. */
const mostRules = 1000
const mostTries = 50

const tries = (otherwise: number) =>
  v.optional(v.pipe(v.number(), v.integer(), v.minValue(0), v.maxValue(mostTries)), otherwise)

const rule = v.pipe(
  v.string(),
  v.rawCheck(({ dataset, addIssue }) => {
    const problem = dataset.typed ? problemOf(dataset.value) : undefined
    if (problem !== undefined) addIssue({ message: problem })
  }),
)

/** Who is let in, as an operator may say it under a service that has a log-in. */
export const accessOptions = v.pipe(
  v.optional(
    v.strictObject({
      rules: v.pipe(
        v.optional(v.pipe(v.array(rule), v.maxLength(mostRules)), []),
        v.description(
          'USER:PASSWORD, each a text, `*` for any, or /a POSIX extended regular expression/ (`/…/i` for either case). The first rule that fits lets in at once; with `!` in front it refuses.',
        ),
      ),
      otherwise: v.pipe(
        v.optional(v.picklist(['accept', 'refuse']), 'accept'),
        v.description(
          'What becomes of a password that no rule speaks of: after some tries the first plausible one is accepted, or none ever.',
        ),
      ),
      after: v.pipe(
        v.optional(
          v.pipe(
            v.strictObject({ from: tries(2), to: tries(4) }),
            v.check(({ from, to }) => from <= to, 'Expected `from` to be at most `to`'),
          ),
          {},
        ),
        v.description('How many passwords are refused before: a number for each source, between these.'),
      ),
      remember: v.pipe(
        v.optional(v.boolean(), true),
        v.description('What a source got in with is accepted from it again, and nothing else.'),
      ),
      elsewhere: v.pipe(
        v.optional(v.pipe(v.number(), v.minValue(0), v.maxValue(1440)), 60),
        v.description(
          'Minutes for which other sources get in with it too: who finds a password is seldom who uses it.',
        ),
      ),
      publicKeys: v.pipe(
        v.optional(v.picklist(['refuse', 'installed', 'accept']), 'installed'),
        v.description(
          'Keys: all refused, those accepted that the same source wrote into an `authorized_keys` before, or all accepted.',
        ),
      ),
    }),
    {},
  ),
  v.description('Who is let in.'),
)
export type AccessOptions = v.InferOutput<typeof accessOptions>
