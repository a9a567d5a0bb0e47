import assert from 'node:assert/strict'
import { createPrivateKey, type KeyObject } from 'node:crypto'
import { mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { createSecureContext } from 'node:tls'
import type { Keys } from './keys.ts'
import { type Persona, personaFrom } from './persona.ts'
import { sampleState } from './sample.ts'
import { carryOn, createPersonaState, loadPersonaState, type PersonaState } from './state.ts'

const day = 86_400_000
const now = Date.UTC(2026, 10, 21, 12)
const { keys: ready } = await sampleState()
const keys = async (): Promise<Keys> => ready
const unused = async (): Promise<Keys> => assert.fail('made keys again')
const seed = Buffer.alloc(32, 7)
const make = (overrides = {}): Promise<PersonaState> => createPersonaState(overrides, { now, keys }, seed)

/** Everything a persona shows. */
const shown = (persona: Persona): unknown => ({
  ...persona,
  certificates: (['web', 'ftp', 'mail', 'other'] as const).map(purpose => persona.certificate(purpose)),
  derived: persona.derive('anything', 100).toString('hex'),
})
const unfunctioned = (value: unknown): unknown => JSON.parse(JSON.stringify(value))

test('a state that went through JSON gives the same persona, byte for byte', async () => {
  const state = await make()
  const sent = JSON.parse(JSON.stringify(state)) as PersonaState
  assert.deepEqual(unfunctioned(shown(personaFrom(sent))), unfunctioned(shown(personaFrom(state))))
  assert.deepEqual(await make(), state)
})

test('another seed gives another machine', async () => {
  const one = personaFrom(await make())
  const other = personaFrom(await createPersonaState({}, { now, keys }, Buffer.alloc(32, 8)))
  assert.notEqual(other.fqdn, one.fqdn)
  assert.notEqual(other.mac, one.mac)
  assert.notDeepEqual(other.derive('x', 16), one.derive('x', 16))
  assert.notEqual(other.certificate('mail').cert, one.certificate('mail').cert)
})

test('derived bytes depend on label and seed, a shorter draw begins a longer one', async () => {
  const { derive } = personaFrom(await make())
  assert.equal(derive('a', 33).length, 33)
  assert.deepEqual(derive('a', 33).subarray(0, 5), derive('a', 5))
  assert.notDeepEqual(derive('a', 16), derive('b', 16))
  assert.equal(derive('a', 0).length, 0)
})

test('TLS takes the certificates, and the host keys are what their names say', async () => {
  const persona = personaFrom(await make())
  for (const purpose of ['web', 'ftp', 'mail', 'other'] as const) {
    assert.ok(createSecureContext(persona.certificate(purpose)))
    assert.equal(persona.certificate(purpose), persona.certificate(purpose))
  }
  const kind = (pem: string): KeyObject => createPrivateKey(pem)
  assert.equal(kind(persona.hostKeys.ed25519).asymmetricKeyType, 'ed25519')
  assert.equal(kind(persona.hostKeys.ecdsa).asymmetricKeyDetails?.namedCurve, 'prime256v1')
  assert.equal(kind(persona.hostKeys.rsa).asymmetricKeyDetails?.modulusLength, 3072)
})

test('the state is kept for its owner alone and found again', async () => {
  const directory = await mkdtemp(join(tmpdir(), 'persona-'))
  try {
    const state = join(directory, 'state')
    const first = await loadPersonaState(state, {}, { now, keys })
    assert.equal((await stat(join(state, 'persona.json'))).mode & 0o777, 0o600)
    assert.deepEqual(await loadPersonaState(state, {}, { now: now + day, keys: unused }), first)
    assert.deepEqual(await readdir(state), ['persona.json'])
  } finally {
    await rm(directory, { recursive: true })
  }
})

test('a damaged state is an error, not a new identity', async () => {
  const directory = await mkdtemp(join(tmpdir(), 'persona-'))
  const path = join(directory, 'persona.json')
  try {
    for (const [text, expected] of [
      ['{"version":1,"se', /Cannot read .*persona\.json: .*Restore it/],
      ['', /Cannot read .*persona\.json/],
      ['{"version":2}', /expected version 1, found 2/],
      ['null', /expected version 1/],
      ['{"version":1,"seed":"00"}', /lacks/],
    ] as const) {
      await writeFile(path, text)
      await assert.rejects(loadPersonaState(directory, {}, { now, keys: unused }), expected)
      assert.equal(await readFile(path, 'utf8'), text)
    }
  } finally {
    await rm(directory, { recursive: true })
  }
})

test('a reboot that is due takes place at the next start, and brings upgrades to those who upgrade', async () => {
  const kept = await make({ os: 'debian-12' })
  kept.facts.upgrades = true
  kept.bootedAt = Date.UTC(2026, 5, 1)
  kept.rebootDue = now - day
  const before = personaFrom(kept)
  const after = await carryOn(kept, { os: 'debian-12' }, { now, keys: unused })
  assert.ok(after.bootedAt < now && after.bootedAt > now - 60_000)
  assert.ok(after.rebootDue > now + 19 * day)
  assert.equal(before.os.kernel.replace('-cloud', ''), '6.1.0-49-amd64')
  assert.equal(personaFrom(after).os.kernel.replace('-cloud', ''), '6.1.0-56-amd64')
  assert.equal(personaFrom(after).fqdn, before.fqdn)
  assert.deepEqual(personaFrom(after).hostKeys, before.hostKeys)
  const idle = await carryOn({ ...kept, facts: { ...kept.facts, upgrades: false } }, { os: 'debian-12' }, { now })
  assert.equal(personaFrom(idle).os.kernel, personaFrom({ ...idle, bootedAt: kept.bootedAt }).os.kernel)
})

test('before that, uptime goes on; a clock set back before the boot means another boot', async () => {
  const kept = await make()
  assert.equal(await carryOn(kept, {}, { now: kept.rebootDue - 1, keys: unused }), kept)
  const back = await carryOn(kept, {}, { now: kept.bootedAt - day, keys: unused })
  assert.ok(back.bootedAt < kept.bootedAt - day)
})

test('the operator decides parts, the rest stays', async () => {
  const plain = await make()
  const overrides = {
    hostname: 'ns4',
    domain: 'kirasoft-works.net',
    web: plain.facts.web === 'nginx' ? 'Apache' : 'nginx',
    ftp: plain.facts.ftp === 'vsFTPd' ? 'ProFTPD' : 'vsFTPd',
    timezone: 'Asia/Tokyo',
  } as const
  const changed = await carryOn(plain, overrides, { now, keys: unused })
  const persona = personaFrom(changed)
  assert.equal(persona.fqdn, 'ns4.kirasoft-works.net')
  assert.equal(persona.software.web.product, overrides.web)
  assert.equal(persona.software.ftp.product, overrides.ftp)
  assert.deepEqual(persona.timezone, { name: 'Asia/Tokyo', offset: 540 })
  const { hostname, domain, web, ftp, timezone, ...rest } = changed.facts
  assert.deepEqual({ hostname, domain, web, ftp, timezone }, overrides)
  assert.deepEqual({ ...plain.facts, ...rest }, plain.facts)
  assert.deepEqual((await carryOn(changed, {}, { now, keys: unused })).facts, plain.facts)
})

test('what nobody decides survives a version whose tables choose otherwise', async () => {
  const plain = await make()
  const old = { ...plain, facts: { ...plain.facts, hostname: 'quasar', release: 'debian-11' as const } }
  const changed = await carryOn(old, { timezone: 'Asia/Tokyo' }, { now, keys: unused })
  assert.deepEqual(changed.facts, { ...old.facts, timezone: 'Asia/Tokyo' })
})

test('another operating system is a new installation with new keys', async () => {
  const kept = await make({ os: 'debian-12' })
  const other: Keys = { ...ready, snakeoil: 'another key' }
  const moved = await carryOn(kept, { os: 'ubuntu-22.04' }, { now: now + day, keys: async () => other })
  assert.equal(personaFrom(moved).os.codename, 'jammy')
  assert.equal(moved.keys.snakeoil, 'another key')
  assert.ok(moved.facts.installedAt > now && moved.bootedAt > moved.facts.installedAt)
  const renamed = await carryOn(moved, { os: 'ubuntu-22.04', hostname: 'mx2' }, { now: now + 2 * day, keys: unused })
  assert.equal(renamed.facts.installedAt, moved.facts.installedAt)
  assert.equal(renamed.facts.mac, kept.facts.mac)
})
