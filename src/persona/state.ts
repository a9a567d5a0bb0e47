import { randomBytes } from 'node:crypto'
import { mkdir, open, readFile, rename } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { isDeepStrictEqual } from 'node:util'
import { drawFrom } from './draw.ts'
import { chooseFacts, type Facts } from './facts.ts'
import { type Keys, makeKeys } from './keys.ts'
import type { PersonaOverrides } from './overrides.ts'

/**
 * All that makes up a persona, as JSON: kept by the supervisor in its state directory and handed to the sensor, which
 * makes the `Persona` of it with `personaFrom`.
 */
export type PersonaState = {
  version: 1
  /** 32 bytes in hex. */
  seed: string
  /** Milliseconds since the epoch, as all times here. */
  createdAt: number
  overrides: PersonaOverrides
  facts: Facts
  bootedAt: number
  /** When the machine is next due for a reboot; it happens with the first start of the program after that. */
  rebootDue: number
  keys: Keys
}

type Circumstances = {
  now?: number
  /** Tests give ready keys. */
  keys?: () => Promise<Keys>
}

const day = 86_400_000

/** A machine nobody has met before. `seed` is given by tests. */
export const createPersonaState = async (
  overrides: PersonaOverrides = {},
  { now = Date.now(), keys = makeKeys }: Circumstances = {},
  seed = randomBytes(32),
): Promise<PersonaState> => {
  const facts = chooseFacts(seed, now, overrides)
  const draw = drawFrom(seed, 'first boot')
  // Uptimes spread over magnitudes: from hours to most of a year.
  const uptime = Math.min(0.2 * day * 1500 ** (draw.below(1e6) / 1e6), now - facts.installedAt - 600_000)
  const bootedAt = Math.floor(now - uptime)
  return {
    version: 1,
    seed: seed.toString('hex'),
    createdAt: now,
    overrides,
    facts,
    bootedAt,
    rebootDue: now + draw.between(10 * day, 150 * day),
    keys: await keys(),
  }
}

/**
 * The state kept in `directory` (DATA/state), made at the first call. A reboot that is due takes place now: the sensor
 * was down a moment ago anyway. Other overrides than before change what they name; another operating system is a new
 * installation with new keys. Throws when the file is there but unreadable: a lost identity is never replaced silently.
 */
export const loadPersonaState = async (
  directory: string,
  overrides: PersonaOverrides = {},
  circumstances: Circumstances = {},
): Promise<PersonaState> => {
  const path = join(directory, 'persona.json')
  const kept = await read(path)
  const state = await (kept ? carryOn(kept, overrides, circumstances) : createPersonaState(overrides, circumstances))
  if (state !== kept) await write(path, state)
  return state
}

/** The kept state as it is after the time since; the same object when nothing changed. */
export const carryOn = async (
  kept: PersonaState,
  overrides: PersonaOverrides = {},
  { now = Date.now(), keys = makeKeys }: Circumstances = {},
): Promise<PersonaState> => {
  const whole = completed(kept)
  const state = isDeepStrictEqual(overrides, kept.overrides) ? whole : await change(whole, overrides, now, keys)
  if (now < state.rebootDue && state.bootedAt < now) return state
  const draw = drawFrom(Buffer.from(kept.seed, 'hex'), `boot ${now}`)
  return { ...state, bootedAt: now - draw.between(9_000, 40_000), rebootDue: now + draw.between(20 * day, 200 * day) }
}

/** A state of an earlier version lacks the facts that were added since: they are drawn now, and no other moves. */
const completed = (kept: PersonaState): PersonaState => {
  const chosen = chooseFacts(Buffer.from(kept.seed, 'hex'), kept.createdAt, kept.overrides)
  const facts = { ...chosen, ...kept.facts }
  return Object.keys(facts).length === Object.keys(kept.facts).length ? kept : { ...kept, facts }
}

const change = async (
  kept: PersonaState,
  overrides: PersonaOverrides,
  now: number,
  keys: () => Promise<Keys>,
): Promise<PersonaState> => {
  const chosen = chooseFacts(Buffer.from(kept.seed, 'hex'), kept.createdAt, overrides)
  const was: PersonaOverrides = kept.overrides
  // What neither was nor is decided stays, even if the tables of this version would choose otherwise.
  const release = was.os === overrides.os ? kept.facts.release : chosen.release
  if (release === kept.facts.release) {
    const facts = { ...kept.facts }
    if (was.hostname !== overrides.hostname) facts.hostname = chosen.hostname
    if (was.domain !== overrides.domain) facts.domain = chosen.domain
    if (was.web !== overrides.web) facts.web = chosen.web
    if (was.ftp !== overrides.ftp) facts.ftp = chosen.ftp
    if (was.mail !== overrides.mail) facts.mail = chosen.mail
    if (was.timezone !== overrides.timezone) facts.timezone = chosen.timezone
    return { ...kept, overrides, facts }
  }
  const installedAt = now - 5 * 3_600_000
  return {
    ...kept,
    overrides,
    facts: { ...chosen, installedAt },
    bootedAt: installedAt + 1_200_000,
    rebootDue: now + 30 * day,
    keys: await keys(),
  }
}

const parts = ['seed', 'createdAt', 'overrides', 'facts', 'bootedAt', 'rebootDue', 'keys'] as const

const read = async (path: string): Promise<PersonaState | undefined> => {
  let text: string
  try {
    text = await readFile(path, 'utf8')
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined
    throw error
  }
  let state: Partial<PersonaState>
  try {
    state = JSON.parse(text) as Partial<PersonaState>
  } catch (error) {
    throw new Error(
      `Cannot read ${path}: ${(error as Error).message}. Restore it from a backup, or remove it to begin a new identity`,
    )
  }
  if (state?.version !== 1)
    throw new Error(`Cannot read ${path}: expected version 1, found ${JSON.stringify(state?.version)}`)
  const lacking = parts.filter(part => !(part in state))
  if (lacking.length > 0) throw new Error(`Cannot read ${path}: it lacks ${lacking.join(', ')}`)
  return state as PersonaState
}

/** All or nothing, also when the power fails in between. */
const write = async (path: string, state: PersonaState): Promise<void> => {
  await mkdir(dirname(path), { recursive: true })
  const draft = `${path}.new`
  const file = await open(draft, 'w', 0o600)
  try {
    await file.chmod(0o600)
    await file.writeFile(`${JSON.stringify(state, null, 2)}\n`)
    await file.sync()
  } finally {
    await file.close()
  }
  await rename(draft, path)
  const directory = await open(dirname(path))
  try {
    await directory.sync()
  } finally {
    await directory.close()
  }
}
