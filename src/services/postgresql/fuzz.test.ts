import assert from 'node:assert/strict'
import { test } from 'node:test'
import { numbers } from '#codec/testing.ts'
import { fuzzConversations } from '#services/testing/fuzz.ts'
import { listeningRecorder, testContext } from '#services/testing/play.ts'
import { SqlError } from '#sql/error.ts'
import { CAPACITY } from '#sql/store.ts'
import { Transaction } from '#sql/transaction.ts'
import { carried, parse, problemOf } from './execute.ts'
import postgresql from './index.ts'
import { newServer, type Session } from './state.ts'

test('mutated conversations end in a named way', { timeout: 600_000 }, async () => {
  await fuzzConversations(postgresql, {
    folder: import.meta.dirname,
    words: [
      '\0\0\0\x08\x04\xd2\x16\x2f',
      '\0\0\0\x08\x04\xd2\x16\x30',
      '\0\x03\0\0',
      '\xff\xff\xff\xff',
      '\0\0\0\0',
      'Q\0\0\0\x0d',
      'P\0\0\0\x20',
      'B\0\0\0\x0c',
      'E\0\0\0\x09',
      'S\0\0\0\x04',
      'p',
      'X',
      'd',
      'c',
      'SELECT ',
      ' FROM pg_class',
      ' WHERE ',
      "'",
      '"',
      '$$',
      '$1',
      '::int',
      '::regclass',
      '(',
      ')',
      ';',
      '--',
      '/*',
      'COPY t FROM STDIN',
      'user\0postgres\0',
      'n,,n=,r=',
      'generate_series(1,1e9)',
      "repeat('x',1e9)",
      'pg_sleep(1e9)',
    ],
  })
})

const words =
  `select insert update delete create drop alter table t a b c from where group by having order limit offset into values set and or not
  null is in between like ilike case when then else end exists union all distinct as on join left using returning copy to stdout program
  ( ) , ; . * + - / % = < > <> || :: ~ ~* 1 0 -1 1.5 1e308 99999999999999999999 'x' "y" $$z$$ $1 true false count sum avg max concat repeat
  array [ ] cast int text varchar(5) numeric(4,2) bytea regclass serial primary key default generate_series unnest pg_class pg_type pg_database
  information_schema.tables version() now() lo_from_bytea lo_export pg_sleep interval begin commit rollback show constructor __proto__ -- /* */`.split(
    /\s+/,
  )

test('a hundred thousand random statements: an answer or an error each, and bounded memory', {
  timeout: 600_000,
}, async () => {
  const pick = numbers(20_261_122)
  const { record } = listeningRecorder()
  const cx = testContext(postgresql, record)
  const server = newServer(cx)
  const session: Session = {
    cx,
    server,
    database: 'postgres',
    user: 'postgres',
    process: 1,
    settings: new Map(),
    transaction: 'I',
    work: new Transaction(server.use),
    statements: new Map(),
    portals: new Map(),
    slept: 0,
    began: 0,
    pending: [],
    outcomes: new Map(),
  }
  for (let n = 0; n < 100_000; n++) {
    const sql = Array.from({ length: 1 + pick(14) }, () => words[pick(words.length)]!).join(' ')
    // Programs are the machine's affair, and have their own test.
    if (/program/.test(sql)) continue
    try {
      for (const { carry } of parse(sql)) await carried(carry, session, ['1', null])
    } catch (error) {
      assert.ok(error instanceof SqlError, `${sql}: ${(error as Error).stack}`)
      assert.match(problemOf(error, sql).code, /^[0-9A-Z]{5}$/, sql)
    }
    session.slept = 0
    assert.ok(server.use.bytes >= 0 && server.use.bytes <= CAPACITY, `${server.use.bytes} bytes after ${sql}`)
  }
})
