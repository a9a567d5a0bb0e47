import assert from 'node:assert/strict'
import { test } from 'node:test'
import { runLine } from '../../testing.ts'

test('getopt puts a script’s words in order, as util-linux 2.38.1 does', async () => {
  const cases: [string, string, string, number][] = [
    ['-o ab: --long foo,bar: -- -a -b x --foo y', " -a -b 'x' --foo -- 'y'\n", '', 0],
    ['ab: -a -b c d', ' -a -b c -- d\n', '', 0],
    ['-o a -- -z', ' --\n', "getopt: invalid option -- 'z'\n", 1],
    ['-n prog -o a: -l long -- -a', ' --\n', "prog: option requires an argument -- 'a'\n", 1],
    ['-T', '', '', 4],
    ['', '', "getopt: missing optstring argument\nTry 'getopt --help' for more information.\n", 2],
    [`-o a:: -l "x y,lo::" -- -ab --lo=1 "it's"`, " -a 'b' --lo '1' -- 'it'\\''s'\n", '', 0],
  ]
  for (const [args, out, err, code] of cases) {
    const { stdout, stderr, status } = await runLine(`getopt ${args}`)
    assert.deepEqual([stdout, stderr, status], [out, err, code], args)
  }
})
