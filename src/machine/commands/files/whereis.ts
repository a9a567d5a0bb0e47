import { accountOf, groupOf } from '../../accounts.ts'
import { errorText } from '../../errors.ts'
import type { Process, Program } from '../../system.ts'
import { getopt } from '../getopt.ts'
import { absolute, attempt, statOf } from '../paths.ts'
import { modeString, typeLetter } from './modes.ts'
import { below, look } from './names.ts'

const binaries =
  '/usr/bin /usr/sbin /usr/lib /bin /sbin /etc /lib /lib64 /usr/local/bin /usr/local/sbin /usr/local/etc /usr/local/lib /usr/local/games /usr/include /usr/local /usr/libexec /usr/share'.split(
    ' ',
  )
const manuals = [1, 2, 3, 4, 5, 6, 7, 8].map(section => `/usr/share/man/man${section}`)

/** whereis(1) of util-linux 2.38.1. */
export const whereis: Program = async process => {
  const parsed = getopt(process.argv, [
    ...[...'bmsugl'].map(short => ({ short })),
    ...[...'BMSf'].map(short => ({ short, argument: 'optional' as const })),
  ])
  const [name = 'whereis'] = process.argv
  if (typeof parsed === 'string') {
    await process.stderr.write(`${parsed}\nTry '${name} --help' for more information.\n`)
    return 1
  }
  if (parsed.operands.length === 0) {
    await process.stderr.write(`${name}: not enough arguments\nTry '${name} --help' for more information.\n`)
    return 1
  }
  const all = !['b', 'm', 's'].some(letter => parsed.has(letter))
  for (const operand of parsed.operands) {
    const wanted = operand.slice(operand.lastIndexOf('/') + 1)
    const found: string[] = []
    if (all || parsed.has('b'))
      found.push(...lookIn(process, binaries, file => file === wanted || file.startsWith(`${wanted}.`)))
    if (all || parsed.has('m')) found.push(...lookIn(process, manuals, file => file.startsWith(`${wanted}.`)))
    await process.stdout.write(`${operand}:${found.map(path => ` ${path}`).join('')}\n`)
  }
  return 0
}

/** In folders once each, whatever links lead there. */
const lookIn = (process: Process, folders: readonly string[], fits: (file: string) => boolean): string[] => {
  const seen = new Set<string>()
  const found: string[] = []
  for (const folder of folders) {
    const stat = statOf(process, folder)
    if (stat?.type !== 'directory' || seen.has(`${stat.dev}:${stat.ino}`)) continue
    seen.add(`${stat.dev}:${stat.ino}`)
    const names = attempt(() => process.fs.readdir(folder, process.who))
    process.step(1 + ('value' in names ? names.value.length >> 3 : 0))
    for (const file of 'value' in names ? names.value.toSorted() : []) if (fits(file)) found.push(below(folder, file))
  }
  return found
}

const nameiLetters = [...'hVxmolnvZ'].map(short => ({ short }))
const longNames = ['modes', 'owners', 'long', 'nosymlinks', 'vertical', 'mountpoints'].map(long => ({ long }))

/** namei(1) of util-linux 2.38.1: the parts of a path, links followed. */
export const namei: Program = async process => {
  const parsed = getopt(process.argv, [...nameiLetters, ...longNames])
  const [name = 'namei'] = process.argv
  if (typeof parsed === 'string') {
    await process.stderr.write(`${parsed}\nTry '${name} --help' for more information.\n`)
    return 1
  }
  if (parsed.operands.length === 0) {
    await process.stderr.write(`${name}: pathname argument is missing\nTry '${name} --help' for more information.\n`)
    return 1
  }
  const has = (letter: string, long: string): boolean => parsed.has(letter) || parsed.has(long)
  const long = has('l', 'long')
  const [modes, owners, vertical] = [
    long || has('m', 'modes'),
    long || has('o', 'owners'),
    long || has('v', 'vertical'),
  ]
  let status = 0
  for (const operand of parsed.operands) {
    await process.stdout.write(`f: ${operand}\n`)
    if (!(await walk(operand, '', 0))) status = 1
  }
  return status

  async function walk(path: string, start: string, level: number): Promise<boolean> {
    if (level > 40) return false
    const parts = path.split('/').filter(Boolean)
    let at = path.startsWith('/') ? '/' : start || process.cwd
    if (path.startsWith('/')) await line(at, '/', level)
    for (const part of parts) {
      const next = below(at, part)
      if (!(await line(next, part, level))) return false
      const stat = statOf(process, next, false)
      if (stat?.type === 'symlink' && !has('n', 'nosymlinks')) {
        const target = process.fs.readlink(next, process.who)
        if (!(await walk(target, at, level + 1))) return false
        const real = attempt(() => process.fs.realpath(next, process.who))
        if ('value' in real) at = real.value
      } else at = next
    }
    return true
  }

  async function line(full: string, shown: string, level: number): Promise<boolean> {
    const indent = vertical ? '' : '  '.repeat(level)
    try {
      const stat = look(process, absolute(process, full))
      const letter = stat.type === 'file' ? '-' : typeLetter(stat.type)
      const user = (accountOf(process.fs, stat.uid)?.name ?? String(stat.uid)).padEnd(4)
      const group = (groupOf(process.fs, stat.gid)?.name ?? String(stat.gid)).padEnd(4)
      const target = stat.type === 'symlink' ? ` -> ${process.fs.readlink(full, process.who)}` : ''
      const lead = modes ? modeString(stat) : letter
      const deep = vertical ? '  '.repeat(level) : ''
      await process.stdout.write(
        `${indent}${vertical ? '' : ' '}${lead} ${owners ? `${user} ${group} ` : ''}${deep}${shown}${target}\n`,
      )
      return true
    } catch (error) {
      await process.stdout.write(
        `${indent}${vertical ? '' : ' '}${modes ? ' '.repeat(owners ? 20 : 10) : ' '} ${shown} - ${errorText(error)}\n`,
      )
      return false
    }
  }
}
