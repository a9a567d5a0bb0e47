import assert from 'node:assert/strict'
import { test } from 'node:test'
import { numbers } from '#codec/testing.ts'
import { fuzzConversations } from '#services/testing/fuzz.ts'
import { listeningRecorder, testContext } from '#services/testing/play.ts'
import { CAPACITY } from '#sql/store.ts'
import { execute } from './execute.ts'
import mysql from './index.ts'
import { newServer } from './state.ts'
import { testSession } from './testing.ts'

test('mutated conversations end in a named way', { timeout: 600_000 }, async () => {
  await fuzzConversations(mysql, {
    folder: import.meta.dirname,
    words: [
      '\xff\xff\xff\x00',
      '\x00\x00\x00\x00',
      '\x01\x00\x00\x00\x01',
      '\x05\x00\x00\x00\x03',
      '\xfe',
      '\xfd\xff\xff\xff',
      '\xfc\xff\xff',
      '\0',
      'SELECT ',
      ' FROM ',
      ' WHERE ',
      'information_schema.tables',
      "'",
      '"',
      '`',
      '(',
      ')',
      '*',
      ',',
      ';',
      '/*!',
      '*/',
      '-- ',
      '@@',
      '@a:=',
      '0x',
      '?',
      ' UNION ALL ',
      'ORDER BY 1',
      'GROUP BY 1',
      'LIMIT 1,1',
      '99999999999999999999',
      '1e308',
      '-1',
      'NULL',
      'REPEAT(0x41,1e9)',
      'mysql_native_password',
    ],
  })
})

const words =
  `select insert update delete create drop alter table database t a b c from where group by having order limit into values set
  and or not null is in between like regexp case when then else end exists union all distinct as on join left using ( ) , ; . * + - / % = < > <>
  <=> := || && ! ~ 1 0 -1 1.5 1e308 99999999999999999999 'x' "y" \`z\` 0x41 x'4' b'1' @a @@version ? count sum avg max min group_concat concat hex
  repeat sleep benchmark load_file cast convert interval day if ifnull now show tables variables columns describe explain use begin commit
  information_schema.tables information_schema.columns mysql.user int varchar(20) text decimal(10,2) primary key auto_increment default
  constructor __proto__ -- /* */ /*! #`.split(/\s+/)

test('a hundred thousand random statements: an answer each, and bounded memory', { timeout: 600_000 }, async () => {
  const pick = numbers(20_261_122)
  const { record } = listeningRecorder()
  const cx = testContext(mysql, record)
  const server = newServer(cx)
  const session = testSession(cx, server)
  for (let n = 0; n < 100_000; n++) {
    const sql = Array.from({ length: 1 + pick(14) }, () => words[pick(words.length)]!).join(' ')
    let answers = 0
    for await (const { answer } of execute(session, sql, [1n, 'x'])) {
      answers++
      if (answer.is === 'error') assert.match(answer.failure.state, /^[0-9A-Z]{5}$/, sql)
    }
    assert.ok(answers > 0, sql)
    session.slept = 0
    assert.ok(server.use.bytes >= 0 && server.use.bytes <= CAPACITY, `${server.use.bytes} bytes after ${sql}`)
    if (n % 500 === 0) session.database = [...server.catalog.schemas.keys()][0] ?? ''
  }
})
