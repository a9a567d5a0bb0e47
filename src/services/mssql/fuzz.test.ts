import assert from 'node:assert/strict'
import { test } from 'node:test'
import { numbers } from '#codec/testing.ts'
import { fuzzConversations } from '#services/testing/fuzz.ts'
import { listeningRecorder, testContext } from '#services/testing/play.ts'
import { CAPACITY } from '#sql/store.ts'
import mssql from './index.ts'
import { runBatch } from './run.ts'
import { newSession } from './serve.ts'
import { Sink } from './sink.ts'
import { newServer } from './state.ts'

const wide = (text: string) => Buffer.from(text, 'utf16le')

test('mutated conversations end in a named way', { timeout: 600_000 }, async () => {
  await fuzzConversations(mssql, {
    folder: import.meta.dirname,
    words: [
      '\x12\x01\x00\x08\x00\x00\x00\x00',
      '\x10\x01\xff\xff\x00\x00\x01\x00',
      '\x01\x01\x00\x10\x00\x00\x01\x00',
      '\x03\x00\x00\x09\x00\x00\x01\x00',
      '\x06\x01\x00\x08\x00\x00\x01\x00',
      '\x00\x00\x00\x00',
      '\xff\xff\xff\xff',
      '\xff\xff\x0a\x00',
      '\xe7\xff\xff',
      '\x26\x08\x08',
      '\x6a\x11\x26\x26',
      '\x62',
      '\xf1\x01',
      'NTLMSSP\0\x01\x00\x00\x00',
      wide('SELECT '),
      wide("'"),
      wide('['),
      wide('@@'),
      wide(';EXEC '),
      wide('sp_configure'),
      wide(' TOP 1 '),
      wide('BEGIN TRY'),
      wide('0x4D5A'),
      wide('99999999999999999999'),
    ],
  })
})

const words =
  `select insert update delete create drop alter table database t a b c from where group by having order top into values set
  and or not null is in between like case when then else end exists union all distinct as on join left using ( ) , ; . * + - / % = < > <> ( )
  1 0 -1 1.5 1e308 99999999999999999999 'x' N'y' [z] "w" 0x41 @a @b @@version @@rowcount @@error count sum avg max min len substring replicate
  convert cast int varchar(20) nvarchar(max) decimal(10,2) datetime getdate() dateadd day isnull coalesce charindex exec sp_executesql xp_dirtree
  sp_configure declare @c begin end try catch if while break continue print raiserror return use master sys.objects sys.databases
  information_schema.tables #t identity(1,1) primary key default output go waitfor delay '0:0:1' constructor __proto__ -- /* */ openrowset bulk`.split(
    /\s+/,
  )

test('twenty thousand random batches: an answer each, and bounded memory', { timeout: 600_000 }, async () => {
  const pick = numbers(20_261_123)
  const { record } = listeningRecorder()
  const cx = testContext(mssql, record)
  const server = newServer(cx)
  const session = newSession(cx, server, {
    user: 'sa',
    host: '',
    app: '',
    library: '',
    version: 0x74000004,
    database: 'master',
  })
  for (let n = 0; n < 20_000; n++) {
    const sql = Array.from({ length: 1 + pick(14) }, () => words[pick(words.length)]!).join(' ')
    const sink = new Sink(session.version, 'host')
    await runBatch(session, sink, sql)
    const answer = Buffer.concat(sink.all)
    // DONE, DONEPROC or DONEINPROC, without MORE.
    assert.ok([0xfd, 0xfe, 0xff].includes(answer.at(-13)!) && (answer.at(-12)! & 1) === 0, sql)
    session.waits = 0
    assert.ok(server.use.bytes >= 0 && server.use.bytes <= CAPACITY, `${server.use.bytes} bytes after ${sql}`)
    if (n % 500 === 0) session.database = [...server.databases.values()][0]?.name ?? 'master'
  }
})

test('what one batch may hold in memory is bounded', async () => {
  const { record } = listeningRecorder()
  const cx = testContext(mssql, record)
  const server = newServer(cx)
  const who = { user: 'sa', host: '', app: '', library: '', version: 0x74000004, database: 'master' }
  const session = newSession(cx, server, who)
  const long = (count: number) =>
    Array.from({ length: count }, (_, i) => `declare @v${i} varchar(max) = replicate('x', 1000000)`).join(' ')
  const outOfMemory = Buffer.from('insufficient system memory', 'utf16le').toString('latin1')
  const latin = async (sql: string) => {
    const sink = new Sink(session.version, 'host')
    await runBatch(session, sink, sql)
    return Buffer.concat(sink.all).toString('latin1')
  }
  assert.ok((await latin(long(200))).includes(outOfMemory))
  assert.ok((await latin('declare @i int = 0; while 1 = 1 set @i += 1')).includes(outOfMemory))
  assert.ok(
    (await latin(`create table [${'n'.repeat(5000)}] (a int)`)).includes(
      Buffer.from('is too long', 'utf16le').toString('latin1'),
    ),
  )
  assert.ok((await latin('select 1')).length < 100)
})
