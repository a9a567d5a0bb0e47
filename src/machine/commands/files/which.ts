import type { Process, Program } from '../../system.ts'
import { getopt } from '../getopt.ts'
import { absolute, attempt, statOf } from '../paths.ts'

/** which(1) of debianutils 5.7, a script of dash. */
export const which: Program = async process => {
  const parsed = getopt(process.argv, [{ short: 'a' }], { posix: true })
  if (typeof parsed === 'string') {
    const letter = /'(.)'$/.exec(parsed)?.[1] ?? '-'
    await process.stderr.write(`Illegal option -${letter}\n`)
    await process.stdout.write('Usage: /usr/bin/which [-a] args\n')
    return 2
  }
  let status = parsed.operands.length === 0 ? 1 : 0
  for (const name of parsed.operands) {
    const found = commandPaths(process, name).slice(0, parsed.has('a') ? undefined : 1)
    if (found.length === 0) status = 1
    for (const path of found) await process.stdout.write(`${path}\n`)
  }
  return status
}

/** Where a command of this name lies along PATH: what may be run, in order. */
export const commandPaths = (process: Process, name: string): string[] => {
  const runs = (path: string): boolean => {
    if (statOf(process, path)?.type !== 'file') return false
    const may = attempt(() => process.fs.access(absolute(process, path), 1, process.who))
    return 'value' in may && may.value
  }
  if (name === '') return []
  if (name.includes('/')) return runs(name) ? [name] : []
  return (process.env.get('PATH') ?? '')
    .split(':', 64)
    .map(folder => `${folder === '' ? '.' : folder}/${name}`)
    .filter(runs)
}
