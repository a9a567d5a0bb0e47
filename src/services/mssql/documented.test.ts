import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { play } from '#services/testing/play.ts'
import { documented } from '../../../test/oracle/mssql/documented.ts'
import { tokensOf } from '../../../test/oracle/mssql/tokens.ts'
import mssql from './index.ts'
import { batch, login7, prelogin } from './testing.ts'

const options = { access: { rules: ['sa:s3cret-word'], otherwise: 'refuse' } }

describe('as SQL Server is documented', () => {
  test('a log-in', async () => {
    const { heard, marks } = await play(mssql, [prelogin(2), login7('sa', 's3cret-word')], { options })
    assert.deepEqual(tokensOf(heard.subarray(marks[0])), [
      'change 1 master',
      "info 5701 0 2 Changed database context to 'master'.",
      'change 7',
      'change 2 us_english',
      'info 5703 0 1 Changed language setting to us_english.',
      'login 74000004',
      'change 4 4096',
      'done',
    ])
  })
  test('a log-in that is refused', async () => {
    const { heard, marks } = await play(mssql, [prelogin(2), login7('sa', 'wrong')], { options })
    assert.deepEqual(tokensOf(heard.subarray(marks[0])), ["error 18456 14 1 Login failed for user 'sa'.", 'done error'])
  })
  for (const [name, dialogue] of Object.entries(documented))
    test(name, async () => {
      const pieces = [prelogin(2), login7('sa', 's3cret-word'), ...dialogue.map(([sql]) => batch(sql))]
      const { heard, marks } = await play(mssql, pieces, { options })
      for (const [i, [sql, answer]] of dialogue.entries())
        assert.deepEqual(tokensOf(heard.subarray(marks[i + 1], marks[i + 2])), answer, sql)
    })
})
