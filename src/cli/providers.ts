import path from 'node:path'
import { type Config, loadConfig } from '#config/load.ts'
import type { Plan } from '#config/plans.ts'
import type { Settings } from '#config/schema.ts'
import { catalogue, findProvider, isStale, type Provider, providers, withAge } from '#hosting/catalogue.ts'
import { conditions } from '#hosting/conditions.ts'
import { type Facts, type Language, languages, unanswered, writeLetter } from '#hosting/letter.ts'
import { lastProof } from '#hosting/proof.ts'
import type { Options } from '#services/catchall/options.ts'
import { gentle } from '#supervisor/impact.ts'
import { silenced } from '#supervisor/passive.ts'
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
    const { settings, plans } = under(provider, await loadConfig(file, given))
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

/** What of this configuration would run at that provider: its conditions are enforced whatever else is said. */
function under({ conditions }: Provider, config: Config): Config {
  const held = conditions.includes('low-impact') ? gentle(config) : config
  return conditions.includes('passive-only') || held.settings.edition === 'passive' ? silenced(held) : held
}

/** What of the configuration a provider gets to know. */
function shown(settings: Settings, plans: Plan[]): Omit<Facts, 'contact' | 'purpose'> {
  const offset = settings.listen.portOffset ?? 0
  // As at a start as root, where the firewall leads all ports to the catch-all.
  const redirects = ({ name, options }: Plan) => name === 'catchall' && (options as Options).range === 'all'
  return {
    capacity: settings.provider.capacity,
    services: plans
      .filter(plan => !redirects(plan))
      .map(({ name, endpoints }) => ({ name, ports: portsOf(endpoints, offset) })),
    everyPort: plans.some(redirects),
    packets: settings.capture.enabled !== 'off',
    passive: settings.edition === 'passive',
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
  const { columns, verdicts, stale, footnote } = words[language]
  printTable([
    [...columns],
    ...providers().map(p => [
      p.id,
      p.country,
      verdicts[p.verdict],
      p.conditions.join(', '),
      p.seen,
      isStale(p.seen, now) ? stale : '',
      p.name[language],
    ]),
  ])
  if (providers().some(p => isStale(p.seen, now))) print(`\n${footnote}`)
}

/** One provider for a person, and what a start under its name takes. */
function facts(provider: Provider, language: Language, now: number): string[][] {
  const { id, name, country, verdict, reason, seen, source, stricter, where } = provider
  const { rows, verdicts, again, ask, starts } = words[language]
  const held = provider.conditions.map(condition => [
    rows.condition,
    `${condition}: ${conditions[condition].title[language]}`,
  ])
  return [
    [rows.provider, `${name[language]} (${id}, ${country})`],
    [rows.verdict, verdicts[verdict]],
    [rows.because, reason[language]],
    ...held,
    ...(stricter ? [[rows.stricter, stricter[language]]] : []),
    [rows.seen, `${language === 'en' ? withAge(seen, now) : seen}${isStale(seen, now) ? again : ''}`],
    [rows.source, catalogue().sources[source]![language]],
    [rows.ask, ask(where, `skep providers letter ${id} --lang ${country === 'JP' ? 'ja' : 'en'}`)],
    [rows.start, starts(provider)],
  ]
}

const proves = (provider: Provider) => provider.conditions.some(id => id !== 'declare-research' && id !== 'ask-first')

/** What list and page of one provider say around the catalogue's own texts. */
const words = {
  en: {
    columns: ['ID', 'COUNTRY', 'VERDICT', 'CONDITIONS', 'AS OF', '', 'NAME'],
    verdicts: { allowed: 'allowed', conditional: 'conditional', forbidden: 'forbidden', unclear: 'unclear' },
    stale: 'stale',
    footnote:
      'Stale: older than a year. Terms change: ask again (skep providers letter ID) before you rely on it.\nAll of one: skep providers show ID',
    rows: {
      provider: 'provider',
      verdict: 'verdict',
      because: 'because',
      condition: 'condition',
      stricter: 'stricter',
      seen: 'as of',
      source: 'source',
      ask: 'ask',
      start: 'start',
    },
    again: ': STALE, ask again',
    ask: (where: string, letter: string) => `${where}, with what \`${letter}\` prints`,
    starts(provider: Provider): string {
      const { id, verdict, conditions } = provider
      if (verdict === 'forbidden')
        return `with --provider ${id} skep does not start, unless provider.permission in skep.yaml states its written permission`
      const takes = [
        ...(conditions.includes('ask-first') ? ['its written permission, in provider.permission'] : []),
        ...(conditions.includes('declare-research') ? ['the day of your declaration, in provider.declared'] : []),
        ...(proves(provider) ? ["root and nftables, so that the firewall's lock can be proved"] : []),
      ]
      return takes.length === 0
        ? `sudo skep up --provider ${id}`
        : `sudo skep up --provider ${id}; it takes ${takes.join(', and ')}`
    },
  },
  ja: {
    columns: ['ID', '国', '判定', '条件', '回答日', '', '名称'],
    verdicts: { allowed: '可', conditional: '条件付き', forbidden: '不可', unclear: '不明' },
    stale: '要再確認',
    footnote:
      '要再確認: 1 年以上前の回答です。規約は変わるため、改めて問い合わせてください(skep providers letter ID --lang ja)。\n詳細: skep providers show ID --lang ja',
    rows: {
      provider: '事業者',
      verdict: '判定',
      because: '理由',
      condition: '条件',
      stricter: 'より厳しい回答',
      seen: '回答日',
      source: '出典',
      ask: '問い合わせ先',
      start: '起動',
    },
    again: '(1 年以上前の回答です。改めて問い合わせてください)',
    ask: (where: string, letter: string) => `${where} (送る文面は \`${letter}\` で作れます)`,
    starts(provider: Provider): string {
      const { id, verdict, conditions } = provider
      if (verdict === 'forbidden')
        return `--provider ${id} では起動しません。書面による許可を得た場合は、skep.yaml の provider.permission に記入してください`
      const takes = [
        ...(conditions.includes('ask-first') ? ['書面による許可(provider.permission)'] : []),
        ...(conditions.includes('declare-research') ? ['申告した日付(provider.declared)'] : []),
        ...(proves(provider) ? ['外向き通信の遮断を確認するための root 権限と nftables'] : []),
      ]
      return takes.length === 0
        ? `sudo skep up --provider ${id}`
        : `sudo skep up --provider ${id} (必要なもの: ${takes.join('、')})`
    },
  },
} as const
