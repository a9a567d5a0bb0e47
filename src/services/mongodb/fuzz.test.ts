import assert from 'node:assert/strict'
import { test } from 'node:test'
import { numbers } from '#codec/testing.ts'
import { fuzzConversations } from '#services/testing/fuzz.ts'
import { listeningRecorder, testContext } from '#services/testing/play.ts'
import { readDocument, sizeOf, writeDocument } from './bson.ts'
import { execute } from './execute.ts'
import mongodb from './index.ts'
import { jsonOf } from './json.ts'
import { newServer, type Session } from './state.ts'
import { CAPACITY } from './store.ts'
import { type Doc, date, int, type Value } from './value.ts'

test('mutated conversations end in a named way', { timeout: 600_000 }, async () => {
  await fuzzConversations(mongodb, {
    folder: import.meta.dirname,
    words: [
      '\xd4\x07\0\0',
      '\xdd\x07\0\0',
      '\xdc\x07\0\0',
      '\xd2\x07\0\0',
      '\xd5\x07\0\0',
      '\xff\xff\xff\xff',
      '\xff\xff\xff\x7f',
      '\0\0\0\0',
      '\0\0\x01\0',
      '\x05\0\0\0\0',
      '\x03a\0',
      '\x04a\0',
      '\x05a\0\xff\xff\xff\x7f\0',
      '\x0b$regex\0(a*)*b\0i\0',
      '\x10$size\0\xff\xff\xff\xff',
      '\x02$where\0\x02\0\0\0a\0',
      '$db\0',
      'GET ',
      'n,,n=,r=',
      '\x02',
      '\x13',
    ],
  })
})

const fields =
  'a b _id tags sub.x a.0 $and $or $where $expr $set $inc $push $pull $unset $rename $gt $in $nin $exists $not $regex $elemMatch $size $all $mod $type $sum $match $group $project $unwind $sort $limit $lookup $facet $add $concat $cond $map $range $dateToString constructor __proto__ q u limit key name documents updates deletes pipeline cursor filter sort projection query update remove new upsert multi indexes index each $each $slice $sort from as let in'.split(
    ' ',
  )
const verbs =
  'find insert update delete aggregate count distinct findAndModify createIndexes dropIndexes listIndexes listCollections listDatabases collStats dbStats create drop dropDatabase renameCollection getMore killCursors explain getParameter setParameter usersInfo createUser updateUser saslStart saslContinue getLog serverStatus hello validate dataSize'.split(
    ' ',
  )

test('twenty thousand random commands: an answer or an error each, and bounded memory', {
  timeout: 600_000,
}, async () => {
  const pick = numbers(20_261_122)
  const { record } = listeningRecorder()
  const cx = testContext(mongodb, record)
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
  const value = (depth: number): Value => {
    const plain: Value[] = [
      null,
      true,
      0,
      -1.5,
      Number.NaN,
      1n,
      2n ** 62n,
      'c',
      '$a',
      '$$ROOT',
      '*',
      '(a+)+$',
      'x'.repeat(300),
      int(1),
      int(-1),
      int(2_147_483_647),
      date(0),
      date(2n ** 62n),
      { is: 'oid', hex: '65a4c0de65a4c0de65a4c0de' },
      { is: 'regex', source: 'a', flags: 'i' },
      { is: 'binary', kind: 0, bytes: Buffer.from('a') },
      { is: 'decimal', bytes: Buffer.alloc(16, 0x30) },
      { is: 'min' },
      { is: 'max' },
      { is: 'undefined' },
    ]
    const kind = depth > 3 ? 9 : pick(10)
    if (kind < 3) return document(depth + 1)
    if (kind < 5) return Array.from({ length: pick(4) }, () => value(depth + 1))
    return plain[pick(plain.length)]!
  }
  const document = (depth: number): Doc =>
    new Map(Array.from({ length: pick(4) }, () => [fields[pick(fields.length)]!, value(depth)]))
  for (let n = 0; n < 20_000; n++) {
    const command: Doc = new Map<string, Value>([
      [verbs[pick(verbs.length)]!, pick(3) > 0 ? 'c' : value(2)],
      ...document(0),
      ...document(1),
    ])
    const packed = writeDocument(command)
    assert.equal(sizeOf(command), packed.length)
    const answer = await execute(session, pick(9) > 0 ? 'd' : 'admin', readDocument(packed).doc)
    const ok = answer.get('ok')
    assert.ok(ok === 1 || (ok === 0 && typeof answer.get('errmsg') === 'string'), jsonOf(command, 500))
    writeDocument(answer)
    assert.ok(server.store.bytes >= 0 && server.store.bytes <= CAPACITY)
    assert.ok(server.cursors.size <= 16)
  }
})
