import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { glob } from 'node:fs/promises'
import { test } from 'node:test'
import { assertAlgorithms, assertClean, entries, findings, hasStrictKex, type Place, places } from './denylist.ts'
import { literalsOf } from './literals.ts'

const root = new URL('../', import.meta.url).pathname
const notSent = /\.test\.ts$|\/(?:testing|fixtures)\/|\/(?:testing|sample|sandbox)\.ts$/

/** A service's folder is where its protocol's patterns apply. */
const placeOf = (path: string): Place => {
  const service = /^src\/services\/([^/]+)\//.exec(path)?.[1]
  if (/^src\/machine\//.test(path)) return 'shell'
  return places.find(place => place === service) ?? 'anything'
}

test('no string that a sensor can send is a mark of a known decoy', async () => {
  const marks: string[] = []
  let files = 0
  for await (const path of glob('src/{services,machine,persona,codec,sensor,artifacts}/**/*.ts', { cwd: root })) {
    if (notSent.test(path)) continue
    files++
    for (const { text, line } of literalsOf(readFileSync(root + path, 'utf8')))
      marks.push(...findings(text, placeOf(path), `${path}:${line}`))
  }
  assert.ok(files > 20, `read only ${files} files`)
  assert.deepEqual(marks, [])
})

/** The list itself, and what only the operator gets to read. */
const unsaid = new Set(['data/denylist.json', 'data/providers.yaml'])

test('no recorded answer and no data file holds a mark', async () => {
  const marks: string[] = []
  for await (const path of glob('src/services/**/*.talk', { cwd: root })) {
    const sent = readFileSync(root + path, 'utf8')
      .split('\n')
      .filter(line => line.startsWith('S:'))
    marks.push(...findings(sent.join('\n'), placeOf(path), path))
  }
  for await (const path of glob('data/**/*.{json,txt,yaml,yml,csv}', { cwd: root }))
    if (!unsaid.has(path)) marks.push(...findings(readFileSync(root + path), 'anything', path))
  assert.deepEqual(marks, [])
})

test('every entry of the list is where it can be met, and finds what it is for', () => {
  for (const entry of entries) assert.ok(places.includes(entry.in), `${entry.in} is no place`)
  const telling: [Place, string][] = [
    ['anything', 'uid=1000(phil) gid=1000(phil)'],
    ['anything', 'Connected to svr04.'],
    ['anything', 'a Dionaea honeypot'],
    ['anything', 'NTLMSSP\x00\x02\xaa\xaa\xaa\xaa\xaa\xaa\xaa\xaa'],
    ['ftp', '220 Welcome!\r\n'],
    ['ssh-identification', 'SSH-2.0-OpenSSH'],
    ['ssh-kexinit', 'hmac-sha2-256,hmac-sha2-56'],
    ['certificate', 'subject: C=US,ST=None,L=None'],
    ['certificate', 'subject: CN=*'],
    ['certificate', 'serial: 00'],
    ['certificate', 'days: 365'],
    ['http', 'HTTP/1.1 200 OK\r\nContent-Length:12\r\n'],
    ['name', 'srv01'],
  ]
  for (const [place, text] of telling) assert.equal(findings(text, place, 'sample').length > 0, true, text)
  for (const text of ['philipp', 'philadelphia-2', 'nas30', 'version 11.2.3.4', '220 (vsFTPd 3.0.3)', 'hmac-sha2-512'])
    assertClean(text, { place: 'ssh-kexinit' })
})

test('which builds of OpenSSH announce strict key exchange', () => {
  const table: [string, boolean][] = [
    ['SSH-2.0-OpenSSH_9.2p1 Debian-2+deb12u1', false],
    ['SSH-2.0-OpenSSH_9.2p1 Debian-2+deb12u2', true],
    ['SSH-2.0-OpenSSH_9.2p1 Debian-2+deb12u10', true],
    ['SSH-2.0-OpenSSH_8.4p1 Debian-5+deb11u1', false],
    ['SSH-2.0-OpenSSH_8.4p1 Debian-5+deb11u3', true],
    ['SSH-2.0-OpenSSH_8.9p1 Ubuntu-3', false],
    ['SSH-2.0-OpenSSH_8.9p1 Ubuntu-3ubuntu0.6', true],
    ['SSH-2.0-OpenSSH_8.2p1 Ubuntu-4ubuntu0.9', false],
    ['SSH-2.0-OpenSSH_8.2p1 Ubuntu-4ubuntu0.13', true],
    ['SSH-2.0-OpenSSH_9.6', true],
    ['SSH-2.0-OpenSSH_10.0p2 Debian-7', true],
  ]
  for (const [identification, strict] of table) assert.equal(hasStrictKex(identification), strict, identification)
  assert.throws(() => assertAlgorithms('SSH-2.0-OpenSSH_8.9p1 Ubuntu-3', ['aes128-ctr', 'cast128-cbc']), /cast128/)
  assert.throws(() => assertAlgorithms('SSH-2.0-OpenSSH_9.2p1 Debian-2+deb12u7', ['curve25519-sha256']), /kex-strict/)
})

test('the literals of a source file are found, its comments are not', () => {
  const source = [
    `import { a } from './a.ts' // not sent: an import`,
    `/* 'commented' */ const b = 'one' + "two\\r\\n" // 'three'`,
    // biome-ignore lint/suspicious/noTemplateCurlyInString: the template is the source under test
    'const c = `four ${b ? `five` : {x: "six"}.x} seven`',
    `const d = /eig'ht[/"]/g, e = 9 / 3, f = 'ni\\x6ee'`,
    `  replaces: ['cowrie'],`,
  ].join('\n')
  assert.deepEqual(
    literalsOf(source).map(({ text, line }) => `${line} ${text}`),
    ['2 one', '2 two\r\n', '3 four ', '3 five', '3 six', '3  seven', `4 eig'ht[/"]`, '4 nine'],
  )
})
