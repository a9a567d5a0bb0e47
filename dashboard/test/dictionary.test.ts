import assert from 'node:assert/strict'
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { it } from 'node:test'
import { actions } from '#events/actions.ts'
import { fields } from '#store/store.ts'
import { en } from '../src/i18n/en.ts'
import { ja } from '../src/i18n/ja.ts'

type Entry = { path: string[]; word: string | ((...args: string[]) => string) }
const entries = (words: object, path: string[] = []): Entry[] =>
  Object.entries(words).flatMap(([key, word]) =>
    typeof word === 'object' ? entries(word, [...path, key]) : [{ path: [...path, key], word }],
  )
const said = ({ word }: Entry) => (typeof word === 'function' ? word('⟦1⟧', '⟦2⟧') : word)

it('says the same things in both languages, with the same blanks', () => {
  const other = new Map(entries(ja).map(entry => [entry.path.join('.'), said(entry)]))
  for (const entry of entries(en)) {
    const [english, japanese] = [said(entry), other.get(entry.path.join('.'))!]
    const blanks = (text: string) => text.match(/⟦\d⟧/g)?.sort() ?? []
    assert.deepEqual(blanks(japanese), blanks(english), entry.path.join('.'))
  }
})

it('is translated: what has no Japanese in it is a name', () => {
  const names = /^(?:ICMP|ICMPv6|SQL|URL|SHA-256|JSON|PID|bin\/skep user password admin)$/
  for (const entry of entries(ja)) {
    const text = said(entry)
    assert.ok(
      /[\p{sc=Hiragana}\p{sc=Katakana}\p{sc=Han}]/u.test(text) || names.test(text),
      `${entry.path.join('.')}: ${text}`,
    )
  }
})

it('has a word for every action, field and reason that the program knows', () => {
  for (const { name } of Object.values(actions)) assert.ok(Object.hasOwn(en.actions, name), name)
  for (const field of fields) assert.ok(Object.hasOwn(en.fields, field), field)
  const endings = readFileSync(join(import.meta.dirname, '../../src/sensor/endings.ts'), 'utf8')
  const reasons = [...endings.slice(0, endings.indexOf('export class')).matchAll(/\| '(\w+)'/g)].map(match => match[1]!)
  assert.ok(reasons.length > 5)
  for (const reason of reasons) assert.ok(Object.hasOwn(en.ends, reason), reason)
})

it('has Japanese for what every service pretends to be, and for no other', () => {
  const folder = join(import.meta.dirname, '../../src/services')
  const services = readdirSync(folder, { withFileTypes: true }).filter(
    one => one.isDirectory() && one.name !== 'testing',
  )
  assert.deepEqual(Object.keys(ja.titles).sort(), services.map(({ name }) => name).sort())
})

it('holds no word that nobody says', () => {
  const folder = join(import.meta.dirname, '../src')
  const sources = readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter(name => /\.tsx?$/.test(name) && !name.startsWith('i18n/'))
    .map(name => readFileSync(join(folder, name), 'utf8'))
    .join('\n')
  // These tables are looked up by a name that comes from elsewhere.
  const tables = new Set([
    'actions',
    'fields',
    'ends',
    'states',
    'meanings',
    'spans',
    'example',
    'verdicts',
    'conditions',
    'lockStates',
    'caps',
    'kinds',
    'traffic',
    'risks',
    'answers',
    'changes',
  ])
  const silent = entries(en)
    .filter(({ path }) => !path.some(part => tables.has(part)))
    .filter(
      ({ path }) =>
        !new RegExp(
          `\\.${path.at(-2)}\\.${path.at(-1)}\\b|\\bw\\.${path.at(-1)}\\b|\\.${path.at(-1)}\\b|'${path.at(-1)}'`,
        ).test(sources),
    )
  assert.deepEqual(
    silent.map(({ path }) => path.join('.')),
    [],
  )
})
