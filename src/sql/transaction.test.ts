import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { Catalog, type Row, type Table } from './store.ts'
import { Transaction } from './transaction.ts'

const tableOf = (name: string): Table => ({
  name,
  columns: [],
  rows: [],
  keys: [],
  next: 1n,
  options: new Map(),
  createdAt: 0,
  temporary: false,
})

function begun(...rows: string[]) {
  const catalog = new Catalog()
  catalog.createSchema('db')
  const table = tableOf('t')
  catalog.add('db', table)
  for (const row of rows) catalog.insert(table, [row])
  const work = new Transaction(catalog.use)
  const run = (change: (noting: Catalog) => void) => work.statement(() => change(catalog.noting(work.changes)))
  return { catalog, table, work, run, bytes: catalog.use.bytes }
}
const said = ({ rows }: Table) => rows.map(([value]) => value).join(' ')
const without =
  (gone: string) =>
  ([value]: Row): boolean =>
    value !== gone

describe('a transaction', () => {
  test('that is rolled back leaves rows, their order and the bytes in use as they were', async () => {
    const { catalog, table, work, run, bytes } = begun('a', 'b', 'c')
    work.begin()
    await run(c => c.insert(table, ['d']))
    await run(c => c.replace(table, 0, ['A longer one']))
    await run(c => c.remove(table, without('b')))
    await run(c => c.replace(table, 0, ['once more']))
    await run(c => c.remove(table, without('d')))
    assert.equal(said(table), 'once more c')
    work.rollback()
    assert.equal(said(table), 'a b c')
    assert.deepEqual([catalog.use.bytes, catalog.use.held], [bytes, 0])
  })

  test('that is committed holds nothing any more', async () => {
    const { catalog, table, work, run } = begun('a', 'b')
    work.begin()
    await run(c => c.remove(table, () => false))
    assert.ok(catalog.use.held > 0)
    work.commit()
    work.rollback()
    assert.equal(said(table), '')
    assert.equal(catalog.use.held, 0)
  })

  test('brings back what was dropped, takes away what was made, and undoes an alteration', async () => {
    const { catalog, table, work, run, bytes } = begun('a')
    work.begin()
    await run(c => {
      c.altering('db', table)
      table.columns = []
      table.name = 'renamed'
      c.schemas.get('db')!.delete('t')
      c.schemas.get('db')!.set('renamed', table)
    })
    await run(c => c.drop('db', 'renamed'))
    await run(c => c.add('db', tableOf('note')))
    await run(c => c.createSchema('other'))
    await run(c => c.dropSchema('db'))
    work.rollback()
    assert.deepEqual([...catalog.schemas.keys()], ['db'])
    assert.deepEqual([...catalog.schemas.get('db')!.keys()], ['t'])
    assert.equal(said(catalog.table('db', 't')!), 'a')
    assert.equal(catalog.use.bytes, bytes)
  })

  test('goes back to a savepoint more than once, and forgets those behind it', async () => {
    const { table, work, run } = begun('a')
    work.begin()
    await run(c => c.insert(table, ['b']))
    work.save('s')
    for (let turn = 0; turn < 2; turn++) {
      await run(c => c.insert(table, ['c']))
      work.save('later')
      await run(c => c.remove(table, () => false))
      assert.ok(work.back('s'))
      assert.equal(said(table), 'a b')
      assert.ok(!work.back('later'))
    }
    await run(c => c.insert(table, ['d']))
    assert.ok(work.release('s'))
    assert.ok(!work.back('s'))
    work.rollback()
    assert.equal(said(table), 'a')
  })

  test('leaves alone what another session wrote to the same table', async () => {
    const { catalog, table, work, run } = begun('a', 'b')
    work.begin()
    await run(c => c.remove(table, without('a')))
    catalog.insert(table, ['theirs'])
    catalog.remove(table, without('b'))
    work.rollback()
    assert.equal(said(table), 'a theirs')
  })
})

test('a statement that fails half-way leaves nothing, with and without a transaction', async () => {
  const { table, work, run } = begun('a')
  const fails = () =>
    run(c => {
      c.insert(table, ['half'])
      throw new Error('the other half')
    })
  await assert.rejects(fails(), /other half/)
  assert.equal(said(table), 'a')
  work.begin()
  await run(c => c.insert(table, ['b']))
  await assert.rejects(fails(), /other half/)
  work.commit()
  assert.equal(said(table), 'a b')
})

test('what open transactions hold is bounded', async () => {
  const { table, work, run } = begun('x'.repeat(64 << 10))
  work.begin()
  await assert.rejects(async () => {
    for (let turn = 0; turn < 100_000; turn++) {
      await run(c => c.drop('db', 't'))
      await run(c => c.add('db', table))
    }
  }, /too much/)
})
