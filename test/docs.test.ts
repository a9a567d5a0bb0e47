import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import fs from 'node:fs'
import path from 'node:path'
import { test } from 'node:test'
import { pathToFileURL } from 'node:url'
import * as v from 'valibot'
import { parseConfig } from '#config/load.ts'
import { settingsSchema } from '#config/schema.ts'
import { type ActionName, actions } from '#events/actions.ts'
import { envelope } from '#events/event.ts'
import type { Service } from '#sensor/service.ts'
import { services } from '#services/index.ts'
import { play } from '#services/testing/play.ts'
import { escaped, parseTalk } from '#services/testing/talk.ts'
import { generated, root } from '../docs/generate.ts'

const read = (file: string) => fs.readFileSync(path.join(root, file), 'utf8')

test('what is generated is fresh', async () => {
  for (const [file, text] of await generated())
    assert.ok(read(file) === text, `${file} is stale: run "sh bin/skep-node docs/generate.ts" and commit`)
})

test('every key of the configuration and every option of a service is explained', async () => {
  const page = (await generated()).get('docs/configuration.md')!
  const empty = page.split('\n').filter(line => /^\| `\w+` \|.*\|\s*\|$/.test(line))
  assert.deepEqual(empty, [])
})

test('the example configuration says what holds anyway', async () => {
  const example = read('skep.example.yaml')
  assert.ok(example.split('\n').every(line => line === '' || line.startsWith('#')))
  const { settings, plans } = await parseConfig(example.replace(/^#/gm, ''))
  const plain = await parseConfig('')
  assert.deepEqual({ ...settings, services: {} }, v.parse(settingsSchema, {}))
  assert.deepEqual(plans, plain.plans)
})

test('the examples of the event reference are events', () => {
  const blocks = [...read('docs/events.md').matchAll(/^```json\n(.*?)^```/gms)].map(([, json]) => JSON.parse(json!))
  for (const event of blocks) v.parse(envelope, event)
  const shown = new Set(blocks.map(event => event.event.action))
  for (const name of Object.keys(actions) as ActionName[]) assert.ok(shown.has(actions[name].name), name)
})

test('the tutorial’s service is right, in types and in the talk it comes with', async t => {
  const blocks = fileBlocks(read('docs/writing-a-service.md'))
  assert.deepEqual([...blocks.keys()], ['wire.ts', 'index.ts', 'README.md', 'talks/who-is-there.talk'])
  // Inside the tree, or `#sensor/service.ts` would mean nothing.
  const folder = fs.mkdtempSync(path.join(root, 'test/.tmp-'))
  t.after(() => fs.rmSync(folder, { recursive: true }))
  for (const [name, text] of blocks) {
    fs.mkdirSync(path.dirname(path.join(folder, name)), { recursive: true })
    fs.writeFileSync(path.join(folder, name), text)
  }
  const config = path.join(folder, 'tsconfig.json')
  fs.writeFileSync(config, JSON.stringify({ extends: '../../tsconfig.json', include: ['*.ts'] }))
  const { status, stdout } = spawnSync(path.join(root, 'node_modules/.bin/tsc'), ['-p', config], { encoding: 'utf8' })
  assert.equal(status, 0, stdout)

  const { default: service } = (await import(pathToFileURL(path.join(folder, 'index.ts')).href)) as {
    default: Service<unknown>
  }
  const talk = parseTalk(blocks.get('talks/who-is-there.talk')!)
  const whole = Buffer.concat(talk.steps.map(step => step.client))
  for (const pieces of [[whole], Array.from(whole, byte => Buffer.of(byte))]) {
    const { heard, events, ending } = await play(service, pieces, { options: talk.options })
    assert.equal(escaped(heard), escaped(Buffer.concat(talk.steps.map(step => step.server))))
    assert.deepEqual(events, talk.events)
    assert.equal(ending, 'done')
  }
  for (let at = 0; at < whole.length; at++)
    assert.match((await play(service, [whole.subarray(0, at)])).ending, /^(done|eof|malformed)$/)
  for (const heading of ['Pretends', 'Who comes', 'Spec', 'Not emulated'])
    assert.match(blocks.get('README.md')!, new RegExp(`^## ${heading}$`, 'm'))
  assert.ok(!services.has(service.name), `${service.name} is a service now: the tutorial needs another example`)
})

/** Code blocks whose line before is a file's name in bold: **`wire.ts`** */
function fileBlocks(page: string): Map<string, string> {
  const found = page.matchAll(/^\*\*`([^`]+)`\*\*\n\n(`{3,4})\w*\n(.*?)^\2$/gms)
  return new Map([...found].map(([, name, , text]) => [name!, text!]))
}

test('links within the documents lead somewhere', () => {
  for (const file of pages()) {
    const page = read(file)
    for (const [, target] of page.matchAll(/\]\(([^)\s]+)\)/g)) {
      const [name, anchor] = target!.split('#') as [string, string?]
      if (/^[a-z]+:/.test(name)) continue
      const place = name === '' ? file : path.join(path.dirname(file), name)
      assert.ok(fs.existsSync(path.join(root, place)), `${file}: ${target}`)
      if (anchor !== undefined && place.endsWith('.md'))
        assert.ok(anchors(read(place)).has(anchor), `${file}: ${target}`)
    }
  }
})

test('commands and flags that the documents name exist', async () => {
  const { commands } = await import('#cli/commands.ts')
  for (const file of pages())
    for (const [, command] of read(file).matchAll(/(?:^|[`\s])(?:bin\/)?skep ([a-z]+)\b(?=[^\n]*[`\n])/gm))
      if (inCode(read(file), `skep ${command}`)) assert.ok(commands.has(command!), `${file}: skep ${command}`)
})

const pages = () =>
  fs
    .readdirSync(root)
    .filter(name => name.endsWith('.md'))
    .concat(fs.readdirSync(path.join(root, 'docs')).flatMap(name => (name.endsWith('.md') ? [`docs/${name}`] : [])))

const inCode = (page: string, words: string) =>
  [...page.matchAll(/```.*?```|`[^`\n]+`/gs)].some(([code]) => code.includes(words))

const anchors = (page: string) =>
  new Set(
    [...page.matchAll(/^#+ (.+)$/gm)].map(([, title]) =>
      title!
        .toLowerCase()
        .replace(/[^\p{L}\p{N}\s_-]/gu, '')
        .trim()
        .replace(/\s/g, '-'),
    ),
  )
