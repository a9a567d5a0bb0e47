import assert from 'node:assert/strict'
import { after, test } from 'node:test'
import { parsed, testHive } from './testing-hive.ts'

const hive = await testHive()
after(hive.clean)

test('the API describes every route it has', async () => {
  const document = parsed(await hive.call('GET', '/api/v1/openapi.json'))
  assert.equal(document.openapi, '3.1.0')
  assert.deepEqual(Object.keys(document.paths).sort(), [
    '/api/v1/artifacts/{sha256}',
    '/api/v1/count',
    '/api/v1/distinct',
    '/api/v1/events',
    '/api/v1/export',
    '/api/v1/histogram',
    '/api/v1/live',
    '/api/v1/login',
    '/api/v1/logout',
    '/api/v1/me',
    '/api/v1/openapi.json',
    '/api/v1/overview',
    '/api/v1/password',
    '/api/v1/places',
    '/api/v1/recordings/{id}',
    '/api/v1/services',
    '/api/v1/sessions',
    '/api/v1/sessions/{id}',
    '/api/v1/sources/{ip}',
    '/api/v1/sql',
    '/api/v1/status',
    '/api/v1/top',
  ])
  const top = document.paths['/api/v1/top'].get
  assert.deepEqual(
    top.parameters.slice(0, 2).map((p: { name: string; required: boolean }) => [p.name, p.required]),
    [
      ['by', true],
      ['limit', false],
    ],
  )
  assert.equal(top.responses[200].content['application/json'].schema.type, 'array')
  for (const { $ref } of top.parameters.slice(2))
    assert.ok(document.components.parameters[$ref.split('/').at(-1)], $ref)
  assert.equal(document.components.parameters.not_country.name, 'country!')
  assert.deepEqual(document.paths['/api/v1/login'].post.security, [])
  assert.deepEqual(document.paths['/api/v1/login'].post.requestBody.content['application/json'].schema.required, [
    'user',
    'password',
  ])
})
