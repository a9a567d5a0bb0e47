import assert from 'node:assert/strict'
import fs from 'node:fs'
import { describe, test } from 'node:test'
import type { Exchange, Recorded } from './dialogue.ts'

/**
 * What stays different, and why: dialogue → what was sent → reason. Read by the page docs/fidelity.md too, so it is data:
 * `test/oracle/NAME/excused.json`.
 */
export type Excused = Record<string, Record<string, string>>
export type Oracle = {
  /** Folder below test/oracle. */
  name: string
  /** The product and version recorded: `Postfix 3.7.11 (Debian 12)`. */
  product: string
  /** Puts what must differ from one machine and moment to the next out of sight. */
  mask: (heard: string, sent: string) => string
  play: (steps: readonly string[], dialogue: string) => Promise<Exchange[]>
}

const folder = (name: string) => new URL(`../${name}/`, import.meta.url)
const json = <T>(url: URL, none: T): T => (fs.existsSync(url) ? (JSON.parse(fs.readFileSync(url, 'utf8')) as T) : none)

export const recordedOf = (name: string, fixture = 'debian-12') =>
  json<Recorded>(new URL(`fixtures/${fixture}.json`, folder(name)), {})
export const excusedOf = (name: string) => json<Excused>(new URL('excused.json', folder(name)), {})

/** At least this share of the exchanges is equal. */
const EQUAL = 0.95

/**
 * One test a recorded dialogue: every exchange equal byte for byte after masking, or excused with a reason and truly
 * different; and at least 95 % equal in all.
 */
export function compareWithRecorded(oracle: Oracle, fixture?: string): void {
  const recorded = recordedOf(oracle.name, fixture)
  const excused = excusedOf(oracle.name)
  describe(`as ${oracle.product} does`, () => {
    let all = 0
    let different = 0
    for (const [dialogue, theirs] of Object.entries(recorded))
      test(dialogue, async () => {
        const reasons = new Map(Object.entries(excused[dialogue] ?? {}))
        const ours = await oracle.play(theirs.map(sentWhole), dialogue)
        all += theirs.length
        const shown = ({ sent, heard, closed }: Exchange) => [sent, oracle.mask(heard, sent), closed ?? false]
        const open = theirs.flatMap((exchange, i) => (reasons.has(exchange.sent) ? [] : [i]))
        different += theirs.length - open.length
        assert.deepEqual(
          open.map(i => ours[i] && shown(ours[i])),
          open.map(i => shown(theirs[i]!)),
        )
        for (const sent of reasons.keys()) {
          const at = theirs.findIndex(exchange => exchange.sent === sent)
          assert.ok(at >= 0, `${JSON.stringify(sent)} is excused and was never recorded`)
          assert.notDeepEqual(
            ours[at] && shown(ours[at]),
            shown(theirs[at]!),
            `${JSON.stringify(sent)} differs no longer`,
          )
        }
      })
    test(`at least ${EQUAL * 100} % of the exchanges are equal`, () => {
      assert.ok(all > 0, 'Nothing was recorded')
      assert.ok(1 - different / all >= EQUAL, `${all - different} of ${all}`)
    })
  })
}

/** A step that was too long to be kept is made again from its beginning and its length. */
function sentWhole({ sent }: Exchange): string {
  const [, start, length] = /^([\s\S]{64})… (\d+)$/.exec(sent) ?? []
  return start === undefined ? sent : start.padEnd(Number(length), start.at(-1))
}
