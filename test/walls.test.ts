import assert from 'node:assert/strict'
import fs from 'node:fs'
import path from 'node:path'
import { test } from 'node:test'
import { type Import, importsOf, reachable } from './imports.ts'

const root = path.resolve(import.meta.dirname, '..')
const IGNORED = new Set(['node_modules', '.git', 'dist', 'data-local', 'fixtures'])

/** Every file of the repository that a person writes, from the root. */
function files(folder = '', found: string[] = []): string[] {
  for (const entry of fs.readdirSync(path.join(root, folder), { withFileTypes: true })) {
    const name = path.join(folder, entry.name)
    if (IGNORED.has(entry.name) || entry.name.startsWith('.tmp-') || /\.tmp(\.|$)/.test(entry.name)) continue
    if (entry.isDirectory()) files(name, found)
    else found.push(name)
  }
  return found
}
const all = files()
const code = all.filter(file => /\.tsx?$/.test(file))
const read = (file: string) => fs.readFileSync(path.join(root, file), 'utf8')
const isTest = (file: string) => /\.test\.tsx?$|\/testing[^/]*\.ts$|\/testing\//.test(file)
const room = (file: string) => /^src\/([^/]+)\//.exec(file)?.[1]

/** Imports of shipped files, tests and their helpers left out. */
const shipped = code
  .filter(file => file.startsWith('src/') && !isTest(file))
  .flatMap(file => importsOf(root, file).map(found => ({ ...found, from: file })))

test('the walls are looked for where the house is', () => {
  assert.ok(shipped.length > 300, `${shipped.length} imports`)
  assert.ok(shipped.some(({ file }) => file === 'src/sensor/service.ts') && shipped.some(({ typeOnly }) => typeOnly))
})

/** Fails with every import that is not allowed. */
function forbid(wrong: (found: Import & { from: string }) => boolean, why: string) {
  const breaches = shipped.filter(wrong).map(({ from, what }) => `${from} imports ${what}`)
  assert.deepEqual(breaches, [], why)
}

test('the ground floor imports nothing of the house, not even types', () => {
  for (const ground of ['events', 'codec'])
    forbid(
      ({ from, file }) => room(from) === ground && file !== undefined && room(file) !== ground,
      `${ground} stands on its own`,
    )
})

test('a service knows the runtime’s interfaces, the machine it pretends, formats and events', () => {
  const interfaces = new Set(['src/sensor/service.ts', 'src/sensor/conn.ts', 'src/sensor/endings.ts'])
  const rooms = new Set(['persona', 'machine', 'access', 'mailbox', 'payload', 'codec', 'sql', 'artifacts', 'events'])
  const folder = (file: string) => /^src\/services\/[^/]+\//.exec(file)?.[0]
  forbid(({ from, file }) => {
    const own = folder(from)
    if (own === undefined || file === undefined || file.startsWith('data/')) return false
    return !file.startsWith(own) && !interfaces.has(file) && !rooms.has(room(file) ?? '')
  }, 'nothing else')
})

test('what looks into payloads knows formats and nothing else', () => {
  const rooms = new Set(['payload', 'codec', 'events', 'artifacts'])
  forbid(
    ({ from, file }) =>
      room(from) === 'payload' && file !== undefined && !file.startsWith('data/') && !rooms.has(room(file) ?? ''),
    'nothing else',
  )
  forbid(
    ({ from, file, typeOnly }) => room(from) === 'payload' && room(file ?? '') === 'artifacts' && !typeOnly,
    'no disk',
  )
})

test('SQL is read and carried out without knowing who asks', () => {
  forbid(
    ({ from, file }) => room(from) === 'sql' && file !== undefined && room(file) !== 'sql',
    'sql stands on its own',
  )
})

test('who meets attackers knows nothing of stores and pages, and the other way round', () => {
  const exposed = new Set([
    'sensor',
    'capture',
    'packets',
    'services',
    'persona',
    'machine',
    'access',
    'mailbox',
    'payload',
    'artifacts',
  ])
  const trusted = new Set(['hive', 'store', 'enrich', 'outputs', 'report'])
  forbid(({ from, file }) => exposed.has(room(from)!) && trusted.has(room(file ?? '')!), 'exposed → trusted')
  forbid(
    ({ from, file }) =>
      trusted.has(room(from)!) && ['sensor', 'services', 'machine', 'access'].includes(room(file ?? '')!),
    'trusted → exposed',
  )
})

test('the page is made of its own parts and of the words it shares with the API', () => {
  // The shapes of answers and the names of fields: types, and one list without code around it.
  const vocabulary = new Set(['src/hive/shapes.ts', 'src/store/store.ts'])
  const breaches = code
    .filter(file => file.startsWith('dashboard/') && !file.startsWith('dashboard/test/') && !isTest(file))
    .flatMap(file => importsOf(root, file).map(found => ({ ...found, from: file })))
    .filter(({ file }) => file !== undefined && !file.startsWith('dashboard/') && !vocabulary.has(file))
  assert.deepEqual(breaches, [])
})

test('nobody but the supervisor starts programs', () => {
  forbid(
    ({ from, what }) =>
      what === 'node:child_process' && room(from) !== 'supervisor' && from !== 'src/sensor/sandbox.ts',
    'a decoy that can start a program is a foothold',
  )
})

test('no code that the exposed side loads can reach out, open a database or run text', () => {
  const outward = new Set(
    'node:http node:https node:http2 node:dns node:dns/promises node:sqlite node:child_process node:worker_threads node:cluster node:vm node:inspector node:wasi'.split(
      ' ',
    ),
  )
  const loaded = reachable(root, ['src/sensor/main.ts', 'src/capture/main.ts'])
  // The probe tries all of it, to show that it is refused.
  assert.ok(loaded.delete('src/sensor/sandbox.ts'))
  assert.ok(loaded.has('src/services/ssh/index.ts'), 'services are loaded by name')
  const breaches = [...loaded].flatMap(file =>
    importsOf(root, file)
      .filter(found => !found.typeOnly && outward.has(found.what))
      .map(({ what }) => `${file} imports ${what}`),
  )
  assert.deepEqual(breaches, [])
  const strangers = [...loaded].filter(file => /^src\/(hive|store|enrich|cli|outputs|report)\//.test(file))
  assert.deepEqual(strangers, [])
  // Connecting is refused by the runtime as well; here nobody even tries.
  // The pretended network has a `fetch` of its own, which is never called bare.
  const bareFetch =
    /(?:[=(,;?:>!&|]|\b(?:return|await|void|yield))[ \t]*fetch\(|globalThis\.fetch|^\s*fetch\([^)]*\)\s*(?:[.;]|$)/m
  const connecting = [...loaded].filter(
    file => bareFetch.test(read(file)) || /\bnet\.(connect|createConnection)\(|new WebSocket\(/.test(read(file)),
  )
  assert.deepEqual(connecting, [])
})

test('a file is an idea, and fits on some screens', t => {
  // Lists: one line a word, or an exchange.
  const lists = new Set([
    'dashboard/src/i18n/en.ts',
    'dashboard/src/i18n/ja.ts',
    'test/oracle/redis/script.ts',
    'test/oracle/terminal/cases.ts',
  ])
  const lengths = code.map(file => ({ file, lines: read(file).trimEnd().split('\n').length }))
  const ceiling = (file: string) => (isTest(file) || !/^(src|dashboard\/src)\//.test(file) ? 500 : 400)
  assert.deepEqual(
    lengths.filter(({ file, lines }) => lines > ceiling(file) && !lists.has(file)),
    [],
  )
  const sorted = lengths.map(({ lines }) => lines).toSorted((a, b) => a - b)
  t.diagnostic(`${sorted.length} files, median ${sorted[sorted.length >> 1]} lines, longest ${sorted.at(-1)}`)
})

test('the repository speaks of the project alone', () => {
  const places = ['work/main', 'work/shared', 'bash_jobs'].map(name => `/${name}`)
  const words = [
    ['helper', 'agent'],
    ['sub', 'agent'],
    ['language', 'model'],
    ['AI', 'assistant'],
  ].map(w => w.join('[ -]?'))
  const names = ['cla.de', 'anthr.pic', 'op.nai', 'chatgp.', 'copil.t'].map(
    name => `\\b${name.replace('.', '[aoeit]')}\\b`,
  )
  const pattern = new RegExp([...places, ...words, ...names].join('|'), 'i')
  const text = all.filter(file =>
    /\.(md|ts|tsx|json|ya?ml|css|html|talk|txt|sh)$|^bin\/|^\.ci\/|^\.[a-z]+$|^[A-Z]+$/.test(file),
  )
  const found = text.flatMap(file => {
    const hit = pattern.exec(read(file))
    return hit ? [`${file}: ${hit[0]}`] : []
  })
  assert.deepEqual(found, [])
})

type Lock = { packages: Record<string, { license?: string; resolved?: string; integrity?: string; dev?: boolean }> }
const lock = JSON.parse(read('package-lock.json')) as Lock

test('the lock file names contents, not hosts', () => {
  for (const [name, entry] of Object.entries(lock.packages)) {
    if (name === '') continue
    assert.match(entry.integrity ?? '', /^sha512-/, name)
    assert.ok(entry.resolved === undefined || entry.resolved.startsWith('https://registry.npmjs.org/'), name)
  }
})

test('every part that the program is made of is credited, with its licence', () => {
  const notices = read('THIRD_PARTY_NOTICES.md')
  const manifest = JSON.parse(read('package.json')) as Record<string, Record<string, string>>
  for (const name of Object.keys({
    ...manifest.dependencies,
    ...manifest.optionalDependencies,
    ...manifest.devDependencies,
  })) {
    const licence = lock.packages[`node_modules/${name}`]?.license ?? assert.fail(`${name} is not in the lock file`)
    const line =
      notices.split('\n').find(text => text.includes(`\`${name}\``)) ?? assert.fail(`${name} is not credited`)
    const expected = name.startsWith('@ip-location-db/') ? 'CC BY 4.0' : licence
    assert.ok(line.includes(expected), `${name} is under ${expected}: ${line}`)
  }
  for (const credit of [
    'IP Geolocation by DB-IP',
    'https://db-ip.com',
    'https://www.routeviews.org',
    'https://creativecommons.org/licenses/by/4.0/',
    'Natural Earth',
  ])
    assert.ok(notices.includes(credit), credit)
})
