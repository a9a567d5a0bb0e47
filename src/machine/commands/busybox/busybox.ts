import { errorText } from '../../errors.ts'
import { type Process, type Program, SystemError } from '../../system.ts'
import { packageVersion } from '../package-version.ts'
import { absolute } from '../paths.ts'
import { type Applet, applets } from './applets.ts'
import { runApplet } from './dispatch.ts'

/** `BusyBox v1.35.0 (Debian 1:1.35.0-4+b3) multi-call binary.` without its last words. */
export const bannerOf = (process: Process): string => process.host.make.busybox?.banner ?? packaged(process)
/** Whether it is this release of 1.x or a later one. */
export const isSince = (process: Process, minor: number): boolean =>
  Number(/^BusyBox v1\.(\d+)/.exec(bannerOf(process))?.[1]) >= minor
const packaged = (process: Process): string => {
  const ubuntu = process.host.persona.os.id === 'ubuntu'
  const version = packageVersion(process, ubuntu ? 'busybox-static' : 'busybox', '1:1.35.0-4+b3')
  const upstream = version.replace(/^\d+:/, '').replace(/-.*$/, '')
  return `BusyBox v${upstream} (${ubuntu ? 'Ubuntu' : 'Debian'} ${version})`
}

/** What was compiled in. */
const appletsOf = (process: Process): ReadonlyMap<string, Applet> => process.host.make.busybox?.applets ?? applets

/** `Usage: NAME …` as an applet shows it after a mistake. */
export const usageText = (process: Process, name: string): string => {
  const usage = appletsOf(process).get(name)?.usage ?? ''
  const call = usage === '' ? 'No help available\n' : `Usage: ${name}${usage === '-' ? '' : ` ${usage}`}\n`
  return `${bannerOf(process)} multi-call binary.\n\n${call}`
}

/** The names in lines, broken where libbb's appletlib.c breaks them on a terminal of 80 columns. */
const listed = (process: Process): string => {
  let text = ''
  let column = 0
  for (const name of appletsOf(process).keys()) {
    const length = name.length + 2
    if (column >= 79 - length) {
      text += ',\n'
      column = 0
    }
    text += (column === 0 ? '\t' : ', ') + name
    column += length + (column === 0 ? 6 : 0)
  }
  return text
}

const about = (process: Process): string => `${bannerOf(process)} multi-call binary.
BusyBox is copyrighted by many authors between 1998-2015.
Licensed under GPLv2. See source distribution for detailed
copyright notices.

Usage: busybox [function [arguments]...]
   or: busybox --list[-full]
   or: busybox --show SCRIPT
   or: busybox --install [-s] [DIR]
   or: function [arguments]...

	BusyBox is a multi-call binary that combines many common Unix
	utilities into a single executable.  Most people will create a
	link to busybox for each function they wish to use and BusyBox
	will act like whatever it was invoked as.

Currently defined functions:
${listed(process)}
`

/** busybox(1) 1.35.0: by its own name the first argument is the applet, by any other name that is. */
export const busybox: Program = async process => {
  const called = (process.argv[0] ?? '').replace(/^.*\//s, '').replace(/^-/, '')
  if (!called.startsWith('busybox')) return applet(process, called, process.argv)
  const [, first, ...rest] = process.argv
  if (first === undefined || first === '--help') {
    if (first !== undefined && rest[0] !== undefined) return applet(process, rest[0], [rest[0], '--help'])
    await process.stdout.write(about(process))
    return 0
  }
  if (first === '--list' || first === '--list-full') {
    const paths = [...appletsOf(process)].map(([name, { folder }]) =>
      first === '--list' ? name : folder === '' ? name : `${folder}/${name}`,
    )
    await process.stdout.write(`${paths.join('\n')}\n`)
    return 0
  }
  if (first === '--show') {
    await process.stderr.write(
      rest[0] === undefined ? `busybox: unknown option '--show'\n` : `busybox: script '${rest[0]}' not found\n`,
    )
    return 1
  }
  if (first === '--install') return install(process, rest)
  return applet(process, first, [first, ...rest])
}

const applet = async (process: Process, word: string, argv: string[]): Promise<number> => {
  const name = word.replace(/^.*\//s, '')
  if (!appletsOf(process).has(name)) {
    await process.stderr.write(`${name}: applet not found\n`)
    return 127
  }
  if (argv[1] === '--help' && argv.length === 2 && !/^(echo|test|true|false|\[|\[\[)$/.test(name)) {
    await process.stderr.write(usageText(process, name))
    return name === 'sh' || name === 'ash' ? 2 : 0
  }
  return runApplet(process, name, argv)
}

/** Links to all applets, in their own folders or in one. */
const install = async (process: Process, words: readonly string[]): Promise<number> => {
  const symbolic = words[0] === '-s'
  const folder = words[symbolic ? 1 : 0]
  for (const [name, { folder: own }] of appletsOf(process)) {
    process.step()
    const path =
      folder === undefined ? `/${own === '' ? '' : `${own}/`}${name}` : `${absolute(process, folder)}/${name}`
    try {
      if (symbolic) process.fs.symlink('/usr/bin/busybox', path, process.who)
      else process.fs.link('/usr/bin/busybox', path, process.who)
    } catch (error) {
      if (error instanceof SystemError && error.errno === 'EEXIST' && symbolic) continue
      await process.stderr.write(`busybox: ${folder === undefined ? path : `${folder}/${name}`}: ${errorText(error)}\n`)
    }
  }
  return 0
}
