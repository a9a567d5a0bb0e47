import { createHash } from 'node:crypto'
import { chooseFacts, type Facts } from './facts.ts'
import { personaFrom } from './graph.ts'
import { type Keys, makeKeys } from './keys.ts'
import type { PersonaOverrides } from './overrides.ts'
import type { Persona } from './persona.ts'
import type { PersonaState } from './state.ts'

let keys: Promise<Keys> | undefined

/** For tests: the state of a machine of January 2026 that follows from `name` alone, but for keys made once a process. */
export const sampleState = async (name = 'sample', overrides: PersonaOverrides = {}): Promise<PersonaState> => {
  keys ??= makeKeys()
  const seed = createHash('sha256').update(name).digest()
  const createdAt = Date.UTC(2026, 0, 15, 9, 30)
  const facts: Facts = chooseFacts(seed, createdAt, overrides)
  return {
    version: 1,
    seed: seed.toString('hex'),
    createdAt,
    overrides,
    facts,
    bootedAt: Math.max(facts.installedAt + 600_000, createdAt - 12.3 * 86_400_000),
    rebootDue: createdAt + 40 * 86_400_000,
    keys: await keys,
  }
}

/** For tests: `await samplePersona('any name', { os: 'debian-12', web: 'nginx', ftp: 'vsFTPd' })`. */
export const samplePersona = async (name = 'sample', overrides: PersonaOverrides = {}): Promise<Persona> =>
  personaFrom(await sampleState(name, overrides))
