import assert from 'node:assert/strict'
import fs from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { test } from 'node:test'
import { services } from '#services/index.ts'
import { editions } from './editions.ts'
import { ConfigError, loadConfig, parseConfig } from './load.ts'

/** The message that a text and flags come to, a line a mistake; fails when they are accepted. */
async function refusal(source: string, flags = {}): Promise<string[]> {
  try {
    await parseConfig(source, flags)
  } catch (error) {
    if (error instanceof ConfigError) return error.message.split('\n')
    throw error
  }
  return assert.fail(`Accepted: ${source.slice(0, 200)}`)
}
const yaml = (...lines: string[]) => `${lines.join('\n')}\n`

test('nothing said is every default, and all decoys', async () => {
  const { settings, plans } = await parseConfig('')
  assert.equal(settings.edition, 'standard')
  assert.deepEqual(settings.dashboard.address, { address: '127.0.0.1', port: 64297 })
  assert.equal(settings.journal.quota, 2e9)
  assert.deepEqual(
    plans.map(plan => plan.name),
    [...services.keys()],
  )
})

test('every mistake is told at once, with its line, its path and what would be right', async () => {
  const source = yaml(
    'edition: large',
    'listen:',
    '  portOffset: abc',
    '  colour: red',
    'services:',
    '  redis:',
    '    passwort: x',
    '    enabled: perhaps',
    '  gopher: {}',
    'journal: {quota: much}',
    'persona:',
    '  hostname: honeypot',
    'stores: {}',
  )
  assert.deepEqual(await refusal(source), [
    'skep.yaml:1: edition: Expected "standard" or "mini" or "web" or "mail" or "database" or "telephony" or "sensor" or "passive", found "large"',
    'skep.yaml:3: listen.portOffset: Expected a whole number from 0 to 60000, found "abc"',
    'skep.yaml:4: listen.colour: No such key; there are address, portOffset, proxies',
    'skep.yaml:7: services.redis.passwort: No such key; there are enabled, listen, password',
    'skep.yaml:8: services.redis.enabled: Expected true or false, found "perhaps"',
    `skep.yaml:9: services.gopher: No such service; there are ${[...services.keys()].join(', ')}`,
    'skep.yaml:10: journal.quota: Expected a size such as "2 GB" or "64 MiB", found "much"',
    'skep.yaml:12: persona.hostname: This name tells what the machine is, found "honeypot"',
    'skep.yaml:13: stores: No such key; there are sensor, edition, provider, listen, limits, egress, capture, administration, services, persona, journal, samples, recordings, machine, store, dashboard, geography, users',
  ])
})

test('values of the wrong kind are named in words', async () => {
  const cases: [string, string][] = [
    ['5', 'skep.yaml: Expected keys with values, found 5'],
    ['[a]', 'skep.yaml: Expected keys with values, found a list'],
    ['store: 5', 'skep.yaml:1: store: Expected keys with values, found 5'],
    ['sensor: a b', 'skep.yaml:1: sensor: Expected up to 63 letters, digits, dots and dashes, found "a b"'],
    ['listen: {address: 300.0.0.1}', 'skep.yaml:1: listen.address: Expected "all" or an IP address, found "300.0.0.1"'],
    ['listen: {proxies: 192.0.2.1}', 'skep.yaml:1: listen.proxies: Expected a list, found "192.0.2.1"'],
    ['limits: {lifetime: 1.5}', 'skep.yaml:1: limits.lifetime: Expected a whole number from 1 to 604800, found 1.5'],
    ['store: {memory: 1 MB}', 'skep.yaml:1: store.memory: Expected at least 32 MB, found "1 MB"'],
    ['journal: {floor: -1}', 'skep.yaml:1: journal.floor: Expected a size such as "2 GB" or "64 MiB", found -1'],
    ['users: {sensor: 0}', 'skep.yaml:1: users.sensor: Expected a whole number from 1 to 4294967294, found 0'],
    ['listen: []', 'skep.yaml:1: listen: Expected keys with values, found a list'],
    ['services: {ssh: [22]}', 'skep.yaml:1: services.ssh: Expected keys with values, found a list'],
    ['services: [ssh]', 'skep.yaml:1: services: Expected keys with values, found a list'],
  ]
  for (const [source, message] of cases) assert.deepEqual(await refusal(source), [message])
  assert.match((await refusal('dashboard: {address: 1.2.3.400:80}'))[0]!, /Expected ADDRESS:PORT.*found "1.2.3.400:80"/)
  assert.match((await refusal('dashboard: {address: "[::1]:0"}'))[0]!, /Expected a port from 1 to 65535/)
})

test('a key without a value says nothing, and still has to be a right one', async () => {
  const { settings } = await parseConfig(yaml('listen:', 'journal:', '  quota:', 'services:', '  redis:'))
  assert.equal(settings.journal.quota, 2e9)
  assert.match((await refusal('lsten:'))[0]!, /:1: lsten: No such key/)
})

test('sizes come as words or as bytes', async () => {
  const sizes: [string, number][] = [
    ['64 MiB', 64 * 2 ** 20],
    ['64mib', 64 * 2 ** 20],
    ['1.5 GB', 1.5e9],
    ['3000000', 3e6],
    ['"3000000 B"', 3e6],
  ]
  for (const [said, bytes] of sizes)
    assert.equal((await parseConfig(`journal: {quota: ${said}}`)).settings.journal.quota, bytes)
  for (const wrong of ['2 PB', '.inf', '.nan', '1e30', '"1e9"', '"9999999999999999 GB"', 'true', '[1]'])
    assert.match((await refusal(`journal: {quota: ${wrong}}`))[0]!, /^skep.yaml:1: journal.quota: Expected a size/)
})

test('flags stand above the file, and their mistakes are theirs', async () => {
  const file = yaml('edition: mini', 'listen: {address: 192.0.2.1, portOffset: 5}')
  const flags = { edition: 'sensor', listen: '127.0.0.1', portOffset: '10000', dashboard: '[::1]:443' }
  const { settings, plans } = await parseConfig(file, flags)
  assert.equal(settings.edition, 'sensor')
  assert.deepEqual(settings.listen, { address: '127.0.0.1', portOffset: 10_000, proxies: [] })
  assert.deepEqual(settings.dashboard.address, { address: '::1', port: 443 })
  assert.equal(plans.length, services.size)
  assert.deepEqual(await refusal(file, { portOffset: 'abc', listen: 'here' }), [
    'command line: --listen: Expected "all" or an IP address, found "here"',
    'command line: --port-offset: Expected a whole number from 0 to 60000, found "abc"',
  ])
  for (const portOffset of ['', '-1', '1e3', '0x10', ' 5'])
    assert.match((await refusal('', { portOffset }))[0]!, /^command line: --port-offset: Expected a whole number/)
  // A flag does not hide that the file is wrong around it.
  assert.match((await refusal('listen: nowhere', { listen: '127.0.0.1' }))[0]!, /:1: listen: Expected keys with values/)
})

test('every edition is made of services that there are', async () => {
  for (const [name, { services: named }] of Object.entries(editions)) {
    const { plans } = await parseConfig(`edition: ${name}`)
    assert.equal(plans.length, named === 'all' ? services.size : named.length, name)
  }
})

test('an edition says which services run, and the operator has the last word', async () => {
  const names = async (source: string) => (await parseConfig(source)).plans.map(plan => plan.name)
  assert.deepEqual(
    await names('edition: mini'),
    [...services.keys()].filter(name => ['ssh', 'telnet', 'http'].includes(name)),
  )
  assert.ok((await names(yaml('edition: mini', 'services: {redis: {enabled: true}}'))).includes('redis'))
  assert.ok(!(await names('services: {redis: {enabled: false}}')).includes('redis'))
  // Options of what is off are held to be right all the same.
  assert.match((await refusal('services: {redis: {enabled: false, password: 5}}'))[0]!, /redis.password: Expected text/)
})

test('ports in place of its own', async () => {
  const { plans } = await parseConfig(
    'services: {redis: {listen: [6380, "6381/tcp"]}, ftp: {listen: [2121, 9990/tls]}}',
  )
  const ports = (name: string) => plans.find(plan => plan.name === name)!.endpoints
  assert.deepEqual(ports('redis'), [
    { transport: 'tcp', port: 6380 },
    { transport: 'tcp', port: 6381 },
  ])
  assert.deepEqual(
    ports('ftp').filter(e => !e.pool),
    [
      { transport: 'tcp', port: 2121 },
      { transport: 'tcp', port: 9990, tls: true },
    ],
  )
  assert.ok(ports('ftp').some(e => e.pool))
})

test('ports that cannot be', async () => {
  for (const port of ['0', '65536', '99999/tcp', '22/sctp', '1.5', '-1'])
    assert.match(
      (await refusal(`services: {redis: {listen: [6380, ${port}]}}`))[0]!,
      /redis.listen.1: Expected a port such as/,
    )
  assert.deepEqual(await refusal('services: {redis: {listen: [6379/udp, 6379/tls]}}'), [
    'skep.yaml:1: services.redis.listen.0: redis does not speak over udp',
    'skep.yaml:1: services.redis.listen.1: redis does not speak over tls',
  ])
  assert.deepEqual(await refusal('services: {redis: {listen: [21]}}'), [
    "skep.yaml:1: services.redis.listen: Port 21/tcp is ftp's already",
  ])
  assert.match(
    (await refusal('listen: {portOffset: 60000}'))[0]!,
    /:1: listen.portOffset: Expected at most \d+, found 60000: \w+ has a port \d+/,
  )
})

test('no service takes an option that it does not know', async () => {
  for (const name of services.keys())
    assert.match((await refusal(`services: {${name}: {nosuch: 1}}`))[0]!, /\.nosuch: No such key; there are enabled/)
})

test('a certificate goes with its key', async () => {
  for (const key of ['certificate', 'key'])
    assert.match((await refusal(`dashboard: {${key}: x.pem}`)).join(), /dashboard.certificate: A certificate goes with/)
})

test('packets: what is no interface, and how the operator comes in', async () => {
  assert.deepEqual(await refusal('capture: {interfaces: ["eth0 or tcp"]}'), [
    'skep.yaml:1: capture.interfaces.0: Expected the name of an interface, found "eth0 or tcp"',
  ])
  assert.deepEqual(await refusal('administration: {from: [192.0.2.0/33]}'), [
    'skep.yaml:1: administration.from.0: Expected an address or a network such as "192.0.2.0/24", found "192.0.2.0/33"',
  ])
  const { settings } = await parseConfig('administration: {ports: [22], from: [192.0.2.0/24, "2001:db8::/32"]}')
  assert.deepEqual(settings.administration, { ports: [22], from: ['192.0.2.0/24', '2001:db8::/32'] })
  assert.equal(settings.capture.enabled, 'auto')
})

test('the passive edition runs no decoy, whatever else is said', async () => {
  assert.deepEqual((await parseConfig('edition: passive')).plans, [])
  assert.deepEqual(await refusal('edition: passive\nservices: {ssh: {enabled: true}}'), [
    'skep.yaml:2: services.ssh.enabled: The passive edition answers nobody: no decoy runs',
  ])
})

test('the two sides are two users', async () => {
  assert.deepEqual(await refusal('users: {sensor: 64292}'), [
    'skep.yaml:1: users.hive: The two sides have to be two users, or there is no wall between them',
  ])
})

test('files are found beside the configuration, through symbolic links, or are a mistake', async t => {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'skep-config-'))
  t.after(() => fs.rmSync(folder, { recursive: true }))
  fs.mkdirSync(path.join(folder, 'archive'))
  fs.writeFileSync(path.join(folder, 'archive/page.pem'), '')
  fs.symlinkSync('archive/page.pem', path.join(folder, 'live.pem'))
  const file = path.join(folder, 'skep.yaml')
  fs.writeFileSync(file, 'dashboard: {certificate: live.pem, key: archive/page.pem}\n')
  const { certificate } = (await loadConfig(file)).settings.dashboard
  assert.equal(certificate, fs.realpathSync(path.join(folder, 'archive/page.pem')))

  fs.writeFileSync(file, 'geography: {city: none.mmdb, asn: archive}\n')
  await assert.rejects(loadConfig(file), (error: ConfigError) => {
    assert.deepEqual(
      error.mistakes.map(m => m.path),
      ['geography.city', 'geography.asn'],
    )
    assert.match(error.message, /Cannot read it: ENOENT[^\n]*\n[^\n]*Cannot read it: It is no file/)
    return true
  })
  for (const missing of [path.join(folder, 'none.yaml'), folder])
    await assert.rejects(loadConfig(missing), { name: 'ConfigError', message: /Cannot read it/ })
})

test('what is no YAML is told with its line', async () => {
  assert.deepEqual(await refusal('a: [1\nb: 2'), [
    'skep.yaml:2: Flow sequence in block collection must be sufficiently indented and end with a ]',
  ])
  assert.match((await refusal('sensor: a\nsensor: b'))[0]!, /^skep.yaml:2: Map keys must be unique/)
  assert.match((await refusal('---\nsensor: a\n---\nsensor: b'))[0]!, /multiple documents/)
  assert.match((await refusal('sensor: !!js/function "x"'))[0]!, /^skep.yaml:1: Unresolved tag/)
  assert.match((await refusal('services:\n  22: {}'))[0]!, /^skep.yaml:2: services.22: No such service/)
  assert.match((await refusal('sensor: a\n? [b]\n: c'))[0]!, /^skep.yaml:2: /)
})

test('a text made to overwhelm its reader is refused, whatever it does', async () => {
  const laughs = ['a0: &a0 [x, x, x, x, x, x, x, x, x]']
  for (let i = 1; i < 12; i++)
    laughs.push(
      `a${i}: &a${i} [${Array(9)
        .fill(`*a${i - 1}`)
        .join(', ')}]`,
    )
  assert.match((await refusal(yaml(...laughs)))[0]!, /alias/)
  assert.match((await refusal('['.repeat(20_000)))[0]!, /^skep.yaml/)
  assert.match((await refusal(`sensor: ${'{a: '.repeat(20_000)}${'}'.repeat(20_000)}`))[0]!, /^skep.yaml/)
  assert.match((await refusal('a: &a [*a]'))[0]!, /^skep.yaml/)
  const long = (await refusal(`sensor: "${'\\u202e'.repeat(5000)}"`))[0]!
  assert.ok(long.length < 200 && !long.includes('\u202e'))
})

test('names of what every object has are no keys, services or editions', async () => {
  for (const name of ['constructor', '__proto__', 'toString', 'hasOwnProperty']) {
    assert.match((await refusal(`${name}: {polluted: true}`))[0]!, /No such key/)
    assert.match((await refusal(`services: {${name}: {enabled: true}}`))[0]!, /No such service/)
    assert.match((await refusal(`edition: ${name}`))[0]!, /edition: Expected "standard"/)
    assert.match((await refusal(`services: {redis: {${name}: 1}}`))[0]!, /No such key/)
  }
  assert.equal(({} as { polluted?: boolean }).polluted, undefined)
})

test('arbitrary text is accepted or refused, never anything else', async () => {
  const source = yaml(
    'edition: mini',
    'listen: {address: all, proxies: [192.0.2.1]}',
    'services: {ftp: {listen: [21]}}',
  )
  for (let at = 0; at < source.length; at++) {
    const flipped = Buffer.from(source)
    flipped[at]! ^= 1 << (at % 7)
    for (const text of [source.slice(0, at), flipped.toString('latin1')])
      await parseConfig(text).catch(error => assert.ok(error instanceof ConfigError, String(error?.stack)))
  }
})
