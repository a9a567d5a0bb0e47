import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import fs from 'node:fs'
import { test } from 'node:test'
import { constants, zstdCompressSync } from 'node:zlib'
import { seeded } from '#codec/testing.ts'
import { lineCap, type Position } from '../journal.ts'
import { readEvents } from './follow.ts'
import { readJournal, type Skip } from './reader.ts'
import { numbered, numberOf, openTestJournal, range, readAll, temporaryDirectory, until } from './testing.ts'

const segment = (n: number, writer = 'tcp') => `${writer}-20261121T220000Z-000${n}`
const lines = (from: number, to: number) => range(from, to).map(n => `${JSON.stringify(numbered(n))}\n`)
const numbers = async (directory: string, from: Position[] = []) =>
  (await readAll(directory, { from })).lines.map(({ event }) => numberOf(event))

/** Keeps what it reads as a store does: rows and positions together. */
function bookkeeper() {
  const taken = new Map<string, number[]>()
  const positions = new Map<string, Position>()
  return {
    taken,
    positions: () => [...positions.values()],
    keep(
      batch: { lines: { event: Parameters<typeof numberOf>[0] }[]; positions: Position[] },
      writerOf: (n: number) => string,
    ) {
      for (const { event } of batch.lines) {
        const writer = writerOf(numberOf(event))
        taken.set(writer, [...(taken.get(writer) ?? []), numberOf(event)])
      }
      for (const position of batch.positions) positions.set(position.writer, position)
    },
  }
}

test('every event is taken once through rotation and compression, by a reader cut off at random points', async t => {
  const directory = temporaryDirectory(t)
  const random = seeded(7)
  const total = 4000
  const journals = ['tcp', 'udp'].map(writer => openTestJournal({ directory, writer, segmentBytes: 30_000 }))
  const writing = Promise.all(
    journals.map(async (journal, side) => {
      for (let n = 0; n < total; ) {
        for (const end = Math.min(total, n + 1 + Math.floor(60 * random())); n < end; n++)
          journal.append(numbered(side * total + n))
        await journal.durable()
      }
    }),
  )
  const book = bookkeeper()
  let skipped = 0
  const count = () => [...book.taken.values()].reduce((sum, { length }) => sum + length, 0)
  while (count() < 2 * total) {
    let batches = 1 + Math.floor(5 * random())
    const bounds = { maxLines: 1 + Math.floor(300 * random()), maxBytes: 1 + Math.floor(100_000 * random()) }
    for await (const batch of readJournal({ directory, from: book.positions(), ...bounds })) {
      // Sometimes the reader dies before what it read is kept: then it was not read.
      if (random() < 0.1) break
      book.keep(batch, n => (n < total ? 'tcp' : 'udp'))
      skipped += batch.skipped
      if (--batches === 0 || count() === 2 * total) break
    }
  }
  await writing
  for (const journal of journals) await journal.close()
  assert.ok(fs.readdirSync(directory).some(file => file.endsWith('.zst')))
  assert.equal(skipped, 0)
  assert.deepEqual(book.taken.get('tcp'), range(0, total))
  assert.deepEqual(book.taken.get('udp'), range(total, 2 * total))
})

test('a position holds in the compressed form, at every line', async t => {
  const directory = temporaryDirectory(t)
  const text = lines(0, 30)
  fs.writeFileSync(`${directory}/${segment(1)}.jsonl.zst`, zstdCompressSync(text.join('')))
  fs.writeFileSync(`${directory}/${segment(2)}.jsonl`, lines(30, 32).join(''))
  for (let taken = 0; taken <= 30; taken++) {
    const offset = Buffer.byteLength(text.slice(0, taken).join(''))
    assert.deepEqual(await numbers(directory, [{ writer: 'tcp', segment: segment(1), offset }]), range(taken, 32))
  }
})

test('a segment compressed and removed while it is half read is read on', async t => {
  const directory = temporaryDirectory(t)
  const text = lines(0, 100).join('')
  const path = `${directory}/${segment(1)}.jsonl`
  fs.writeFileSync(path, text)
  const seen: number[] = []
  for await (const batch of readJournal({ directory, maxLines: 10 })) {
    seen.push(...batch.lines.map(({ event }) => numberOf(event)))
    if (seen.length === 30) {
      fs.writeFileSync(`${path}.zst`, zstdCompressSync(text))
      fs.rmSync(path)
    }
    if (seen.length === 100) break
  }
  assert.deepEqual(seen, range(0, 100))
})

test('half a line is left alone until the rest has come', async t => {
  const directory = temporaryDirectory(t)
  const path = `${directory}/${segment(1)}.jsonl`
  const bytes = Buffer.from(lines(0, 3).join(''))
  fs.writeFileSync(path, '')
  const stop = new AbortController()
  const seen: number[] = []
  const reading = (async () => {
    for await (const batch of readJournal({ directory, signal: stop.signal }))
      seen.push(...batch.lines.map(({ event }) => numberOf(event)))
  })()
  for (let at = 0; at < bytes.length; at += 37) {
    fs.appendFileSync(path, bytes.subarray(at, at + 37))
    await new Promise(resolve => setImmediate(resolve))
  }
  await until(() => seen.length === 3)
  stop.abort()
  await reading
  assert.deepEqual(seen, [0, 1, 2])
})

test('the reader waits for a directory, a writer and a segment that are not there yet', async t => {
  const directory = `${temporaryDirectory(t)}/journal`
  const stop = new AbortController()
  const seen: number[] = []
  const reading = (async () => {
    for await (const batch of readJournal({ directory, signal: stop.signal }))
      seen.push(...batch.lines.map(({ event }) => numberOf(event)))
  })()
  for (const [i, writer] of ['tcp', 'udp', 'tcp'].entries()) {
    const journal = openTestJournal({ directory, writer })
    journal.append(numbered(i))
    await journal.close()
    await until(() => seen.length === i + 1)
  }
  stop.abort()
  await reading
  assert.deepEqual(seen, [0, 1, 2])
})

test('segments that retention removed are passed over', async t => {
  const directory = temporaryDirectory(t)
  fs.writeFileSync(`${directory}/${segment(3)}.jsonl`, lines(0, 2).join(''))
  assert.deepEqual(await numbers(directory, [{ writer: 'tcp', segment: segment(1), offset: 5000 }]), [0, 1])
  // Cut by recovery below what had been read: those lines were nothing but damage.
  assert.deepEqual(await numbers(directory, [{ writer: 'tcp', segment: segment(3), offset: 99_999 }]), [])
})

const damage: [what: string, bytes: Buffer, skips: number][] = [
  ['a line of zero bytes', Buffer.from('\0\0\0\0\n'), 1],
  ['an empty line', Buffer.from('\n'), 1],
  ['half a line', Buffer.from('{"event":{"id":"\n'), 1],
  ['JSON that is no event', Buffer.from('{"event":null}\nnull\n[]\n"x"\n{"event":{"id":1},"@timestamp":"x"}\n'), 5],
  ['bytes that are not UTF-8', Buffer.from('7b22ff227d0a', 'hex'), 1],
  ['deep nesting', Buffer.from(`${'['.repeat(500_000)}\n`), 1],
  ['a line of exactly the cap', Buffer.from(`${'x'.repeat(lineCap - 1)}\n`), 1],
  ['a line over the cap', Buffer.from(`${'x'.repeat(lineCap)}\n`), 1],
  ['a line of many caps', Buffer.from(`${'x'.repeat(3 * lineCap + 17)}\n`), 1],
]
for (const [what, bytes, skips] of damage)
  test(`${what} in the middle is skipped, counted and told`, async t => {
    const directory = temporaryDirectory(t)
    const whole = Buffer.concat([Buffer.from(lines(0, 2).join('')), bytes, Buffer.from(lines(2, 4).join(''))])
    for (const file of [`${segment(1)}.jsonl`, `${segment(1)}.jsonl.zst`]) {
      fs.writeFileSync(`${directory}/${file}`, file.endsWith('zst') ? zstdCompressSync(whole) : whole)
      const told: Skip[] = []
      const all = await readAll(directory, { onSkip: skip => told.push(skip) })
      assert.deepEqual(
        all.lines.map(({ event }) => numberOf(event)),
        range(0, 4),
        file,
      )
      assert.equal(all.positions[0]?.offset, whole.length)
      assert.equal(told[0]?.offset, Buffer.byteLength(lines(0, 2).join('')))
      if (what !== 'a line of many caps') assert.equal(all.skipped, skips)
      assert.equal(all.skipped, told.length)
      fs.rmSync(`${directory}/${file}`)
    }
  })

test('a compressed segment that is damaged costs no more than itself, and never goes unnoticed', async t => {
  const directory = temporaryDirectory(t)
  const good = zstdCompressSync(lines(0, 500).join(''), { params: { [constants.ZSTD_c_checksumFlag]: 1 } })
  const random = seeded(3)
  const cuts = [0, 1, 4, 5, 17, good.length - 1, ...range(0, 30).map(() => Math.floor(good.length * random()))]
  const flips = range(0, 60).map(() => {
    const bad = Buffer.from(good)
    bad[Math.floor(bad.length * random())]! ^= 1 << Math.floor(8 * random())
    return bad
  })
  fs.writeFileSync(`${directory}/${segment(2)}.jsonl`, lines(500, 503).join(''))
  for (const bad of [...cuts.map(length => good.subarray(0, length)), ...flips]) {
    fs.writeFileSync(`${directory}/${segment(1)}.jsonl.zst`, bad)
    const { lines, skipped } = await readAll(directory)
    const found = lines.map(({ event }) => numberOf(event))
    assert.deepEqual(found.slice(-3), [500, 501, 502])
    // A few bits of a frame's header mean nothing.
    if (skipped === 0) assert.deepEqual(found, range(0, 503))
  }
})

test('garbage never ends the reader, and costs only the lines it touches', async t => {
  const directory = temporaryDirectory(t)
  const random = seeded(11)
  for (let round = 0; round < 150; round++) {
    const text = lines(0, 20)
    const hit = new Set<number>()
    const bytes = text.map((line, n) => {
      const at = Buffer.from(line)
      if (random() > 0.3) return at
      hit.add(n)
      const kind = Math.floor(4 * random())
      if (kind === 0) return Buffer.concat([at.subarray(0, Math.floor(at.length * random())), Buffer.from('\n')])
      if (kind === 1) return Buffer.concat([randomBytes(Math.floor(5000 * random())), Buffer.from('\n')])
      if (kind === 2) at[Math.floor(at.length * random())] = Math.floor(256 * random())
      else at.fill(0, Math.floor(at.length * random()))
      return at
    })
    const whole = Buffer.concat(bytes)
    fs.writeFileSync(`${directory}/${segment(1)}.jsonl`, whole.subarray(0, Math.floor(whole.length * (1 + random()))))
    fs.writeFileSync(`${directory}/${segment(2)}.jsonl`, lines(100, 101).join(''))
    const found = new Set(await numbers(directory))
    assert.ok(found.has(100))
    // A line without its newline takes the next with it.
    for (let n = 0; n < 20; n++)
      if (!hit.has(n) && !hit.has(n - 1) && whole.length > 0) {
        const end = Buffer.concat(bytes.slice(0, n + 1)).length
        if (end <= fs.statSync(`${directory}/${segment(1)}.jsonl`).size) assert.ok(found.has(n), `line ${n}`)
      }
  }
})

test('one writer that floods does not silence another', async t => {
  const directory = temporaryDirectory(t)
  fs.writeFileSync(`${directory}/${segment(1, 'tcp')}.jsonl`, lines(0, 1000).join(''))
  fs.writeFileSync(`${directory}/${segment(1, 'udp')}.jsonl`, lines(1000, 1001).join(''))
  let batches = 0
  for await (const batch of readJournal({ directory, maxLines: 10 })) {
    batches++
    if (batch.lines.some(({ event }) => numberOf(event) === 1000)) break
  }
  assert.ok(batches <= 2)
})

test('events since a time come from the segments that can hold them', async t => {
  const directory = temporaryDirectory(t)
  let now = Date.UTC(2026, 10, 21, 20)
  const journal = openTestJournal({ directory, now: () => now })
  const hour = 3_600_000
  for (const n of range(0, 5)) {
    journal.append({ ...numbered(n), '@timestamp': new Date(now).toISOString() })
    await journal.durable()
    now += hour
  }
  await journal.close()
  const since = async (time: number) => {
    const found = []
    for await (const { event } of readEvents({ directory, since: time, follow: false })) found.push(numberOf(event))
    return found
  }
  assert.deepEqual(await since(0), range(0, 5))
  assert.deepEqual(await since(now - 3 * hour), [2, 3, 4])
  assert.deepEqual(await since(now - 2 * hour - 1), [3, 4])
  assert.deepEqual(await since(now), [])
})
