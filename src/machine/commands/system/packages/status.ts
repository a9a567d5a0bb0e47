import { type Process, SystemError } from '../../../system.ts'
import { kernel } from '../accounts/database.ts'

/** A package of dpkg's status file. */
export type Package = {
  name: string
  version: string
  arch: string
  status: string
  description: string
  same: boolean
  size: number
  text: string
}

const path = '/var/lib/dpkg/status'
const most = 4000

/** All packages by name, as /var/lib/dpkg/status has them now. */
export const packagesOf = (process: Process): Package[] => {
  let text: string
  try {
    text = process.fs.readFile(path, kernel, { max: 4 << 20 }).toString('latin1')
  } catch (error) {
    if (error instanceof SystemError) return []
    throw error
  }
  const entries = text.split('\n\n', most).filter(entry => entry.includes('Package: '))
  process.step(entries.length)
  return entries.map(parse).toSorted((a, b) => (a.name < b.name ? -1 : Number(a.name > b.name)))
}

const parse = (text: string): Package => {
  const field = (name: string): string => {
    const at = text.startsWith(`${name}: `) ? 0 : text.indexOf(`\n${name}: `) + 1
    if (at === 0 && !text.startsWith(`${name}: `)) return ''
    const start = at + name.length + 2
    const end = text.indexOf('\n', start)
    return text.slice(start, end < 0 ? undefined : end)
  }
  return {
    name: field('Package'),
    version: field('Version'),
    arch: field('Architecture'),
    status: field('Status'),
    description: field('Description'),
    same: field('Multi-Arch') === 'same',
    size: Number(field('Installed-Size')) || 0,
    text: text.replace(/^\n+/, ''),
  }
}

/** As lists show it: with its architecture where there may be more than one. */
export const shownName = ({ name, arch, same }: Package): string => (same && arch !== 'all' ? `${name}:${arch}` : name)

export const installed = ({ status }: Package): boolean => status.endsWith(' installed')

/** `ii`, `rc`, `un`. */
export const flagsOf = ({ status }: Package): string => {
  const [want = '', , state = ''] = status.split(' ')
  const wants: ReadonlyMap<string, string> = new Map([
    ['install', 'i'],
    ['hold', 'h'],
    ['deinstall', 'r'],
    ['purge', 'p'],
  ])
  const states: ReadonlyMap<string, string> = new Map([
    ['installed', 'i'],
    ['config-files', 'c'],
    ['unpacked', 'U'],
    ['half-configured', 'F'],
    ['half-installed', 'H'],
  ])
  return `${wants.get(want) ?? 'u'}${states.get(state) ?? 'n'}`
}

/** Files of a package by its list, at most 20,000. */
export const filesOf = (process: Process, one: Package): string[] => {
  for (const name of [shownName(one), one.name, `${one.name}:${one.arch}`]) {
    try {
      const text = process.fs.readFile(`/var/lib/dpkg/info/${name}.list`, kernel, { max: 2 << 20 }).toString('latin1')
      return text.split('\n', 20_000).filter(line => line.startsWith('/'))
    } catch (error) {
      if (!(error instanceof SystemError)) throw error
    }
  }
  return []
}

/** Takes a package off: its programs go, and the status file says so. `purge` forgets it altogether. */
export const removePackage = (process: Process, one: Package, purge: boolean): void => {
  for (const file of filesOf(process, one).slice(0, 3000)) {
    process.step()
    if (!/^\/usr\/(s?bin|share|lib)\//.test(file)) continue
    try {
      if (process.fs.lstat(file, kernel).type !== 'directory') process.fs.unlink(file, kernel)
    } catch (error) {
      if (!(error instanceof SystemError)) throw error
    }
  }
  try {
    const text = process.fs.readFile(path, kernel, { max: 4 << 20 }).toString('latin1')
    const entries = text.split('\n\n').flatMap(entry => {
      if (!entry.includes(`Package: ${one.name}\n`)) return [entry]
      return purge ? [] : [entry.replace(/^Status: .*$/m, 'Status: deinstall ok config-files')]
    })
    process.fs.writeFile(path, Buffer.from(entries.join('\n\n'), 'latin1'), kernel, { mode: 0o644 })
  } catch (error) {
    if (!(error instanceof SystemError)) throw error
  }
}

/** fnmatch(3) with `*` and `?` alone, linear in both lengths. */
export const globMatches = (pattern: string, text: string): boolean => {
  let [p, t, star, mark] = [0, 0, -1, 0]
  while (t < text.length) {
    if (pattern[p] === '*') {
      star = p++
      mark = t
    } else if (pattern[p] === '?' || pattern[p] === text[t]) {
      p++
      t++
    } else if (star >= 0) {
      p = star + 1
      t = ++mark
    } else return false
  }
  while (pattern[p] === '*') p++
  return p === pattern.length
}
