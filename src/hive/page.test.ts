import assert from 'node:assert/strict'
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { createPage } from './page.ts'
import { Problem } from './problem.ts'

const folder = mkdtempSync(join(tmpdir(), 'skep-page-'))
after(() => rmSync(folder, { recursive: true }))
const dist = join(folder, 'dist')
mkdirSync(join(dist, 'assets'), { recursive: true })
mkdirSync(join(dist, '.git'))
writeFileSync(join(folder, 'secret.txt'), 'SECRET')
writeFileSync(join(dist, 'index.html'), 'INDEX')
writeFileSync(join(dist, 'icon.svg'), '<svg/>')
writeFileSync(join(dist, 'assets', 'app-1a2b.js'), 'APP')
writeFileSync(join(dist, '.git', 'config'), 'SECRET')
writeFileSync(join(dist, '.env'), 'SECRET')
symlinkSync(join(folder, 'secret.txt'), join(dist, 'link.txt'))
const page = createPage(dist)
const get = (path: string) => page('GET', path)

test('files come with their type and how long they keep', () => {
  for (const [path, body, type, cached] of [
    ['/', 'INDEX', 'text/html; charset=utf-8', 'no-store'],
    ['/index.html', 'INDEX', 'text/html; charset=utf-8', 'no-store'],
    ['/assets/app-1a2b.js', 'APP', 'text/javascript; charset=utf-8', 'public, max-age=31536000, immutable'],
    ['/icon.svg', '<svg/>', 'image/svg+xml', 'no-cache'],
    ['/sessions/0190-abc', 'INDEX', 'text/html; charset=utf-8', 'no-store'],
  ] as const) {
    const answer = get(path)
    assert.deepEqual(
      [answer.status, String(answer.body), answer.headers['content-type'], answer.headers['cache-control']],
      [200, body, type, cached],
      path,
    )
  }
})

test('no spelling of a path leads outside, to a link or to a hidden file', () => {
  for (const path of [
    '/../secret.txt',
    '/%2e%2e/secret.txt',
    '/..%2fsecret.txt',
    '/%2e%2e%2fsecret.txt',
    '/..%5csecret.txt',
    '/..\\secret.txt',
    '/%252e%252e/secret.txt',
    '//etc/passwd',
    '/./../secret.txt',
    '/sessions/../../secret.txt',
    '/link.txt',
    '/.env',
    '/.git/config',
    '/index.html%00.js',
    '/%ff',
    '/%',
    '',
  ])
    assert.equal(String(get(path).body), 'INDEX', path)
})

test('a missing asset is missing, not the page', () => {
  for (const path of ['/assets/old-9f9f.js', '/assets/', '/assets/../../secret.txt'])
    assert.throws(
      () => get(path),
      (error: Problem) => error instanceof Problem && error.status === 404,
      path,
    )
})

test('only GET and HEAD', () => {
  assert.equal(page('HEAD', '/').status, 200)
  for (const method of ['POST', 'PUT', 'DELETE', 'OPTIONS', 'TRACE', 'get', ''])
    assert.throws(
      () => page(method, '/'),
      (error: Problem) => error.status === 405 && error.extra.headers?.allow === 'GET, HEAD',
    )
})

test('a page that is not built says how, and a build is noticed', () => {
  const later = join(folder, 'later')
  const page = createPage(later)
  const before = page('GET', '/')
  assert.equal(before.status, 503)
  assert.match(String(before.body), /npm start/)
  mkdirSync(later)
  writeFileSync(join(later, 'index.html'), 'BUILT')
  assert.equal(String(page('GET', '/').body), 'BUILT')
})
