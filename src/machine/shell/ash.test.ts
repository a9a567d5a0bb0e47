import assert from 'node:assert/strict'
import { test } from 'node:test'
import { rootAccount, runLine, testComputer } from '../testing.ts'

/** Lines given to `busybox ash -c` of Debian 12 (1.35.0), with what it wrote and how it ended. */
const recorded: readonly (readonly [line: string, stdout: string, stderr: string, status: number])[] = [
  [String.raw`printf '\x7f\x45\x4c\x46\0\1'`, '\x7fELF\0\x01', '', 0],
  [String.raw`printf '\x4\xg\u0041\e\E\q\"\?\c\0101'`, '\x04\\xg\\u0041\x1b\\E\\q\\"\\?', '', 0],
  [String.raw`printf '%b|' '\x41\u0041\e\E\"\0101\101\1012\8'`, 'A\\u0041\x1b\\E\\"AAA2\\8|', '', 0],
  [String.raw`printf 'a\cb' x`, 'a', '', 0],
  [String.raw`echo -ne '\x41\u0041\e\E\q\"\0101\101\1012\x4g'`, 'A\\u0041\x1b\\E\\q\\"AAA2\x04g', '', 0],
  ["printf '%d\\n' 12x", '0\n', "ash: invalid number '12x'\n", 1],
  ['printf', '', 'ash: usage: printf FORMAT [ARGUMENT...]\n', 2],
  ['printf -v x a', '-v', '', 0],
  ['echo $-', 'c\n', '', 0],
  ['set -x; echo $-', 'xc\n', '+ echo xc\n', 0],
  ['kill -l | head -2; kill -l 9', ' 1) HUP\n 2) INT\nKILL\n', '', 0],
  ['select x in a b; do :; done', '', 'ash: syntax error: unexpected "do"\n', 2],
  ['select', '', 'ash: select: not found\n', 127],
  [`echo \${a:?}`, '', 'ash: a: parameter not set or null\n', 2],
]

test('ash answers as BusyBox’s does', async () => {
  const computer = testComputer()
  for (const [line, ...expected] of recorded) {
    const quoted = `busybox ash -c '${line.replaceAll("'", `'\\''`)}' </dev/null`
    const { stdout, stderr, status } = await runLine(quoted, { computer, account: rootAccount })
    assert.deepEqual([stdout, stderr, status], expected, line)
  }
})
