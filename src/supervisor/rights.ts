import { spawnSync } from 'node:child_process'
import fs from 'node:fs'
import path from 'node:path'
import type { Settings } from '#config/schema.ts'

export const root = path.resolve(import.meta.dirname, '../..')

/** Node's own flags for each child: what it may see and touch, and nothing else of the machine. */
const common = [
  '--disable-warning=ExperimentalWarning',
  '--disable-warning=PERM0001',
  '--disallow-code-generation-from-strings',
  '--permission',
]
const reads = (...places: string[]) => places.map(place => `--allow-fs-read=${place}`)
const writes = (...places: string[]) => places.map(place => `--allow-fs-write=${place}`)

/** Compiled code, which each child adds to while it loads and must not touch later (keepCompiled). */
const cache = () => (process.env.NODE_COMPILE_CACHE ? [process.env.NODE_COMPILE_CACHE] : [])

/**
 * The exposed side's young generation, in MB: what V8 takes by default grows to 32 under load, costs no less CPU, and is
 * never given back.
 */
export const sensorHeap = ['--max-semi-space-size=4']

/** The exposed side: its code, and the directories where it leaves what it records. */
export function sensorFlags(data: string): string[] {
  const own = ['journal', 'artifacts', 'recordings', 'machines'].map(name => path.join(data, name))
  const code = ['src', 'data', 'node_modules', 'package.json'].map(name => path.join(root, name))
  return [...common, ...sensorHeap, '--allow-net', ...reads(...code, ...own, ...cache()), ...writes(...own, ...cache())]
}

/** The process that takes packets apart: its code, and two directories for what it finds. Nothing of the network. */
export function captureFlags(data: string): string[] {
  const own = ['journal', 'artifacts'].map(name => path.join(data, name))
  const code = ['src', 'node_modules', 'package.json'].map(name => path.join(root, name))
  // What it holds at most is some 100 MB; under a flood the collector would let twice as much lie.
  return [
    ...common,
    '--max-semi-space-size=4',
    '--max-old-space-size=192',
    ...reads(...code, ...own, ...cache()),
    ...writes(...own, ...cache()),
  ]
}

/** The trusted side: all data to read, its own to write, and the one native part that is the database. */
export function hiveFlags(data: string, { dashboard, geography }: Settings): string[] {
  const given = [dashboard.certificate, dashboard.key, geography.city, geography.asn].filter(file => file !== undefined)
  const own = ['store', 'state/hive', 'state/geo'].map(name => path.join(data, name))
  // Held descriptors (hold): what the user may not, the system still refuses.
  own.push('/proc/self/fd/')
  const read = [root, data, '/proc/self/fd/', ...given.map(file => fs.realpathSync(file))]
  // A small young generation: batches of events are garbage soon, and the machine is small.
  return [
    ...common,
    '--max-semi-space-size=2',
    '--allow-net',
    '--allow-addons',
    ...reads(...read, ...cache()),
    ...writes(...own, ...cache()),
  ]
}

/** What a process needs of our environment to run at all, and to say times and errors in the operator's words. */
const needed = ['PATH', 'LANG', 'LC_ALL', 'TZ', 'LD_LIBRARY_PATH', 'NODE_COMPILE_CACHE', 'NODE_V8_COVERAGE']
export const plainEnvironment = (): NodeJS.ProcessEnv =>
  Object.fromEntries(needed.filter(name => name in process.env).map(name => [name, process.env[name]]))

let prefix: string[] | undefined
/**
 * What a command begins with so that no program started from it, set-user-ID or with capabilities of its own, has more
 * rights than it (setpriv(1); prctl(2), PR_SET_NO_NEW_PRIVS): sudo, ping or a mailer would go out as another user than the
 * one whom the lock holds. Nothing where there is no setpriv.
 */
export function unprivileging(): string[] {
  const [setpriv, ...flags] = ['setpriv', '--no-new-privs']
  prefix ??= spawnSync(setpriv!, [...flags, process.execPath, '-v']).status === 0 ? [setpriv!, ...flags] : []
  return prefix
}
