import assert from 'node:assert/strict'
import { test } from 'node:test'
import { sit } from '../../terminal/testing.ts'

/** What the keys leave in the file, seen by `cat`. */
const edited = async (program: string, before: string, keys: string[]): Promise<string> => {
  const sitting = await sit({ env: { PS1: '$ ' } })
  await sitting.press(`printf '${before}' >/tmp/f; PS1=; clear\r`)
  await sitting.press(`${program} /tmp/f\r`)
  for (const key of keys) await sitting.press(key)
  await sitting.press('\r')
  const shown = await sitting.press('cat /tmp/f\r')
  await sitting.close()
  return shown.split('\x1b[?2004l\r')[1]!.split('\x1b[?2004h')[0]!.replaceAll('\r', '')
}

const vi: [name: string, before: string, keys: string[], after: string][] = [
  ['inserts', 'one\\ntwo\\n', ['ihello \x1b', ':wq\r'], 'hello one\ntwo\n'],
  ['appends and opens lines', 'one\\n', ['A!\x1b', 'otwo\x1b', 'Ozero\x1b', 'ZZ'], 'one!\nzero\ntwo\n'],
  ['deletes', 'one two\\nthree\\nfour\\n', ['x', 'w', 'D', 'jdd', ':x\r'], 'ne \nfour\n'],
  ['changes words', 'one two three\\n', ['wcwTWO\x1b', ':wq\r'], 'one TWO three\n'],
  ['deletes words', 'one two three\\nfour\\n', ['dw', '2dw', 'jdw', ':wq\r'], '\n\n'],
  ['yanks and puts', 'a\\nb\\n', ['yyjp', 'kP', ':wq\r'], 'a\na\nb\na\n'],
  ['takes back', 'a\\nb\\n', ['dd', 'u', ':wq\r'], 'a\nb\n'],
  ['finds', 'a\\nb\\nxyz\\n', ['/y\r', 'x', ':wq\r'], 'a\nb\nxz\n'],
  ['substitutes', 'a b a\\na\\n', [':%s/a/x/g\r', ':1s/b/[&]/\r', ':wq\r'], 'x [b] x\nx\n'],
  ['leaves without saving', 'a\\n', ['ddix\x1b', ':q\r', ':q!\r'], 'a\n'],
  ['joins, replaces, repeats by count', 'a\\nb\\nc\\n', ['J', 'rX', 'G2x', ':wq\r'], 'aXb\n\n'],
  ['goes to lines and deletes ranges', '1\\n2\\n3\\n4\\n5\\n', [':2,3d\r', ':$\r', 'dd', 'ggdd', ':wq\r'], '4\n'],
  ['shifts', 'a\\nb\\n', ['>>', 'j>>', '<<', ':wq\r'], '\ta\nb\n'],
]
for (const [name, before, keys, after] of vi)
  test(`vi ${name}`, async () => assert.equal(await edited('vi', before, keys), after))

const nano: [name: string, before: string, keys: string[], after: string][] = [
  ['writes and leaves', 'one\\n', ['hello ', '\x0f', '\r', '\x18'], 'hello one\n'],
  ['asks whether to save', 'one\\n', ['x', '\x18', 'y', '\r'], 'xone\n'],
  ['leaves without saving', 'one\\n', ['x', '\x18', 'n'], 'one\n'],
  ['cuts and pastes lines', 'a\\nb\\nc\\n', ['\x0b', '\x1b[B', '\x15', '\x13', '\x18'], 'b\na\nc\n'],
  [
    'moves, breaks and joins lines',
    'ab\\ncd\\n',
    ['\x1b[C', '\r', '\x1b[B', '\x01', '\x7f', '\x13', '\x18'],
    'a\nbcd\n',
  ],
  ['finds', 'one\\ntwo\\n', ['\x17', 'w\r', 'X', '\x13', '\x18'], 'one\ntXwo\n'],
]
for (const [name, before, keys, after] of nano)
  test(`nano ${name}`, async () => assert.equal(await edited('nano', before, keys), after))

test('the first screen of vi and nano', async () => {
  const sitting = await sit({ columns: 60, rows: 12 })
  const vi = await sitting.press('vi /tmp/new\r')
  assert.match(vi, /\x1b\[\?1049h\x1b\[22;0;0t\x1b\[>4;2m\x1b\[\?1h\x1b=\x1b\[\?2004h\x1b\[1;12r/)
  assert.match(vi, /\x1b\[12;1H"\/tmp\/new" \[New File\]/)
  assert.match(vi, /\x1b\[2;1H\x1b\[94m~/)
  assert.match(await sitting.press(':q!\r'), /\x1b\[\?1049l\x1b\[23;0;0t\x1b\[\?25h/)
  const nano = await sitting.press('nano /tmp/new\r')
  assert.match(nano, /\x1b\(B\x1b\[0;7m {2}GNU nano 7\.2 {14}\/tmp\/new /)
  assert.match(nano, /\x1b\(B\x1b\[0;7m\[ New File \]\x1b\(B\x1b\[m/)
  assert.match(nano, /\^G\x1b\(B\x1b\[m Help {5}\x1b\(B\x1b\[0;7m\^O\x1b\(B\x1b\[m Write Out/)
  await sitting.press('\x18')
  await sitting.close()
})

test('less looks for a new pattern from the first row that is shown, and for the next after it', async () => {
  const sitting = await sit({ columns: 60, rows: 12 })
  await sitting.press('less /etc/passwd\r')
  assert.doesNotMatch(await sitting.press('/^root\r'), /Pattern not found/)
  assert.match(await sitting.press('n'), /Pattern not found/)
  await sitting.press('\r')
  await sitting.press('q')
  await sitting.close()
})
