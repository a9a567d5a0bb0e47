import assert from 'node:assert/strict'
import { test } from 'node:test'
import { parseConfig } from '#config/load.ts'

const mistakes = (source: string, flags = {}) =>
  parseConfig(source, flags).then(
    () => assert.fail(`Accepted: ${source}`),
    (error: Error) => error.message,
  )

test('what was agreed with a provider stands in skep.yaml, and the flag stands above it', async () => {
  const source = `provider:
  id: conoha
  contact: |
    Jane Roe
    jane@example.com
  purpose: Research
  permission: {date: 2026-01-31, statement: Ticket 4711}
  declared: 2026-01-30
`
  const { settings } = await parseConfig(source)
  assert.deepEqual(settings.provider, {
    id: 'conoha',
    contact: 'Jane Roe\njane@example.com',
    purpose: 'Research',
    permission: { date: '2026-01-31', statement: 'Ticket 4711' },
    declared: '2026-01-30',
  })
  assert.equal((await parseConfig('provider: {id: conoha}', { provider: 'sakura' })).settings.provider.id, 'sakura')
  assert.deepEqual((await parseConfig('')).settings.provider, {})
})

test('a permission is of somebody, of a day that has been, and says something', async () => {
  const permission = (inner: string) => `provider: {id: conoha, permission: ${inner}}`
  const year = new Date().getUTCFullYear()
  assert.match(await mistakes('provider: {permission: {date: 2026-01-31, statement: x}}'), /provider\.id: .*say whose/)
  assert.match(await mistakes('provider: {declared: 2026-01-31}'), /provider\.id: .*say whose/)
  assert.match(await mistakes(permission('yes')), /provider\.permission/)
  assert.match(await mistakes(permission('{date: 2026-01-31}')), /provider\.permission\.statement/)
  assert.match(await mistakes(permission('{date: 2026-01-31, statement: " "}')), /provider\.permission\.statement/)
  assert.match(await mistakes(permission('{date: 2026-02-30, statement: x}')), /No such day/)
  assert.match(await mistakes(permission(`{date: ${year + 1}-12-31, statement: x}`)), /has not come yet/)
  assert.match(await mistakes(permission('{date: 2026-01-31, statement: "x\\e[31m"}')), /control characters/)
})

test('an unknown provider is a mistake, wherever it was said', async () => {
  for (const id of ['basement', 'constructor', '""', '1'])
    assert.match(await mistakes(`provider: {id: ${id}}`), /skep\.yaml:1: provider\.id: Expected/)
  assert.match(await mistakes('', { provider: 'basement' }), /--provider: Expected one of ablenet, aws, /)
})
