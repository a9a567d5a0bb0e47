import fs from 'node:fs'
import path from 'node:path'
import * as v from 'valibot'
import { type Document, LineCounter, parseDocument } from 'yaml'
import { ConfigError, explain, innerOf, keysAt, lineOf, type Mistake, type Path, pathOf } from './mistakes.ts'
import { asSent, type Note, type Plan, planServices } from './plans.ts'
import { type Settings, settingsSchema } from './schema.ts'

export { ConfigError, type Mistake } from './mistakes.ts'
export type { Plan } from './plans.ts'

export type Config = { settings: Settings; plans: Plan[] }

/** Flags of the command line that stand above the file. */
export type Flags = {
  edition?: string
  provider?: string
  listen?: string
  portOffset?: string
  dashboard?: string
}
/** Where each flag's value goes. */
const flagPaths = new Map<keyof Flags, { flag: string; path: Path }>([
  ['edition', { flag: '--edition', path: ['edition'] }],
  ['provider', { flag: '--provider', path: ['provider', 'id'] }],
  ['listen', { flag: '--listen', path: ['listen', 'address'] }],
  ['portOffset', { flag: '--port-offset', path: ['listen', 'portOffset'] }],
  ['dashboard', { flag: '--dashboard', path: ['dashboard', 'address'] }],
])

/** Bytes of a configuration file; a person writes a few thousand. */
const FILE_CAP = 256 << 10

/** Reads skep.yaml (absent: all defaults) under the flags; throws `ConfigError` with every mistake at once. */
export async function loadConfig(file: string | undefined, flags: Flags = {}): Promise<Config> {
  if (file === undefined) return parseConfig('', flags, 'defaults')
  let source: string
  try {
    const { size } = fs.statSync(file)
    if (size > FILE_CAP) throw new Error(`${size} bytes are more than a configuration has`)
    source = fs.readFileSync(file, 'utf8')
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException
    const why = code === 'ENOENT' ? 'there is no such file (without one, everything has its default)' : message
    throw new ConfigError(file, [{ path: '', message: `Cannot read it: ${why}` }])
  }
  return parseConfig(source, flags, file)
}

/** The same from text; files that it names are relative to the directory of `name`. */
export async function parseConfig(source: string, flags: Flags = {}, name = 'skep.yaml'): Promise<Config> {
  const lines = new LineCounter()
  const { document, raw } = parseYaml(source, lines, name)
  const mistakes: Mistake[] = []
  const note: Note = (path, message) => {
    const flag = flagOf(path, flags)
    const line = flag === undefined ? lineOf(document.contents, path, lines) : undefined
    mistakes.push({
      path: path.join('.'),
      message,
      ...(line === undefined ? {} : { line }),
      ...(flag === undefined ? {} : { flag }),
    })
  }

  const said = withFlags(withoutLists(settingsSchema, raw, [], note), flags)
  const parsed = v.safeParse(settingsSchema, said)
  for (const issue of parsed.issues ?? [])
    note(pathOf(issue), explain(issue, keysAt(settingsSchema, pathOf(issue).slice(0, -1))))
  const plans = await planServices(said, note)
  const settings = parsed.success ? findFiles(asSent(parsed.output), path.dirname(name), note) : undefined
  if (mistakes.length || !settings) throw new ConfigError(name, mistakes)
  return { settings, plans }
}

/** Throws `ConfigError` for what is no YAML, and for what was made to overwhelm its reader. */
function parseYaml(source: string, lines: LineCounter, name: string): { document: Document; raw: unknown } {
  let document: Document
  try {
    document = parseDocument(source, { lineCounter: lines, uniqueKeys: true, logLevel: 'error', stringKeys: true })
    const problems = [...document.errors, ...document.warnings]
    if (problems.length)
      throw new ConfigError(
        name,
        problems.map(({ message, linePos }) => ({
          path: '',
          line: linePos?.[0].line ?? 1,
          message: message.split('\n')[0]!.replace(/ at line \d+, column \d+:?$/, ''),
        })),
      )
    return { document, raw: withoutNothing(document.toJS({ maxAliasCount: 100 })) }
  } catch (error) {
    if (error instanceof ConfigError) throw error
    const message = error instanceof RangeError ? 'Nested too deeply' : (error as Error).message
    throw new ConfigError(name, [{ path: '', message }])
  }
}

/** A key without a value says nothing: its section stays as it is by default, and the key still has to be a right one. */
function withoutNothing(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withoutNothing)
  if (typeof value !== 'object' || value === null) return value ?? undefined
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, withoutNothing(inner)]))
}

/** A list where keys with values belong is noted and left out: to a schema it would pass for an object. */
function withoutLists(schema: v.GenericSchema, value: unknown, path: Path, note: Note): unknown {
  const inner = innerOf(schema)
  if (!inner || typeof value !== 'object' || value === null) return value
  if (Array.isArray(value)) return void note(path, 'Expected keys with values, found a list')
  return Object.fromEntries(
    Object.entries(value).map(([key, below]) => {
      const known = inner(key)
      return [key, known ? withoutLists(known, below, [...path, key], note) : below]
    }),
  )
}

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

function withFlags(raw: unknown = {}, flags: Flags): unknown {
  if (!isObject(raw)) return raw
  const said = { ...raw }
  for (const [name, { path }] of flagPaths) {
    const given = flags[name]
    if (given === undefined) continue
    const value = name === 'portOffset' && /^\d+$/.test(given) ? Number(given) : given
    const [section, key] = path as [string, string?]
    if (key === undefined) said[section] = value
    // What is no section is a mistake of its own, and must not be hidden by a flag.
    else if (said[section] === undefined || isObject(said[section])) said[section] = { ...said[section], [key]: value }
  }
  return said
}

function flagOf(path: Path, flags: Flags): string | undefined {
  for (const [name, { flag, path: at }] of flagPaths)
    if (flags[name] !== undefined && at.join('.') === path.join('.')) return flag
  return undefined
}

/**
 * Settings with the files they name made absolute and free of symbolic links: the processes that read them run in another
 * directory, and may read these names only.
 */
function findFiles(settings: Settings, base: string, note: Note): Settings {
  const find = (section: string, key: string, file: string | undefined) => {
    if (file === undefined) return {}
    try {
      const real = fs.realpathSync(path.resolve(base, file))
      fs.accessSync(real, fs.constants.R_OK)
      if (!fs.statSync(real).isFile()) throw new Error('It is no file')
      return { [key]: real }
    } catch (error) {
      note([section, key], `Cannot read it: ${(error as Error).message}`)
      return {}
    }
  }
  const { dashboard, geography } = settings
  return {
    ...settings,
    dashboard: {
      ...dashboard,
      ...find('dashboard', 'certificate', dashboard.certificate),
      ...find('dashboard', 'key', dashboard.key),
    },
    geography: {
      ...find('geography', 'city', geography.city),
      ...find('geography', 'asn', geography.asn),
    },
  }
}
