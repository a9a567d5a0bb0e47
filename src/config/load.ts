import fs from 'node:fs'
import * as v from 'valibot'
import { LineCounter, parseDocument } from 'yaml'
import { overridesSchema } from '#persona/overrides.ts'
import type { Endpoint } from '#sensor/service.ts'
import { services } from '#services/index.ts'
import { editions } from './editions.ts'
import { type Settings, settingsSchema } from './schema.ts'

/** One mistake in what the operator said. */
export type Mistake = { path: string; line?: number; message: string }
export class ConfigError extends Error {
  readonly mistakes: Mistake[]
  constructor(file: string, mistakes: Mistake[]) {
    super(
      mistakes.map(m => `${file}${m.line ? `:${m.line}` : ''}: ${m.path ? `${m.path}: ` : ''}${m.message}`).join('\n'),
    )
    this.mistakes = mistakes
  }
}

/** A service as it will run. */
export type Plan = { name: string; endpoints: Endpoint[]; options: unknown }
export type Config = { settings: Settings; plans: Plan[] }

/** Flags of the command line that stand above the file. */
export type Flags = {
  edition?: string
  listen?: string
  portOffset?: string
  dashboard?: string
}

/** Reads skep.yaml (absent: all defaults) under the flags; throws `ConfigError` with every mistake at once. */
export async function loadConfig(file: string | undefined, flags: Flags = {}): Promise<Config> {
  const name = file ?? 'command line'
  let source = ''
  try {
    if (file !== undefined) source = fs.readFileSync(file, 'utf8')
  } catch (error) {
    throw new ConfigError(name, [{ path: '', message: `Cannot read it: ${(error as Error).message}` }])
  }
  return parseConfig(source, flags, name)
}

export async function parseConfig(source: string, flags: Flags = {}, name = 'skep.yaml'): Promise<Config> {
  const lines = new LineCounter()
  const document = parseDocument(source, { lineCounter: lines, uniqueKeys: true })
  if (document.errors.length)
    throw new ConfigError(
      name,
      document.errors.map(e => ({ path: '', line: e.linePos?.[0].line ?? 1, message: e.message.split('\n')[0]! })),
    )
  const raw: unknown = document.toJS({ maxAliasCount: 100 }) ?? {}
  const lineOf = (path: (string | number)[]) => {
    for (let keys = path; keys.length; keys = keys.slice(0, -1)) {
      const node = document.getIn(keys, true) as { range?: [number, number, number] } | undefined
      if (node?.range) return lines.linePos(node.range[0]).line
    }
    return undefined
  }
  const mistakes: Mistake[] = []
  const note = (path: (string | number)[], message: string) => {
    const line = lineOf(path)
    mistakes.push({ path: path.join('.'), message, ...(line === undefined ? {} : { line }) })
  }

  const parsed = v.safeParse(settingsSchema, withFlags(raw, flags))
  for (const issue of parsed.issues ?? []) note(keysOf(issue), explain(issue))
  const plans = await planServices(raw, flags.edition, note)
  const persona = v.safeParse(overridesSchema, (raw as { persona?: unknown })?.persona ?? {})
  for (const issue of persona.issues ?? []) note(['persona', ...keysOf(issue)], explain(issue))
  if (mistakes.length || !parsed.success) throw new ConfigError(name, mistakes)
  const { certificate, key } = parsed.output.dashboard
  if ((certificate === undefined) !== (key === undefined))
    throw new ConfigError(name, [{ path: 'dashboard', message: 'certificate and key go together' }])
  return { settings: parsed.output, plans }
}

const keysOf = (issue: v.BaseIssue<unknown>) => (issue.path ?? []).map(item => item.key as string | number)

function explain(issue: v.BaseIssue<unknown>): string {
  if (issue.kind === 'schema' && issue.type === 'strict_object' && issue.expected === 'never') return 'No such key'
  const found = issue.received === 'undefined' ? '' : `, found ${issue.received}`
  return `${issue.message.replace(/ but received .*/, '')}${found}`
}

function withFlags(raw: unknown, flags: Flags): unknown {
  if (typeof raw !== 'object' || raw === null) return raw
  const file = raw as Record<string, Record<string, unknown> | undefined>
  const listen = {
    ...file.listen,
    ...(flags.listen === undefined ? {} : { address: flags.listen }),
    ...(flags.portOffset === undefined ? {} : { portOffset: Number(flags.portOffset) }),
  }
  return {
    ...file,
    ...(flags.edition === undefined ? {} : { edition: flags.edition }),
    ...(Object.keys(listen).length ? { listen } : {}),
    ...(flags.dashboard === undefined ? {} : { dashboard: { ...file.dashboard, address: flags.dashboard } }),
  }
}

type Note = (path: (string | number)[], message: string) => void

/** Which services run, where and how. A service's code is loaded only to check options that the operator gave it. */
async function planServices(raw: unknown, flag: string | undefined, note: Note): Promise<Plan[]> {
  const file = (raw ?? {}) as { edition?: string; services?: Record<string, Record<string, unknown> | null> }
  const edition = editions[(flag ?? file.edition ?? 'standard') as keyof typeof editions] ?? editions.standard
  const said = new Map(Object.entries(typeof file.services === 'object' ? (file.services ?? {}) : {}))
  for (const name of said.keys())
    if (!services.has(name)) note(['services', name], `No such service; there are ${[...services.keys()].join(', ')}`)
  const plans: Plan[] = []
  for (const [name, load] of services) {
    const { enabled, listen, ...given } = said.get(name) ?? {}
    const included = edition.services === 'all' || (edition.services as readonly string[]).includes(name)
    const runs = (enabled ?? included) === true
    if (!runs && Object.keys(given).length === 0) continue
    const service = (await load()).default
    const options = v.safeParse(service.options, given)
    for (const issue of options.issues ?? []) note(['services', name, ...keysOf(issue)], explain(issue))
    if (!runs || !options.success) continue
    const pools = service.listen.filter(e => e.pool)
    const endpoints = Array.isArray(listen) ? [...listen.flatMap(parseEndpoint), ...pools] : [...service.listen]
    plans.push({ name, endpoints, options: options.output })
  }
  return plans
}

function parseEndpoint(text: unknown): Endpoint[] {
  const [, port, kind = 'tcp'] = /^(\d{1,5})(?:\/(tcp|tls|udp))?$/.exec(String(text)) ?? []
  const number = Number(port)
  if (!(number >= 1 && number <= 65535)) return []
  return [{ transport: kind === 'udp' ? 'udp' : 'tcp', port: number, ...(kind === 'tls' ? { tls: true } : {}) }]
}
