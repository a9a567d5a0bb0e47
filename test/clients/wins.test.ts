import assert from 'node:assert/strict'
import fs from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { after, before, describe, test } from 'node:test'
import type { Event } from '#events/event.ts'
import { type Inside, startInside } from '../inside.ts'
import { createNetwork, type Network, whyNoNamespaces } from '../namespaces.ts'
import { missing } from '../skep.ts'

const said = (line: RegExp) => (event: Event) =>
  event.skep.service === 'wins' &&
  line.test((event as Event & { process?: { command_line: string } }).process?.command_line ?? '')

/** Its clients know no other port than 137. */
describe('NetBIOS names, with real clients', { skip: whyNoNamespaces() ?? false }, () => {
  let network: Network
  let inside: Inside
  const config = path.join(fs.mkdtempSync(path.join(os.tmpdir(), 'skep-wins-')), 'skep.yaml')
  before(async () => {
    network = createNetwork(['attacker', 'sensor'])
    fs.writeFileSync(config, 'edition: mini\npersona: { hostname: relay3 }\nservices: { wins: { enabled: true } }\n')
    inside = await startInside(network, 'sensor', ['--config', config])
    await inside.said('ready')
  })
  after(async () => {
    await inside?.remove()
    network?.remove()
    fs.rmSync(path.dirname(config), { recursive: true, force: true })
  })
  /** A status is larger than its question: who asks on is told. */
  const until = (answered: RegExp, ...command: string[]) => {
    let out = ''
    for (let tries = 0; tries < 8 && !answered.test(out); tries++)
      out = network.run('attacker', command, { timeout: 60_000 }).stdout
    assert.match(out, answered)
    assert.doesNotMatch(out, /honey|skep/i)
  }

  test('nmblookup reads its names', { skip: missing('nmblookup') }, async () => {
    until(/RELAY3\s+<20>[\s\S]*WORKGROUP\s+<1e> - <GROUP>/, 'nmblookup', '-A', network.address('sensor'))
    assert.ok((await inside.eventually(said(/^status \*<00>/))).length > 0)
  })
  test('nmblookup finds it by its name', { skip: missing('nmblookup') }, async () => {
    until(/10\.77\.0\.2 relay3<00>/i, 'nmblookup', '-U', network.address('sensor'), 'relay3')
    assert.ok((await inside.eventually(said(/^query RELAY3<00>/))).length > 0)
  })
  test('nbtscan does too', { skip: missing('nbtscan') }, () =>
    until(/10\.77\.0\.2\s+RELAY3\s+<server>/, 'nbtscan', '-r', network.address('sensor')),
  )
  test('nmap knows the service, and its script asks', { skip: missing('nmap') }, async () => {
    const args = ['-Pn', '-n', '-sU', '-p', '137', '--script', 'nbstat', network.address('sensor')]
    until(/137\/udp +open +netbios-ns[\s\S]*NetBIOS name: RELAY3/, 'nmap', ...args)
  })
})
