import { compileRegex } from '../../../regex/regex.ts'
import { kernel } from '../../../rights.ts'
import { type Process, type Program, SystemError } from '../../../system.ts'
import { getopt } from '../../getopt.ts'
import { versioned } from '../../package-version.ts'
import { say, textOf } from '../facts.ts'

const root = '/proc/sys'

/** sysctl(8) of procps-ng 4.0.2 over /proc/sys. */
export const sysctl: Program = async process => {
  const parsed = getopt(process.argv, [
    { short: 'a', long: 'all' },
    { short: 'A' },
    { short: 'X' },
    { long: 'deprecated' },
    { long: 'dry-run' },
    { short: 'b', long: 'binary' },
    { short: 'e', long: 'ignore' },
    { short: 'N', long: 'names' },
    { short: 'n', long: 'values' },
    { short: 'p', long: 'load', argument: 'optional' },
    { short: 'f' },
    { long: 'system' },
    { short: 'r', long: 'pattern', argument: 'required' },
    { short: 'q', long: 'quiet' },
    { short: 'w', long: 'write' },
    { short: 'o' },
    { short: 'x' },
    { short: 'h', long: 'help' },
    { short: 'd' },
    { short: 'V', long: 'version' },
  ])
  const usage = '\nUsage:\n sysctl [options] [variable[=value] ...]\n'
  if (typeof parsed === 'string') {
    await process.stderr.write(`${parsed}\n${usage}`)
    return 1
  }
  const { has, value, operands } = parsed
  if (has('version')) return say(process, versioned(process, 'sysctl from procps-ng @procps@\n'))
  if (has('help') || has('d')) return say(process, usage)
  const show: Show = {
    name: !has('values') && !has('binary'),
    value: !has('names'),
    quiet: has('quiet'),
    ignore: has('ignore'),
    end: has('binary') ? '' : '\n',
  }
  if (has('all') || has('A') || has('X')) {
    const pattern = value('pattern')
    const regex = pattern === undefined ? undefined : compileRegex(pattern, 'extended')
    if (regex && 'problem' in regex) return 1
    for (const path of walk(process, '', 0)) {
      const name = path.replaceAll('/', '.')
      if (regex && !regex.test(name, cost => process.step(cost))) continue
      await read(process, name, show)
    }
    return 0
  }
  if (has('load') || has('system') || has('f')) {
    const files = has('system')
      ? ['/etc/sysctl.d/99-sysctl.conf', '/etc/sysctl.conf']
      : [value('load') ?? operands[0] ?? '/etc/sysctl.conf']
    let status = 0
    for (const file of files) {
      if (has('system')) await process.stdout.write(`* Applying ${file} ...\n`)
      const text = textOf(process, file)
      if (text === undefined) {
        if (has('system')) continue
        await process.stderr.write(`sysctl: cannot open "${file}": No such file or directory\n`)
        return 1
      }
      for (const raw of text.split('\n', 2000)) {
        const line = raw.trim()
        if (line === '' || /^[#;]/.test(line)) continue
        status = (await write(process, line, show)) || status
      }
    }
    return status
  }
  if (operands.length === 0) {
    await process.stderr.write(usage)
    return 1
  }
  let status = 0
  for (const word of operands.slice(0, 500))
    status =
      (await (word.includes('=') || has('write') ? write(process, word, show) : read(process, word, show))) || status
  return status
}

type Show = { name: boolean; value: boolean; quiet: boolean; ignore: boolean; end: string }

const pathOf = (name: string): string => {
  // Whichever separator comes first is the one that counts.
  const [dot, slash] = [name.indexOf('.'), name.indexOf('/')]
  const path = slash >= 0 && (dot < 0 || slash < dot) ? name : name.replace(/[./]/g, char => (char === '.' ? '/' : '.'))
  return `${root}/${path}`
}

const dotted = (name: string): string =>
  pathOf(name)
    .slice(root.length + 1)
    .replaceAll('/', '.')

const line = (name: string, value: string, show: Show): string =>
  show.name ? (show.value ? `${dotted(name)} = ${value}${show.end}` : `${dotted(name)}\n`) : `${value}${show.end}`

const read = async (process: Process, name: string, show: Show): Promise<number> => {
  const path = pathOf(name)
  process.step()
  try {
    if (process.fs.stat(path, process.who).type === 'directory') {
      for (const below of walk(process, path.slice(root.length + 1), 0))
        await read(process, below.replaceAll('/', '.'), show)
      return 0
    }
    const text = process.fs.readFile(path, process.who).toString('latin1')
    for (const value of text.replace(/\n$/, '').split('\n')) await process.stdout.write(line(name, value, show))
    return 0
  } catch (error) {
    if (!(error instanceof SystemError)) throw error
    if (show.ignore && error.errno === 'ENOENT') return 0
    await process.stderr.write(
      error.errno === 'ENOENT'
        ? `sysctl: cannot stat ${path}: No such file or directory\n`
        : error.errno === 'EACCES' && process.fs.stat(path, kernel).mode & 0o200
          ? `sysctl: permission denied on key '${dotted(name)}'\n`
          : `sysctl: permission denied on key '${dotted(name)}'\n`,
    )
    return 1
  }
}

const write = async (process: Process, text: string, show: Show): Promise<number> => {
  const equals = text.indexOf('=')
  if (equals < 0) {
    await process.stderr.write(`sysctl: command line(0): invalid syntax, continuing...\n`)
    return 1
  }
  const ignore = show.ignore || text.startsWith('-')
  const name = text.slice(0, equals).trim().replace(/^-/, '')
  const value = text.slice(equals + 1).trim()
  const path = pathOf(name)
  process.step()
  if (name === '' || value === '') {
    await process.stderr.write(`sysctl: malformed setting "${text}"\n`)
    return 1
  }
  try {
    const { mode } = process.fs.stat(path, process.who)
    if ((mode & 0o222) === 0) {
      await process.stderr.write(`sysctl: setting key "${dotted(name)}", ignoring: Read-only file system\n`)
      return 1
    }
    process.fs.writeFile(path, Buffer.from(`${value}\n`, 'latin1'), process.who)
    if (!show.quiet) await process.stdout.write(line(name, value, show))
    return 0
  } catch (error) {
    if (!(error instanceof SystemError)) throw error
    if (ignore && error.errno === 'ENOENT') return 0
    await process.stderr.write(
      error.errno === 'ENOENT'
        ? `sysctl: cannot stat ${path}: No such file or directory\n`
        : `sysctl: permission denied on key "${dotted(name)}"${ignore ? ', ignoring' : ''}\n`,
    )
    return 1
  }
}

const walk = (process: Process, path: string, depth: number): string[] => {
  if (depth > 8) return []
  process.step()
  const names = process.fs.readdir(`${root}/${path}`, process.who).toSorted()
  return names.flatMap(name => {
    const below = path === '' ? name : `${path}/${name}`
    return process.fs.stat(`${root}/${below}`, process.who).type === 'directory'
      ? walk(process, below, depth + 1)
      : [below]
  })
}
