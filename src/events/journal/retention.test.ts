import assert from 'node:assert/strict'
import fs from 'node:fs'
import { type TestContext, test } from 'node:test'
import { type TrimOptions, trimJournal } from './retention.ts'
import { temporaryDirectory } from './testing.ts'

const hour = 3_600_000
const at = Date.UTC(2026, 10, 21, 20)
const tcp = ['tcp-20261121T200000Z-0001', 'tcp-20261121T210000Z-0001', 'tcp-20261121T220000Z-0001']
const udp = ['udp-20261121T203000Z-0001', 'udp-20261121T213000Z-0001']
const position = (writer: string, segment: string) => ({ writer, segment, offset: 0 })

/** Five segments of 1000 bytes; two are closed and one is open of `tcp`, one and one of `udp`. */
function journal(t: TestContext): string {
  const directory = temporaryDirectory(t)
  for (const name of tcp.slice(0, 2)) fs.writeFileSync(`${directory}/${name}.jsonl.zst`, Buffer.alloc(1000))
  fs.writeFileSync(`${directory}/${tcp[2]}.jsonl`, Buffer.alloc(1000))
  for (const name of udp) fs.writeFileSync(`${directory}/${name}.jsonl`, Buffer.alloc(1000))
  return directory
}

type Case = [what: string, options: Omit<TrimOptions, 'directory' | 'now'>, removed: string[]]
const cases: Case[] = [
  ['within its bounds nothing goes', { quotaBytes: 5000, ingested: 'all' }, []],
  ['over quota the oldest of all writers go', { quotaBytes: 3000, ingested: 'all' }, [tcp[0]!, udp[0]!]],
  ['the newest of each writer stays', { quotaBytes: 0, ingested: 'all' }, [tcp[0]!, udp[0]!, tcp[1]!]],
  ['over quota nothing goes that was not ingested', { quotaBytes: 0, ingested: [] }, []],
  [
    'a segment that is being read stays',
    { quotaBytes: 0, ingested: [position('tcp', tcp[1]!), position('udp', udp[0]!)] },
    [tcp[0]!],
  ],
  ['age removes what was ingested', { quotaBytes: 5000, maxAgeMs: hour, ingested: 'all' }, [tcp[0]!, udp[0]!]],
  ['age alone removes nothing else', { quotaBytes: 0, maxAgeMs: hour, ingested: [] }, []],
  [
    'age by force removes what was never ingested',
    { quotaBytes: 0, maxAgeMs: hour, ingested: [], force: true },
    [tcp[0]!, udp[0]!],
  ],
]
for (const [what, options, removed] of cases)
  test(`retention: ${what}`, t => {
    const directory = journal(t)
    const told = trimJournal({ directory, now: at + 2.8 * hour, ...options })
    assert.deepEqual(
      told.removed.map(({ segment }) => segment),
      removed,
    )
    assert.equal(told.bytes, 5000 - 1000 * removed.length)
    const left = fs.readdirSync(directory).map(file => file.replace(/\..*/, ''))
    assert.deepEqual(
      left,
      [...tcp, ...udp].filter(name => !removed.includes(name)),
    )
    for (const { ingested } of told.removed) assert.equal(ingested, !options.force)
  })

test('retention removes both forms of a segment', t => {
  const directory = journal(t)
  fs.writeFileSync(`${directory}/${tcp[0]}.jsonl`, Buffer.alloc(500))
  const { removed } = trimJournal({ directory, quotaBytes: 4500, ingested: 'all', now: at })
  assert.deepEqual(removed, [{ segment: tcp[0], bytes: 1500, why: 'quota', ingested: true }])
  assert.deepEqual(fs.readdirSync(directory).length, 4)
})
