import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { actions } from '#events/actions.ts'
import type { View } from '../src/filter.ts'

// The module reads the browser's address once when it loads.
Object.assign(globalThis, { location: { pathname: '/', search: '', href: 'https://host.example/' } })
const { apiParams, hrefOf, interval, parseView, viewSearch, withoutValue, withValue } = await import('../src/filter.ts')

const parse = (search: string) => parseView(new URLSearchParams(search))
const root: View = { range: { span: '24h' }, where: [], text: '' }

describe('a view in the address', () => {
  it('comes back as it was, whatever the values hold', () => {
    const where: View['where'] = [
      { field: 'password', values: ['a&b=c', '#%20+', '"><script>', '\u202e', ' '] },
      { field: 'service', not: true, values: ['ssh'] },
    ]
    for (const range of [{ span: '7d' }, { from: 1_000, to: 2_000 }] as const) {
      const view: View = { range, where, text: 'wget http://' }
      assert.deepEqual(parse(viewSearch(view)), view)
    }
  })
  it('is empty for the usual view', () => assert.equal(viewSearch(parse('')), ''))
  it('ignores what is no field and mends what makes no sense', () => {
    assert.deepEqual(parse('?constructor=1&__proto__=2&span=toString&from=5&to=3'), root)
    assert.deepEqual(parse('?from=-1&to=Infinity&user=a&user=a'), {
      ...root,
      where: [{ field: 'user', values: ['a'] }],
    })
  })
  it('survives any address', () => {
    for (let n = 0; n < 2000; n++) {
      const bytes = Array.from({ length: n % 40 }, () => String.fromCharCode(32 + Math.floor(Math.random() * 400)))
      const view = parse(`?${bytes.join('')}`)
      assert.deepEqual(parse(viewSearch(view)), view)
    }
  })
})

describe('a click on a value', () => {
  it('narrows to it, then to another of the same field instead', () => {
    const one = withValue(root, 'service', 'ssh')
    assert.equal(viewSearch(one), '?service=ssh')
    assert.equal(viewSearch(withValue(one, 'service', 'ftp')), '?service=ftp')
  })
  it('excludes one after another', () => {
    const two = withValue(withValue(root, 'user', 'root', true), 'user', 'admin', true)
    assert.deepEqual(two.where, [{ field: 'user', not: true, values: ['root', 'admin'] }])
  })
  it('takes back an exclusion of the same value', () => {
    const view = withValue(withValue(root, 'user', 'root', true), 'user', 'root')
    assert.deepEqual(view.where, [{ field: 'user', values: ['root'] }])
  })
  it('can be taken back', () => {
    const view = withValue(root, 'country', 'JP')
    assert.deepEqual(withoutValue(view, 'country', 'JP'), root)
    assert.deepEqual(withoutValue(view, 'country', 'JP', true), view)
  })
  it('leads to the page it names', () =>
    assert.equal(hrefOf(withValue(root, 'user', 'a b'), '/events'), '/events?user=a+b'))
})

describe('the question to the API', () => {
  it('leaves the end open when it is now, and gives it when it is not', () => {
    assert.match(String(apiParams(root, 90_000_000)), /^from=3600000&action/)
    assert.match(String(apiParams({ ...root, range: { from: 1, to: 2 } })), /^from=1&to=2&action/)
  })
  it('leaves out what the program tells about itself, unless asked for by name', () => {
    const own = Object.values(actions).filter(action => action.kind === 'state')
    assert.deepEqual(
      apiParams(root).getAll('action!'),
      own.map(action => action.name),
    )
    const named = apiParams(withValue(root, 'action', 'health'))
    assert.deepEqual([named.getAll('action'), named.getAll('action!')], [['health'], []])
  })
  it('asks for buckets of a width that people count in', () => {
    const day = 86_400_000
    assert.equal(interval(0, day), 1_800_000)
    assert.equal(interval(0, 1), 1000)
    assert.equal(interval(0, 3650 * day), 604_800_000)
  })
})
