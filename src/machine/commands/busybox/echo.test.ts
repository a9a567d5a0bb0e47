import assert from 'node:assert/strict'
import { test } from 'node:test'
import { runLine } from '../../testing.ts'

/** As Debian 12's busybox prints them. */
const table: [words: string, shown: string][] = [
  [String.raw`-e '\147\1471'`, 'gg1\n'],
  [String.raw`-e '\01471'`, 'g1\n'],
  [String.raw`-e '\xg\x4\x41'`, '\\xg\x04A\n'],
  [String.raw`-e '\e[\q\8'`, '\x1b[\\q\\8\n'],
  [String.raw`-e 'a\cb'`, 'a'],
  [String.raw`-e '\400\0400'`, ' 0 0\n'],
  [String.raw`-e '\\x41\\cb' 'end\'`, '\\x41\\cb end\\\n'],
  [String.raw`-en -E 'a\tb'`, 'a\tb'],
  [String.raw`-Ee 'a\x41'`, 'aA\n'],
  [String.raw`-x 'a\tb'`, '-x a\\tb\n'],
  ['--help', '--help\n'],
  [String.raw`-ne '\x7f\x45\xff\x00\x0a'`, '\x7fE\xff\0\n'],
]
for (const [words, shown] of table)
  test(`busybox echo ${words}`, async () => assert.equal((await runLine(`/bin/busybox echo ${words}`)).stdout, shown))
