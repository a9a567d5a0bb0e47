import fs from 'node:fs'
import path from 'node:path'
import * as v from 'valibot'
import { parse } from 'yaml'
import { compact, rulesSchema, type WrittenRule } from '#payload/rules/schema.ts'

const file = path.resolve(import.meta.dirname, '../../data/payload-rules.yaml')

/** The rules as people write them. Throws what is wrong with the file. */
export const writtenRules = (): WrittenRule[] => v.parse(rulesSchema, parse(fs.readFileSync(file, 'utf8'))).rules

/** data/payload-rules.json: what a sensor loads; one rule a line, for whoever reads changes. */
export const rulesFile = (): string =>
  `[\n${compact(writtenRules())
    .map(rule => JSON.stringify(rule))
    .join(',\n')}\n]\n`

const about = {
  worm: 'Worms: they spread by themselves',
  exploit: 'Exploits',
  miner: 'Miners',
  bruteforce: 'Guessers of passwords',
  probe: 'Probes: is there a way in?',
  scanner: 'Scanners: who counts machines, and with what',
} as const

/** docs/payload-rules.md */
export function rulesPage(): string {
  const rules = writtenRules()
  const url = ({ id, reference }: WrittenRule) => reference ?? `https://nvd.nist.gov/vuln/detail/${id}`
  const sections = Object.entries(about).map(([kind, title]) => {
    const own = rules.filter(rule => rule.kind === kind).toSorted((a, b) => (a.id < b.id ? -1 : 1))
    return `## ${title}\n\n| | |\n|---|---|\n${own.map(rule => `| [${rule.id}](${url(rule)}) | ${rule.name} |`).join('\n')}\n`
  })
  return `# What payloads are known

*Generated from \`data/payload-rules.yaml\` by \`docs/generate.ts\`. Do not edit.*

${rules.length} rules, looked for in HTTP requests and in bytes that no decoy understood. A hit is a tag of the event, and,
where it is a worm, an exploit or a miner, an [\`exploit\`](events.md#exploit) event. To add one, write it into \`data/payload-rules.yaml\` with a sample that it has to
see, made by you and harmless, and run \`sh bin/skep-node docs/generate.ts\`.

A pattern is text that stands for itself, letters in either case, with these between:

| | |
|---|---|
| \`{x:ff534d42}\` | exactly these bytes |
| \`{d} {h} {w} {s} {q}\` | a digit, a hex digit, a word character, a blank or \`+\`, a quote |
| \`{sep} {slash} {end} {nl}\` | what parts commands (\`;\`, \`&\`, a line's end …), either slash, no word character, a line's end |
| \`{any} {any9}\` | any byte, any nine |
| \`{..} {..40}\` | up to 200 bytes, up to 40 |
| \`{line} {line40}\` | the same within a line: up to 300, up to 40 |
| \`{s*} {w*} {d*} {value}\` | some blanks, a word, digits, the rest of a form's value |
| \`{^} {$}\` | the beginning, the end of what is looked at |
| \`{{} {}}\` | braces |

Two known bytes have to stand somewhere in a row. All patterns together are one automaton: a rule more costs nothing where it does
not apply.

${sections.join('\n')}`
}
