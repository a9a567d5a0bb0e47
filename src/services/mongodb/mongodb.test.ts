import assert from 'node:assert/strict'
import fs from 'node:fs'
import path from 'node:path'
import { test } from 'node:test'
import { protocolOf } from '#payload/identify.ts'
import { listeningRecorder, testContext } from '#services/testing/play.ts'
import { parseTalk } from '#services/testing/talk.ts'
import { readDocument, writeDocument } from './bson.ts'
import { compress, decompress } from './compress.ts'
import { crc32c } from './crc32c.ts'
import { execute } from './execute.ts'
import { indicatorsIn } from './exploits.ts'
import mongodb from './index.ts'
import { jsonOf } from './json.ts'
import { newServer, type Session } from './state.ts'
import { type Doc, date, decimalNumber, doc, int, isArray, isDoc, type Value } from './value.ts'

/** A connection without a wire. */
function connected(options: object = {}) {
  const { record, events } = listeningRecorder()
  const cx = testContext(mongodb, record, { options })
  const server = newServer(cx)
  const session: Session = {
    cx,
    server,
    connection: 1,
    user: undefined,
    scram: undefined,
    conversations: 0,
    greeted: true,
    compressors: [],
  }
  const say = (command: Doc, db = 'test') => execute(session, db, command)
  return { say, events, session, server }
}
const shown = (value: Value | undefined): unknown => JSON.parse(jsonOf(doc({ value: value ?? null }), 100_000)).value
const batch = (answer: Doc): unknown => {
  const cursor = answer.get('cursor')
  assert.ok(isDoc(cursor), jsonOf(answer, 1000))
  return shown(cursor.get('firstBatch'))
}

test('documents come back byte for byte, and broken ones are named', () => {
  // The example of bsonspec.org/faq.html.
  const bytes = Buffer.from(
    '310000000442534f4e002600000002300008000000617765736f6d65000131003333333333331440103200c20700000000',
    'hex',
  )
  const { doc: found } = readDocument(bytes)
  assert.equal(jsonOf(found, 200), '{"BSON":["awesome",5.05,1986]}')
  assert.deepEqual(writeDocument(found), bytes)
  for (const broken of [
    '04000000',
    '0500000001',
    '0d0000001061000100000000',
    '0600000002610000',
    '0d000000026100ffffffff0000',
  ])
    assert.throws(() => readDocument(Buffer.from(broken, 'hex')), /BSON/)
  const nested = Array.from({ length: 300 }).reduce<Value>(inner => doc({ a: inner }), null)
  assert.throws(() => readDocument(writeDocument(nested as Doc)), /too deeply/)
})

test('checksums, compressors and decimals are those of their specifications', () => {
  assert.equal(crc32c(Buffer.from('123456789')), 0xe3069283)
  const long = Buffer.from('abcd'.repeat(40_000))
  for (const kind of [0, 1, 2, 3]) assert.deepEqual(decompress(kind, compress(kind, long), long.length), long)
  // A copy that overlaps what it makes: 'ab' and then four more of it.
  assert.equal(String(decompress(1, Buffer.from([6, 0x04, 0x61, 0x62, 0x01, 0x02]), 6)), 'ababab')
  for (const kind of [1, 2, 3, 9]) assert.throws(() => decompress(kind, Buffer.from('what'), 100))
  assert.throws(() => decompress(2, compress(2, long), 100))
  assert.equal(decimalNumber({ is: 'decimal', bytes: Buffer.from('7b000000000000000000000000003c30', 'hex') }), 1.23)
})

test('filters find what the server finds', async () => {
  const { say } = connected()
  const rows = [
    doc({ _id: int(1), n: int(5), tags: ['a', 'b'], sub: doc({ x: int(1) }), s: 'Hello' }),
    doc({ _id: int(2), n: 7.5, tags: [], sub: [doc({ x: int(2) }), doc({ x: int(3) })], s: 'world' }),
    doc({ _id: int(3), n: null, s: 'hell' }),
    doc({ _id: int(4), n: 9n, tags: 'a', d: date(1000) }),
  ]
  await say(doc({ insert: 'c', documents: rows }))
  const found = async (filter: Doc) =>
    (batch(await say(doc({ find: 'c', filter, projection: doc({ _id: int(1) }) }))) as { _id: number }[]).map(
      ({ _id }) => _id,
    )
  const table: [Doc, number[]][] = [
    [doc({ n: int(5) }), [1]],
    [doc({ n: doc({ $gt: int(5) }) }), [2, 4]],
    [doc({ n: null }), [3]],
    [doc({ missing: null }), [1, 2, 3, 4]],
    [doc({ n: doc({ $exists: false }) }), []],
    [doc({ tags: 'a' }), [1, 4]],
    [doc({ tags: ['a', 'b'] }), [1]],
    [doc({ tags: doc({ $size: int(0) }) }), [2]],
    [doc({ tags: doc({ $all: ['a', 'b'] }) }), [1]],
    [doc({ 'sub.x': int(3) }), [2]],
    [doc({ 'sub.0.x': int(2) }), [2]],
    [doc({ sub: doc({ $elemMatch: doc({ x: doc({ $gt: int(2) }) }) }) }), [2]],
    [doc({ s: { is: 'regex', source: '^hel', flags: 'i' } }), [1, 3]],
    [doc({ s: doc({ $regex: 'O', $options: 'i' }) }), [1, 2]],
    [doc({ s: doc({ $not: { is: 'regex', source: 'o', flags: '' } }) }), [3, 4]],
    [doc({ n: doc({ $type: 'long' }) }), [4]],
    [doc({ n: doc({ $type: 'number' }) }), [1, 2, 4]],
    [doc({ n: doc({ $in: [int(5), 9] }) }), [1, 4]],
    [doc({ n: doc({ $nin: [int(5), null] }) }), [2, 4]],
    [doc({ n: doc({ $mod: [int(3), int(0)] }) }), [4]],
    [doc({ $or: [doc({ _id: int(1) }), doc({ d: doc({ $lt: date(2000) }) })] }), [1, 4]],
    [doc({ $nor: [doc({ s: doc({ $exists: true }) })] }), [4]],
    [doc({ $expr: doc({ $gt: ['$n', doc({ $add: [int(3), int(3)] })] }) }), [2, 4]],
  ]
  for (const [filter, wanted] of table) assert.deepEqual(await found(filter), wanted, jsonOf(filter, 300))
  const slow = await say(doc({ find: 'c', filter: doc({ s: doc({ $regex: '(l+)+$x' }) }) }))
  assert.equal(slow.get('ok'), 1)
})

test('updates change what they name', async () => {
  const { say } = connected()
  const table: [Doc, Doc, object][] = [
    [
      doc({ a: int(1) }),
      doc({ $set: doc({ 'b.c': 'x', 'l.2': int(3) }), $inc: doc({ a: int(2) }) }),
      { a: 3, b: { c: 'x' }, l: { '2': 3 } },
    ],
    [doc({ a: int(1), b: int(2) }), doc({ $unset: doc({ a: '' }), $rename: doc({ b: 'c' }) }), { c: 2 }],
    [
      doc({ l: [int(3), int(1)] }),
      doc({ $push: doc({ l: doc({ $each: [int(2)], $sort: int(1), $slice: int(2) }) }) }),
      { l: [1, 2] },
    ],
    [doc({ l: [int(1), int(2), int(1)] }), doc({ $pull: doc({ l: int(1) }) }), { l: [2] }],
    [doc({ l: [int(1), int(5)] }), doc({ $pull: doc({ l: doc({ $gt: int(3) }) }) }), { l: [1] }],
    [doc({ l: ['a'] }), doc({ $addToSet: doc({ l: doc({ $each: ['a', 'b'] }) }) }), { l: ['a', 'b'] }],
    [doc({ a: int(5) }), doc({ $min: doc({ a: int(3) }), $max: doc({ b: int(9) }) }), { a: 3, b: 9 }],
    [doc({ l: [int(1), int(2)] }), doc({ $inc: doc({ 'l.$[]': int(10) }) }), { l: [11, 12] }],
    [doc({ a: int(1) }), doc({ b: int(2) }), { b: 2 }],
  ]
  for (const [before, how, wanted] of table) {
    await say(doc({ delete: 'u', deletes: [doc({ q: doc({}), limit: int(0) })] }))
    await say(doc({ insert: 'u', documents: [new Map<string, Value>([['_id', int(1)], ...before])] }))
    const answer = await say(doc({ update: 'u', updates: [doc({ q: doc({ _id: int(1) }), u: how })] }))
    assert.deepEqual(shown(answer.get('nModified')), 1, jsonOf(answer, 500))
    assert.deepEqual(batch(await say(doc({ find: 'u' }))), [{ _id: 1, ...wanted }], jsonOf(how, 300))
  }
  const errors = await say(doc({ update: 'u', updates: [doc({ q: doc({}), u: doc({ $set: doc({ _id: int(7) }) }) })] }))
  assert.match(jsonOf(errors, 500), /"code":66,.*immutable field '_id'/)
})

test('what one attacker keeps is bounded, and a drop gives it back', async () => {
  const { say, server } = connected()
  const large = doc({ text: 'x'.repeat(1 << 20) })
  for (let n = 0; n < 10; n++) await say(doc({ insert: 'big', documents: [large] }))
  const full = await say(doc({ insert: 'big', documents: [large] }))
  const [error] = full.get('writeErrors') as Doc[]
  assert.deepEqual(shown(error!.get('code')), 14_031)
  await say(doc({ dropDatabase: int(1) }))
  assert.equal((await say(doc({ insert: 'big', documents: [large] }))).get('writeErrors'), undefined)
  server.drop()
  assert.ok(server.store.bytes > 0 && server.store.bytes < 200_000)
  for (let n = 0; n < 200; n++) await say(doc({ create: `c${n}` }), `d${n}`)
  assert.ok(server.store.databases.size <= 100)
})

test('a file in a document is kept, and a note’s indicators are told', async () => {
  const { say, events } = connected()
  const elf = Buffer.concat([Buffer.from('\x7fELF\x02\x01\x01', 'latin1'), Buffer.alloc(600)])
  await say(
    doc({
      insert: 'fs.chunks',
      documents: [doc({ files_id: 'x.so', n: int(0), data: { is: 'binary', kind: 0, bytes: elf } })],
    }),
  )
  await new Promise(setImmediate)
  const [upload] = events.filter(({ name }) => name === 'fileUpload')
  assert.equal((upload!.details as { path: string }).path, 'test/fs.chunks/x.so/0/data')
  await say(doc({ find: 'c', filter: doc({ $where: 'this.a' }) }))
  assert.ok(
    events.some(({ name, details }) => name === 'exploit' && (details as { id: string }).id === 'mongodb-javascript'),
  )
  assert.deepEqual(
    indicatorsIn('send 0.1 to bc1qar0srrr7xfkvy5l643lydnw9re59gtzzwf5mdq or mail a@b.example, t.me/abcd'),
    ['bitcoin: bc1qar0srrr7xfkvy5l643lydnw9re59gtzzwf5mdq', 'mail: a@b.example', 'telegram: t.me/abcd'],
  )
})

test('no two sensors show the same data', () => {
  const { server } = connected()
  const app = [...server.store.databases.keys()].find(name => !['admin', 'config', 'local'].includes(name))!
  const users = server.store.collection(app, 'users')!
  assert.ok(users.docs.size >= 20)
  const { doc: first } = readDocument([...users.docs.values()][0]!)
  assert.match(String(first.get('email')), /@mail\.example$/)
  assert.ok(isArray(readDocument([...server.store.collection(app, 'orders')!.docs.values()][0]!).doc.get('items')))
})

test('commands that would take everything end as ones that took too long', async () => {
  const { say } = connected()
  const list = Array.from({ length: 20_000 }, (_, i) => int(i))
  await say(
    doc({ insert: 'l', documents: [doc({ list, nested: Array.from({ length: 20_000 }, () => doc({ a: int(1) })) })] }),
  )
  const bombs = [
    [doc({ $unwind: '$list' })],
    [
      doc({
        $project: doc({
          x: doc({
            $map: doc({ input: doc({ $range: [int(0), int(9999)] }), in: doc({ $range: [int(0), int(9999)] }) }),
          }),
        }),
      }),
    ],
    [
      doc({ $project: doc({ s: 'x'.repeat(1000) }) }),
      ...Array.from({ length: 20 }, () => doc({ $addFields: doc({ s: doc({ $concat: ['$s', '$s'] }) }) })),
    ],
    Array.from({ length: 40 }, () => doc({ $addFields: doc({ list: doc({ $concatArrays: ['$list', '$list'] }) }) })),
  ]
  for (const stages of bombs) {
    const answer = await say(doc({ aggregate: 'l', pipeline: stages, cursor: doc({}) }))
    assert.match(jsonOf(answer, 300), /^\{"ok":0,"errmsg":"(?:operation exceeded time limit|BSONObj size is invalid)"/)
  }
})

test('whoever begins like this on another port is led here', () => {
  const folder = path.join(import.meta.dirname, 'talks')
  for (const file of fs.readdirSync(folder)) {
    if (file === 'http.talk') continue
    const { steps } = parseTalk(fs.readFileSync(path.join(folder, file), 'utf8'))
    assert.equal(protocolOf(steps[0]!.client, 4711)?.protocol, 'mongodb', file)
  }
})
