import { catalogue, isStale, type Provider, type Verdict, withAge } from './catalogue.ts'
import { type ConditionId, conditions, type Lock } from './conditions.ts'
import { guessProviders } from './guess.ts'
import type { Capacity } from './questions.ts'

/** The section `provider` of skep.yaml. */
export type Said = {
  id?: string | undefined
  contact?: string | undefined
  purpose?: string | undefined
  capacity?: Capacity | undefined
  permission?: { date: string; statement: string } | undefined
  declared?: string | undefined
}

type Opinion = { id: string; name: string; verdict: Verdict; seen: string; stale: boolean }

/** How this sensor stands with whoever hosts it. */
export type Standing = {
  /** Absent when nobody said who it is. */
  provider?: Opinion & {
    conditions: { id: ConditionId; unmet?: string }[]
    /** What the operator states to hold in writing; it stands above verdict and conditions. */
    permission?: { date: string; statement: string }
    declared?: string
  }
  /** Providers whose marks the firmware bears; asked for only when nobody said who it is. */
  guesses: Opinion[]
  /** Why nothing may start, for a person, several lines. */
  refusal?: string
}

/** Exit code 2: the provider's rules do not let this program start here. */
export class NotAllowed extends Error {
  constructor(refusal: string) {
    super(refusal)
    this.name = 'NotAllowed'
  }
}

export type Known = { providers: readonly Provider[]; guess: () => Provider[]; now: number; lock?: Lock | undefined }

/** What the configuration says, held against what the provider answered. Throws for an id that there is not. */
export function standingOf(said: Said, { providers, guess, now, lock }: Known): Standing {
  if (said.id === undefined) return { guesses: guess().map(provider => opinion(provider, now)) }
  const provider = providers.find(p => p.id === said.id)
  if (!provider) throw new Error(`No such provider: ${said.id}`)
  const { permission, declared } = said
  const held = provider.conditions.map(id => {
    const unmet = conditions[id].unmet({ declared, lock }, provider.id)
    return { id, ...(unmet === undefined ? {} : { unmet }) }
  })
  const allowed = permission !== undefined || (provider.verdict !== 'forbidden' && held.every(({ unmet }) => !unmet))
  return {
    provider: {
      ...opinion(provider, now),
      conditions: held,
      ...(permission === undefined ? {} : { permission }),
      ...(declared === undefined ? {} : { declared }),
    },
    guesses: [],
    ...(allowed ? {} : { refusal: refusalOf(provider, held, now) }),
  }
}

/** The standing of this machine under its configuration, with the catalogue that ships. */
export function standingHere(said: Said, now: number, lock?: Lock): Standing {
  const { providers } = catalogue()
  return standingOf(said, { providers, guess: () => guessProviders(providers), now, lock })
}

/** Does the named provider ask for this, and no permission of its own stands above that? */
export const binds = ({ id, permission }: Said, condition: ConditionId): boolean =>
  permission === undefined &&
  catalogue().providers.some(provider => provider.id === id && provider.conditions.includes(condition))

/** Throws `NotAllowed` where a named provider's rules let nothing start. Where none is named, none refuses. */
export function mustBeAllowed(said: Said, now: number, lock?: Lock): void {
  if (said.id === undefined) return
  const { refusal } = standingHere(said, now, lock)
  if (refusal !== undefined) throw new NotAllowed(refusal)
}

const opinion = ({ id, name, verdict, seen }: Provider, now: number): Opinion => ({
  id,
  name: name.en,
  verdict,
  seen,
  stale: isStale(seen, now),
})

function refusalOf(provider: Provider, held: { id: ConditionId; unmet?: string }[], now: number): string {
  const { id, name, verdict, reason, seen, where } = provider
  const answer = `answer of ${withAge(seen, now)}`
  const ask = `skep providers letter ${id} --lang ${provider.country === 'JP' ? 'ja' : 'en'}`
  return [
    verdict === 'forbidden'
      ? `${name.en} forbids honeypots (${answer}), so nothing was started.`
      : `${name.en} allows honeypots under conditions (${answer}) that are not all met, so nothing was started.`,
    `  What it said: ${reason.en}`,
    ...held.flatMap(({ id, unmet }) => (unmet === undefined ? [] : [`  ${id}: ${unmet}.`])),
    isStale(seen, now)
      ? `  That is more than a year old. Ask again at ${where}; \`${ask}\` writes the letter.`
      : `  Ask at ${where}; \`${ask}\` writes the letter.`,
    '  If you hold its permission in writing, say so in skep.yaml, and it is shown at every start:',
    `    provider: {id: ${id}, permission: {date: YYYY-MM-DD, statement: "who permitted what, and where it is kept"}}`,
  ].join('\n')
}

/** The standing on one line, for the log. */
export function describeStanding({ provider, guesses }: Standing, now: number): string {
  if (!provider) return `provider: not named, so no host's rules are enforced; ${describeGuesses(guesses, now)}`
  const { permission, declared } = provider
  const facts = [`${answered(provider, now)}${provider.stale ? ': ask again' : ''}`]
  if (permission)
    facts.push(
      `written permission of ${withAge(permission.date, now)}, as the operator states: “${permission.statement.replace(/\s+/g, ' ')}”`,
    )
  facts.push(...provider.conditions.map(({ id, unmet }) => `${id} ${unmet === undefined ? 'met' : 'NOT proved'}`))
  if (declared !== undefined) facts.push(`declared on ${withAge(declared, now)}`)
  return `provider: ${facts.join('; ')}`
}

function describeGuesses(guesses: Opinion[], now: number): string {
  const say = 'Say who hosts this machine: --provider ID or provider.id in skep.yaml (ids: `skep providers`)'
  if (guesses.length === 0) return `nothing in its firmware tells who hosts this machine. ${say}`
  return `by its firmware this machine is at ${guesses.map(guess => answered(guess, now)).join(' or ')}. ${say}`
}

const verdictWords: Record<Verdict, string> = {
  allowed: 'allows honeypots',
  conditional: 'allows honeypots under conditions',
  forbidden: 'forbids honeypots',
  unclear: 'has given no clear answer',
}
const answered = ({ id, name, verdict, seen }: Opinion, now: number) =>
  `${name} (${id}) ${verdictWords[verdict]} (${withAge(seen, now)})`
