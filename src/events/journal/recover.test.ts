import assert from 'node:assert/strict'
import fs from 'node:fs'
import { test } from 'node:test'
import { compressSegment } from './compress.ts'
import { cutTornTail } from './recover.ts'
import { numbered, numbersIn, openTestJournal, range, temporaryDirectory } from './testing.ts'

const name = 'tcp-20261121T220000Z-0001'

test('a tail of every length is cut to the last whole line', t => {
  const directory = temporaryDirectory(t)
  const path = `${directory}/${name}.jsonl`
  const lines = ['{"a":1}\n', '{"b":"ä"}\n', '{"c":[{}]}\n'].map(line => Buffer.from(line))
  const whole = Buffer.concat(lines)
  const ends = lines.map((_, i) => Buffer.concat(lines.slice(0, i + 1)).length)
  for (let length = 0; length <= whole.length; length++) {
    const expected = Math.max(0, ...ends.filter(end => end <= length))
    for (const zeros of [0, 1, 4096, 100_000]) {
      fs.writeFileSync(path, Buffer.concat([whole.subarray(0, length), Buffer.alloc(zeros)]))
      assert.equal(cutTornTail(directory, name), length + zeros - expected, `${length} bytes and ${zeros} zeros`)
      assert.deepEqual(fs.readFileSync(path), whole.subarray(0, expected))
    }
  }
})

const endings: [what: string, tail: Buffer][] = [
  ['zero bytes with a newline', Buffer.from('\0\0\0\n')],
  ['a line that is not JSON', Buffer.from('{"a":\n')],
  ['an empty line', Buffer.from('\n')],
  ['a number', Buffer.from('12\n')],
  ['three bad lines', Buffer.from('{\n}\n\0\n')],
  ['half a line longer than the first look', Buffer.from(`{"a":"${'x'.repeat(300_000)}`)],
]
for (const [what, tail] of endings)
  test(`a tail of ${what} is cut`, t => {
    const directory = temporaryDirectory(t)
    const whole = `{"long":"${'x'.repeat(70_000)}"}\n`
    fs.writeFileSync(`${directory}/${name}.jsonl`, Buffer.concat([Buffer.from(whole), tail]))
    assert.equal(cutTornTail(directory, name), tail.length)
    assert.equal(fs.readFileSync(`${directory}/${name}.jsonl`, 'utf8'), whole)
  })

test('a link that somebody laid into the journal leads nowhere: neither cut nor copied', async t => {
  const [directory, elsewhere] = [temporaryDirectory(t), temporaryDirectory(t)]
  const secret = `${elsewhere}/secret`
  for (const lay of [fs.symlinkSync, fs.linkSync]) {
    fs.writeFileSync(secret, 'root:x:0:0\n')
    lay(secret, `${directory}/${name}.jsonl`)
    assert.throws(() => cutTornTail(directory, name))
    await assert.rejects(compressSegment(directory, name, new AbortController().signal))
    assert.equal(fs.readFileSync(secret, 'utf8'), 'root:x:0:0\n')
    assert.deepEqual(fs.readdirSync(directory), [`${name}.jsonl`])
    fs.rmSync(`${directory}/${name}.jsonl`)
  }
})

test('opening the journal recovers, compresses and goes on behind what was there', async t => {
  const directory = temporaryDirectory(t)
  const lines = range(0, 3).map(n => JSON.stringify(numbered(n)))
  fs.writeFileSync(`${directory}/${name}.jsonl`, `${lines.join('\n')}\n{"half`)
  fs.writeFileSync(`${directory}/tcp-20261121T210000Z-0001.jsonl.zst.tmp`, 'left by a crash')
  fs.writeFileSync(`${directory}/udp-20261121T210000Z-0001.jsonl.zst.tmp`, 'of another writer')
  const journal = openTestJournal({ directory, now: () => Date.UTC(2026, 0, 1) })
  journal.append(numbered(3))
  await journal.durable()
  assert.equal(journal.stats().segment, 'tcp-20261121T220000Z-0002')
  while (!fs.existsSync(`${directory}/${name}.jsonl.zst`)) await new Promise(resolve => setTimeout(resolve, 5))
  await journal.close()
  assert.deepEqual(fs.readdirSync(directory), [
    'tcp-20261121T220000Z-0001.jsonl.zst',
    'tcp-20261121T220000Z-0002.jsonl',
    'udp-20261121T210000Z-0001.jsonl.zst.tmp',
  ])
  assert.deepEqual(await numbersIn(directory), range(0, 4))
})

test('a crash between compressing and removing leaves one segment, not two', async t => {
  const directory = temporaryDirectory(t)
  const first = openTestJournal({ directory, segmentBytes: 1 })
  for (const n of [0, 1]) {
    first.append(numbered(n))
    await first.durable()
  }
  const [old] = fs.readdirSync(directory)
  const plain = `${directory}/${old!.replace('.zst', '')}`
  while (fs.existsSync(plain)) await new Promise(resolve => setTimeout(resolve, 5))
  await first.close()
  fs.writeFileSync(plain, `${JSON.stringify(numbered(0))}\n`)
  assert.deepEqual(await numbersIn(directory), [0, 1])
  await openTestJournal({ directory }).close()
  assert.equal(fs.existsSync(plain), false)
  assert.deepEqual(await numbersIn(directory), [0, 1])
})
