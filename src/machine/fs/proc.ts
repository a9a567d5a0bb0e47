import { linksTo, shows } from './files-provider.ts'
import { inOrder, type Live, type Mount, type Provider } from './mount.ts'
import { type ProcSources, type ProcTable, type ProcView, procTable, tableOf } from './proc-files.ts'
import { netFiles } from './proc-net.ts'
import { processFile, processNames } from './proc-process.ts'
import type { ProcessEntry } from './process-table.ts'
import { sessionsOf } from './sessions.ts'

export type { ProcSources } from './proc-files.ts'

/** Files of /proc that are not as on a server, and `undefined` for those that are not there; those of each process besides. */
export type OwnProc = (sources: ProcSources) => {
  files: ReadonlyMap<string, Live | undefined>
  ofProcess: ReadonlyMap<string, ((entry: ProcessEntry) => string) | undefined>
}

/** /proc as Debian's kernel shows it, but for what `own` knows better; the numbers move with the clock. */
export const procProvider = (sources: ProcSources, own?: OwnProc): Provider => {
  const view: ProcView = { ...sources, settings: undefined }
  const { persona, processes, mounts } = sources
  let table: ProcTable | undefined
  const device = own?.(sources)
  const names = processNames.filter(name => !device?.ofProcess.has(name) || device.ofProcess.get(name))
  return {
    missing: 'ENOENT',
    lookup(path) {
      if (path === 'self') return linksTo(`${processes.self()}`)
      if (path === 'thread-self' && !device) return linksTo(`${processes.self()}/task/${processes.self()}`)
      const [, digits, rest = ''] = /^([1-9][0-9]{0,6})(?:\/(.*))?$/.exec(path) ?? []
      if (digits === undefined) {
        table ??= device ? withOwn(procTable(persona), device.files) : procTable(persona)
        return inTable(table, path, view, device ? ['self'] : ['self', 'thread-self'])
      }
      const entry = processes.list().find(({ pid }) => pid === Number(digits))
      if (!entry) return undefined
      if (rest === 'mounts') return shows(() => mountLines(mounts))
      if (rest === 'net') return { type: 'directory', mode: 0o555, list: () => [...netFiles.keys()] }
      if (rest.startsWith('net/')) {
        const file = netFiles.get(rest.slice(4))
        return file && shows(() => file(view))
      }
      if (rest === '') {
        const { uid, startedAt } = entry
        return {
          type: 'directory',
          mode: 0o555,
          uid,
          gid: uid,
          time: startedAt,
          nlink: 9,
          list: () => [...names],
        }
      }
      const file = rest.startsWith(`task/${digits}/`) ? rest.slice(`task/${digits}/`.length) : rest
      if (device?.ofProcess.has(file)) {
        const make = device.ofProcess.get(file)
        return make && { ...shows(() => make(entry)), uid: entry.uid, gid: entry.uid, time: entry.startedAt }
      }
      return processFile(entry, rest, {
        bootedAt: persona.bootedAt,
        memory: persona.memory,
        gone: sources.gone,
        sessions: () => sessionsOf(processes.list(), processes.self()),
      })
    },
  }
}

const withOwn = ({ files }: ProcTable, own: ReturnType<OwnProc>['files']): ProcTable => {
  const all = new Map(files)
  for (const [path, file] of own) {
    if (file) all.set(path, () => file)
    else all.delete(path)
  }
  return tableOf(all)
}

const inTable = (
  { files, directories }: ProcTable,
  path: string,
  view: ProcView,
  selves: readonly string[],
): Live | undefined => {
  const names = directories.get(path)
  if (!names) return files.get(path)?.(view)
  if (path !== '') return { type: 'directory', mode: 0o555, list: () => [...names] }
  const { processes } = view
  return {
    type: 'directory',
    mode: 0o555,
    nlink: processes.list().length + 9,
    list: () => [...processes.list().map(({ pid }) => `${pid}`), ...selves, ...names],
  }
}

const mountLines = (mounts: readonly Mount[]): string =>
  inOrder(mounts)
    .map(({ source, path, type, options }) => `${source} ${path} ${type} ${options} 0 0\n`)
    .join('')
