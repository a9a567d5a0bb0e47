import path from 'node:path'
import { loadConfig } from '#config/load.ts'
import type { Plan } from '#config/plans.ts'
import type { Settings } from '#config/schema.ts'
import { catalogue, findProvider, isStale, type Provider, providers, withAge } from '#hosting/catalogue.ts'
import { conditions } from '#hosting/conditions.ts'
import { type Facts, type Language, languages, unanswered, writeLetter } from '#hosting/letter.ts'
import { lastProof } from '#hosting/proof.ts'
import { standingOf } from '#hosting/standing.ts'
import { settingsFlags, settingsFrom } from './settings.ts'
import { common, dataDirectory, flags, print, printTable, Usage } from './usage.ts'

const help = `Usage: skep providers [--json]
       skep providers show ID [--lang en|ja] [--json]
       skep providers letter ID [--lang en|ja] [--contact TEXT] [--purpose TEXT] [--json] [the flags of skep up]

Who allows honeypots on their machines, under which conditions, and since when that is known. Answers older than a year
are stale: ask again. letter prints what to send, filled from skep.yaml: what runs on which ports, how its way out is
locked, provider.contact and provider.purpose. Ports are those of a start as root unless listen.portOffset says otherwise.
It sends nothing.

Examples:
  skep providers
  skep providers show onamae --lang ja
  skep providers letter sakura --lang ja --contact "山田花子 <hanako@example.jp>" --purpose "攻撃手法の観測と研究"
`

export default {
  help,
  async run(args: string[]) {
    const { values, positionals } = flags(
      'providers',
      args,
      {
        ...common,
        ...settingsFlags,
        lang: { type: 'string', default: 'en' },
        contact: { type: 'string' },
        purpose: { type: 'string' },
      },
      2,
    )
    const now = Date.now()
    const [what, id] = positionals
    const language = values.lang as Language
    if (!languages.includes(language)) throw new Usage(`Languages: ${languages.join(', ')}`, 'skep providers --help')
    if (what === undefined) {
      list(language, values.json, now)
      return 0
    }
    if ((what !== 'show' && what !== 'letter') || id === undefined)
      throw new Usage('Say what and of whom: show ID, or letter ID', 'skep providers --help')
    const provider = findProvider(id)
    if (!provider)
      throw new Usage(
        `No such provider: ${id}; there are ${providers()
          .map(p => p.id)
          .join(', ')}`,
        'skep providers',
      )
    if (what === 'show') {
      if (values.json) print(JSON.stringify(asJson(provider, now)))
      else printTable(facts(provider, language, now))
      return 0
    }
    const { file, flags: given } = settingsFrom(values)
    const { settings, plans } = await loadConfig(file, given)
    const { contact = settings.provider.contact, purpose = settings.provider.purpose } = values
    if (!contact?.trim() || !purpose?.trim())
      throw new Usage(
        'A letter says who writes and what for: provider.contact and provider.purpose in skep.yaml, or --contact and --purpose',
        'skep providers --help',
      )
    const sensor = shown(settings, plans)
    if (unanswered(provider, sensor).length)
      throw new Usage(
        `${provider.name.en} asks on whose behalf it is: provider.capacity in skep.yaml`,
        'skep providers --help',
      )
    const proof = await lastProof(path.join(dataDirectory(values.data), 'journal'))
    if (proof?.open !== undefined)
      throw new Error(
        `At the latest start, ${proof.at}, the decoys ${proof.open}: no letter can say that they are locked`,
      )
    const letter = writeLetter(provider, { contact, purpose, ...sensor, proof }, language)
    if (values.json) print(JSON.stringify({ provider: provider.id, language, where: provider.where, ...letter }))
    else print(`${language === 'ja' ? '件名' : 'Subject'}: ${letter.subject}\n\n${letter.body.trimEnd()}`)
    return 0
  },
}

/** What of the configuration a provider gets to know. */
function shown(settings: Settings, plans: Plan[]): Omit<Facts, 'contact' | 'purpose'> {
  const offset = settings.listen.portOffset ?? 0
  return {
    capacity: settings.provider.capacity,
    services: plans.map(({ name, endpoints }) => ({ name, ports: portsOf(endpoints, offset) })),
    udp: plans.some(({ endpoints }) => endpoints.some(e => e.transport === 'udp')),
    limits: settings.limits,
    users: settings.users,
  }
}

function portsOf(endpoints: Plan['endpoints'], offset: number): string[] {
  const pool = endpoints.filter(e => e.pool).map(e => e.port + offset)
  return [
    ...endpoints.filter(e => !e.pool).map(e => `${e.port + offset}/${e.transport}${e.tls ? ' (TLS)' : ''}`),
    ...(pool.length ? [`${Math.min(...pool)}–${Math.max(...pool)}/tcp`] : []),
  ]
}

const asJson = ({ dmi: _, ...provider }: Provider, now: number) => ({
  ...provider,
  source: catalogue().sources[provider.source],
  stale: isStale(provider.seen, now),
})

function list(language: Language, json: boolean, now: number): void {
  if (json) {
    for (const provider of providers()) print(JSON.stringify(asJson(provider, now)))
    return
  }
  printTable([
    ['ID', 'COUNTRY', 'VERDICT', 'CONDITIONS', 'AS OF', '', 'NAME'],
    ...providers().map(p => [
      p.id,
      p.country,
      p.verdict,
      p.conditions.join(', '),
      p.seen,
      isStale(p.seen, now) ? 'stale' : '',
      p.name[language],
    ]),
  ])
  if (providers().some(p => isStale(p.seen, now)))
    print('\nStale: older than a year. Terms change: ask again (skep providers letter ID) before you rely on it.')
}

/** One provider for a person. Whether a start would be refused is said without what the configuration has agreed. */
function facts(provider: Provider, language: Language, now: number): string[][] {
  const { id, name, country, verdict, reason, seen, source, stricter, where } = provider
  const { refusal } = standingOf({ id }, { providers: [provider], guess: () => [], now })
  return [
    ['provider', `${name[language]} (${id}, ${country})`],
    ['verdict', verdict],
    ['because', reason[language]],
    ...provider.conditions.map(condition => ['condition', `${condition}: ${conditions[condition].title[language]}`]),
    ...(stricter ? [['stricter', stricter[language]]] : []),
    ['as of', `${withAge(seen, now)}${isStale(seen, now) ? ': STALE, ask again' : ''}`],
    ['source', catalogue().sources[source]![language]],
    ['ask', `${where}, with what \`skep providers letter ${id} --lang ${country === 'JP' ? 'ja' : 'en'}\` prints`],
    ['start', refusal === undefined ? 'may start' : 'refused, unless skep.yaml says what was agreed; skep up says why'],
  ]
}
