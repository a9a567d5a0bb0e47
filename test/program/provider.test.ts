import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import fs from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { type TestContext, test } from 'node:test'
import { root, startSkep } from '../skep.ts'

const skep = (...args: string[]) =>
  spawnSync('sh', ['bin/skep-node', 'src/cli/main.ts', ...args], { cwd: root, encoding: 'utf8', timeout: 60_000 })

function home(t: TestContext): string {
  const directory = fs.mkdtempSync(path.join(os.tmpdir(), 'skep-test-'))
  t.after(() => fs.rmSync(directory, { recursive: true }))
  return directory
}

test('where the provider forbids it, nothing starts, and it is said why and since when', t => {
  const data = path.join(home(t), 'data')
  const { status, stdout, stderr } = skep('up', '--provider', 'conoha', '--data', data, '--json')
  assert.equal(status, 2)
  assert.equal(stdout, '')
  assert.match(stderr, /^skep: ConoHa VPS forbids honeypots \(answer of 2020-03-17/)
  assert.match(stderr, /shared with other customers/)
  assert.match(stderr, /skep providers letter conoha --lang ja/)
  assert.equal(fs.existsSync(data), false)
})

test('doctor tells before a start what would refuse it, and calls no condition met that nobody has proved', t => {
  const standing = (provider: string) => {
    const { stdout } = skep('doctor', '--provider', provider, '--data', path.join(home(t), 'data'), '--json')
    const findings = stdout
      .trim()
      .split('\n')
      .map(line => JSON.parse(line) as { check: string; state: string; what: string })
    assert.ok(findings.some(({ check }) => check === 'way out: firewall'))
    return findings.find(({ check }) => check === 'standing')!
  }
  assert.equal(standing('conoha').state, 'wrong')
  const linode = standing('linode')
  assert.equal(linode.state, 'wrong')
  assert.match(linode.what, /declare-research NOT proved; no-outbound NOT proved/)
  assert.equal(standing('ablenet').state, 'warning')
  assert.equal(standing('sakura').state, 'ok')
})

test('a condition that cannot be proved refuses, and an unknown provider is a mistake with the list', t => {
  const data = path.join(home(t), 'data')
  const linode = skep('up', '--provider', 'linode', '--listen', '127.0.0.1', '--data', data)
  assert.equal(linode.status, 2)
  assert.match(linode.stderr, /declare-research: .*skep providers letter linode/)
  assert.match(
    linode.stderr,
    /no-outbound: the firewall's lock on the way out is not proved: the decoys listen on loopback alone/,
  )
  const unknown = skep('up', '--provider', 'basement', '--data', data)
  assert.equal(unknown.status, 2)
  assert.match(unknown.stderr, /command line: --provider: Expected one of ablenet, .*webarena, found "basement"/)
  assert.equal(fs.existsSync(data), false)
})

test('written permission starts it, and is said at the start; so does not naming anybody', async () => {
  const statement = 'Ticket 4711, answer of the support'
  const permitted = await startSkep({
    edition: 'mini',
    config: `provider: {id: webarena, permission: {date: 2026-10-01, statement: "${statement}"}}\n`,
  })
  const said = permitted.log.find(line => line.event === 'standing') as { provider: Record<string, unknown> }
  assert.equal(said.provider.verdict, 'forbidden')
  assert.deepEqual(said.provider.permission, { date: '2026-10-01', statement })
  const order = permitted.log.map(line => line.event)
  assert.ok(order.indexOf('standing') < order.indexOf('ready'))
  await permitted.stop()

  const unnamed = await startSkep({ edition: 'mini' })
  const standing = unnamed.log.find(line => line.event === 'standing')!
  assert.equal(standing.provider, undefined)
  assert.ok(Array.isArray(standing.guesses))
  await unnamed.stop()
})

test('the list, one provider and a letter, filled from the configuration', t => {
  const directory = home(t)
  const config = path.join(directory, 'skep.yaml')
  fs.writeFileSync(config, 'provider: {contact: "Jane Roe <jane@example.com>", purpose: 観測}\nedition: mini\n')
  const list = skep('providers', '--json').stdout.trim().split('\n')
  assert.ok(list.length >= 13)
  for (const line of list) assert.equal(typeof JSON.parse(line).stale, 'boolean')
  assert.match(skep('providers').stdout, /^conoha +JP +forbidden +2020-03-17 +stale +ConoHa VPS$/m)
  assert.match(skep('providers', 'show', 'aws').stdout, /stricter .*Lightsail/)
  const letter = (...more: string[]) => skep('providers', 'letter', 'sakura', '--data', directory, ...more)
  const { stdout } = letter('--lang', 'ja', '--config', config, '--port-offset', '20000')
  for (const part of ['件名: ', 'さくらのVPS', 'ssh: 20022/tcp', 'Jane Roe <jane@example.com>', '観測'])
    assert.ok(stdout.includes(part), part)
  assert.doesNotMatch(stdout, /redis/)
  // What a provider's conditions change is what its letter tells.
  fs.writeFileSync(config, 'provider: {contact: "Jane Roe <jane@example.com>", purpose: x}\n')
  const to = (id: string) => skep('providers', 'letter', id, '--config', config, '--data', directory).stdout
  assert.match(to('sakura'), /^- every other TCP port/m)
  assert.doesNotMatch(to('sakura'), /catchall/)
  assert.match(to('ablenet').replace(/\s+/g, ' '), /at most 1,000 connections in all and 64 from one address/)
  assert.match(to('aws-lightsail'), /^No decoy, and no port/m)
  assert.doesNotMatch(to('aws-lightsail'), /^- (ssh|http):/m)
  const onamae = skep('providers', 'show', 'onamae', '--lang', 'ja').stdout
  assert.match(onamae, /^判定 +条件付き$/m)
  assert.match(onamae, /^起動 +sudo skep up --provider onamae \(必要なもの: /m)
  assert.match(skep('providers', 'show', 'conoha').stdout, /^start +with --provider conoha skep does not start/m)
  fs.writeFileSync(config, 'edition: mini\n')
  const silent = letter('--config', config)
  assert.deepEqual([silent.status, silent.stdout], [2, ''])
  assert.match(silent.stderr, /provider\.contact and provider\.purpose/)
  assert.equal(skep('providers', 'show', 'basement').status, 2)
  // Writing letters starts and keeps nothing.
  assert.deepEqual(fs.readdirSync(directory), ['skep.yaml'])
})
