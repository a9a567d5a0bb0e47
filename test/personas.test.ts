import assert from 'node:assert/strict'
import { X509Certificate } from 'node:crypto'
import { test } from 'node:test'
import { makeKeys } from '#persona/keys.ts'
import { type Persona, personaFrom } from '#persona/persona.ts'
import { releaseIds } from '#persona/releases/index.ts'
import { sampleState } from '#persona/sample.ts'
import { createPersonaState, type PersonaState } from '#persona/state.ts'
import { assertClean, describeCertificate } from './denylist.ts'
import { contradictions } from './persona-lint.ts'

const now = Date.UTC(2026, 10, 21, 12)
const { keys } = await sampleState()
const made: [PersonaState, Persona][] = []
for (let i = 0; i < 240; i++) {
  const os = i < 120 ? releaseIds[i % releaseIds.length] : undefined
  const state = await createPersonaState(
    os ? { os } : {},
    { now, keys: async () => keys },
    Buffer.alloc(32, `seed ${i}`),
  )
  made.push([state, personaFrom(state)])
}

test('every persona could be one real machine', () => {
  for (const [, persona] of made) assert.deepEqual(contradictions(persona, now), [], persona.fqdn)
})

test('no field of a persona and no certificate is a mark of a known decoy', () => {
  for (const [, persona] of made) {
    const what = persona.fqdn
    for (const name of [persona.hostname, persona.domain, persona.fqdn, ...persona.users.map(user => user.name)])
      assertClean(name, { place: 'name', what })
    assertClean(JSON.stringify(persona), { what })
    assertClean(persona.software.ssh.identification, { place: 'ssh-identification', what })
    assertClean(`${persona.os.kernel} ${persona.os.kernelVersion}`, { place: 'shell', what })
    for (const purpose of ['web', 'ftp', 'mail', 'other'] as const) {
      const { cert } = persona.certificate(purpose)
      assertClean(describeCertificate(cert), { place: 'certificate', what })
      assertClean(new X509Certificate(cert).raw, { what })
    }
  }
})

test('no two personas share what identifies a machine', () => {
  const constants: Record<string, (persona: Persona) => string> = {
    'host and domain': persona => persona.fqdn,
    domain: persona => persona.domain,
    'network card': persona => persona.mac,
    'machine id': persona => persona.machineId,
    'time of installation': persona => String(persona.installedAt),
    'time of boot': persona => String(persona.bootedAt),
    'memory size': persona => String(persona.memory),
    'default page': persona => String(persona.software.web.index.modifiedMicros),
    'serial of the mail certificate': persona => new X509Certificate(persona.certificate('mail').cert).serialNumber,
    'serial of the web certificate': persona => new X509Certificate(persona.certificate('web').cert).serialNumber,
    'derived bytes': persona => persona.derive('redis run id', 20).toString('hex'),
  }
  for (const [what, of] of Object.entries(constants)) {
    const values = made.map(([, persona]) => of(persona))
    assert.ok(new Set(values).size >= values.length * (what === 'memory size' ? 0.9 : 1), `${what} repeats`)
  }
})

test('hosts are named in many ways, and every product is met', () => {
  const styles = new Set(made.map(([, { hostname }]) => hostname.replace(/[a-z]{2,}/g, 'a').replace(/\d+/g, '0')))
  assert.ok(styles.size >= 20, `only ${styles.size} ways: ${[...styles]}`)
  const products = new Set(
    made.flatMap(
      ([
        ,
        {
          software: { web, ftp },
        },
      ]) => [web.product, ftp.product],
    ),
  )
  assert.deepEqual([...products].sort(), ['Apache', 'ProFTPD', 'nginx', 'vsFTPd'])
  assert.deepEqual([...new Set(made.map(([, { os }]) => os.codename))].sort(), [
    'bookworm',
    'bullseye',
    'focal',
    'jammy',
  ])
})

test('keys are made anew for every sensor, of the kinds that ssh-keygen -A makes', async () => {
  const other = await makeKeys()
  for (const kind of ['ed25519', 'ecdsa', 'rsa'] as const) assert.notEqual(other.host[kind], keys.host[kind])
  assert.notEqual(other.snakeoil, keys.snakeoil)
  assert.notEqual(other.own, keys.own)
})
