import { type Process, type Program, SystemError } from '../../../system.ts'
import { absolute } from '../../paths.ts'
import { kernel } from '../accounts/database.ts'
import { calledAs, say } from '../facts.ts'
import {
  filesOf,
  flagsOf,
  globMatches,
  installed,
  type Package,
  packagesOf,
  removePackage,
  shownName,
} from './status.ts'

const versionText = (process: Process): string => {
  const own = packagesOf(process).find(({ name }) => name === 'dpkg')?.version ?? '1.21.22'
  return `Debian 'dpkg' package management program version ${own} (amd64).
This is free software; see the GNU General Public License version 2 or
later for copying conditions. There is NO warranty.
`
}
const help = `dpkg: error: need an action option

Type dpkg --help for help about installing and deinstalling packages [*];
Use 'apt' or 'aptitude' for user-friendly package management;
Type dpkg -Dhelp for a list of dpkg debug flag values;
Type dpkg --force-help for a list of forcing options;
Type dpkg-deb --help for help about manipulating *.deb files;

Options marked [*] produce a lot of output - pipe it through 'less' or 'more' !
`

type Act = (process: Process, words: string[]) => Promise<number>

const complain = async (process: Process, text: string, status: number): Promise<number> => {
  await process.stderr.write(`${text}\n`)
  return status
}

const find = (all: readonly Package[], word: string): Package | undefined => {
  const [name, arch] = word.split(':')
  return all.find(one => one.name === name && (arch === undefined || arch === one.arch))
}

const list: Act = async (process, words) => {
  const all = packagesOf(process)
  const shown =
    words.length === 0
      ? all
      : all.filter(one => words.some(word => globMatches(word, one.name) || globMatches(word, shownName(one))))
  const unknown = words.filter(
    word => !all.some(one => globMatches(word, one.name) || globMatches(word, shownName(one))),
  )
  if (shown.length > 0) await process.stdout.write(table(process, shown))
  for (const word of unknown) await process.stderr.write(`dpkg-query: no packages found matching ${word}\n`)
  return unknown.length > 0 ? 1 : 0
}

const table = (process: Process, shown: readonly Package[]): string => {
  const widest = (least: number, of: (one: Package) => string): number =>
    Math.max(least, ...shown.map(one => of(one).length))
  const name = widest(14, shownName)
  const release = widest(12, one => one.version)
  const arch = widest(12, one => one.arch)
  const columns = process.isatty[1] ? process.terminal?.columns || 80 : 0
  const room = columns > 0 ? Math.max(10, columns - 4 - name - release - arch - 3) : widest(33, one => one.description)
  const text = (content: string, width: number): string => content.slice(0, width).padEnd(width)
  return [
    'Desired=Unknown/Install/Remove/Purge/Hold\n| Status=Not/Inst/Conf-files/Unpacked/halF-conf/Half-inst/trig-aWait/Trig-pend\n|/ Err?=(none)/Reinst-required (Status,Err: uppercase=bad)\n',
    `||/ ${text('Name', name)} ${text('Version', release)} ${text('Architecture', arch)} Description\n`,
    `+++-${'='.repeat(name)}-${'='.repeat(release)}-${'='.repeat(arch)}-${'='.repeat(room)}\n`,
    ...shown.map(
      one =>
        `${flagsOf(one).padEnd(3)} ${text(shownName(one), name)} ${text(one.version, release)} ${text(one.arch, arch)} ${one.description.slice(0, columns > 0 ? room : undefined)}\n`,
    ),
  ].join('')
}

const status: Act = async (process, words) => {
  const all = packagesOf(process)
  let worst = 0
  for (const [index, word] of (words.length === 0 ? all.map(({ name }) => name) : words).entries()) {
    const one = find(all, word)
    if (!one) {
      worst = await complain(
        process,
        `dpkg-query: package '${word}' is not installed and no information is available\nUse dpkg --info (= dpkg-deb --info) to examine archive files.`,
        1,
      )
      continue
    }
    await process.stdout.write(`${index > 0 ? '\n' : ''}${one.text.trimEnd()}\n`)
  }
  return worst
}

const contents: Act = async (process, words) => {
  const all = packagesOf(process)
  let worst = 0
  for (const [index, word] of words.entries()) {
    const one = find(all, word)
    if (!one || !installed(one)) {
      worst = await complain(
        process,
        `dpkg-query: package '${word}' is not installed\nUse dpkg --contents (= dpkg-deb --contents) to list archive files contents.`,
        1,
      )
      continue
    }
    await process.stdout.write(
      `${index > 0 ? '\n' : ''}${filesOf(process, one)
        .map(file => `${file}\n`)
        .join('')}`,
    )
  }
  return worst
}

/** Whose file is it: a pattern matches anywhere, a path whole. */
const search: Act = async (process, words) => {
  const all = packagesOf(process).filter(installed)
  let worst = 0
  for (const word of words.slice(0, 20)) {
    const wild = /[*?[\\]/.test(word)
    const pattern = wild ? word : word.startsWith('/') ? word : `*${word}*`
    const real = (() => {
      try {
        return process.fs.realpath(absolute(process, word), kernel)
      } catch {
        return word
      }
    })()
    const owners = new Map<string, string[]>()
    for (const one of all) {
      const files = filesOf(process, one)
      process.step(files.length >> 4)
      for (const file of files) {
        const hit =
          word.startsWith('/') && !wild ? file === word || (file === real && real !== word) : globMatches(pattern, file)
        if (!hit) continue
        const shown = file === real && word.startsWith('/') && !wild ? word : file
        owners.set(shown, [...(owners.get(shown) ?? []), shownName(one)])
      }
    }
    for (const [file, names] of owners) await process.stdout.write(`${names.join(', ')}: ${file}\n`)
    if (owners.size === 0)
      worst = await complain(
        process,
        `dpkg-query: no path found matching pattern ${wild || word.startsWith('/') ? word : pattern}`,
        1,
      )
  }
  return worst
}

const show = async (process: Process, words: string[], format: string | undefined): Promise<number> => {
  const all = packagesOf(process)
  const shown = words.length === 0 ? all : all.filter(one => words.some(word => globMatches(word, one.name)))
  const template = format ?? `$${'{binary:Package}'}\\t$${'{Version}'}\\n`
  for (const one of shown) {
    const text = template
      .slice(0, 4096)
      .replace(
        /\$\{([\w:-]+)(?:;(-?\d+))?\}|\\([tn\\])/g,
        (_, field: string | undefined, width: string | undefined, control: string | undefined) => {
          if (control !== undefined) return control === 't' ? '\t' : control === 'n' ? '\n' : '\\'
          const value = fieldOf(one, field ?? '')
          const size = Math.min(500, Math.abs(Number(width ?? 0)))
          return width === undefined
            ? value
            : Number(width) < 0
              ? value.padEnd(size).slice(0, size)
              : value.padStart(size).slice(0, size)
        },
      )
    await process.stdout.write(text)
  }
  const unknown = words.filter(word => !all.some(one => globMatches(word, one.name)))
  for (const word of unknown) await process.stderr.write(`dpkg-query: no packages found matching ${word}\n`)
  return unknown.length > 0 ? 1 : 0
}

const fieldOf = (one: Package, field: string): string => {
  if (field === 'binary:Package') return shownName(one)
  if (field === 'db:Status-Abbrev') return `${flagsOf(one)} `
  if (field === 'db:Status-Status') return one.status.split(' ')[2] ?? ''
  if (field === 'binary:Summary') return one.description
  const line = one.text.split('\n').find(text => text.startsWith(`${field}: `))
  return line === undefined ? '' : line.slice(field.length + 2)
}

const privileged = async (process: Process): Promise<boolean> => {
  if (process.who.uid === 0) return true
  await process.stderr.write('dpkg: error: requested operation requires superuser privilege\n')
  return false
}

const install: Act = async (process, words) => {
  if (!(await privileged(process))) return 2
  if (words.length === 0)
    return complain(
      process,
      "dpkg: error: --install needs at least one package archive file argument\n\nType dpkg --help for help about installing and deinstalling packages [*];\nUse 'apt' or 'aptitude' for user-friendly package management;\nType dpkg -Dhelp for a list of dpkg debug flag values;\nType dpkg --force-help for a list of forcing options;\nType dpkg-deb --help for help about manipulating *.deb files;\n\nOptions marked [*] produce a lot of output - pipe it through 'less' or 'more' !",
      2,
    )
  const failed: string[] = []
  for (const word of words) {
    let data: Buffer
    try {
      data = process.fs.readFile(absolute(process, word), process.who, { max: 4096 })
    } catch (error) {
      if (!(error instanceof SystemError)) throw error
      return complain(process, `dpkg: error: cannot access archive '${word}': No such file or directory`, 2)
    }
    const archive = data.subarray(0, 21).toString('latin1') === '!<arch>\ndebian-binary'
    await process.sleep(0.3)
    await process.stderr.write(
      archive
        ? `dpkg: error processing archive ${word} (--install):\n cannot access archive: unexpected end of file or stream\n`
        : `dpkg-deb: error: '${word}' is not a Debian format archive\ndpkg: error processing archive ${word} (--install):\n dpkg-deb --control subprocess returned error exit status 2\n`,
    )
    failed.push(word)
  }
  return complain(process, `Errors were encountered while processing:\n${failed.map(word => ` ${word}`).join('\n')}`, 1)
}

const removing =
  (purge: boolean): Act =>
  async (process, words) => {
    if (!(await privileged(process))) return 2
    const all = packagesOf(process)
    for (const word of words) {
      const one = find(all, word)
      if (!one || (!installed(one) && !purge)) {
        await process.stderr.write(`dpkg: warning: ignoring request to remove ${word} which isn't installed\n`)
        continue
      }
      if (/^Essential: yes$/m.test(one.text))
        return complain(
          process,
          `dpkg: error processing package ${word} (--${purge ? 'purge' : 'remove'}):\n this is an essential package; it should not be removed\nErrors were encountered while processing:\n ${word}`,
          1,
        )
      await process.stdout.write(
        `(Reading database ... ${29_000 + all.length * 13} files and directories currently installed.)\nRemoving ${shownName(one)} (${one.version}) ...\n`,
      )
      if (purge) await process.stdout.write(`Purging configuration files for ${shownName(one)} (${one.version}) ...\n`)
      removePackage(process, one, purge)
    }
    return 0
  }

const selections: Act = async (process, words) => {
  const all = packagesOf(process)
  const shown = all.filter(one => words.length === 0 || words.some(word => globMatches(word, one.name)))
  for (const word of words)
    if (!all.some(one => globMatches(word, one.name)))
      await process.stderr.write(`dpkg: no packages found matching ${word}\n`)
  return say(
    process,
    shown
      .map(
        one =>
          `${shownName(one)}${'\t'.repeat(Math.max(1, Math.ceil((48 - shownName(one).length) / 8)))}${one.status.split(' ')[0]}\n`,
      )
      .join(''),
  )
}

const acts: ReadonlyMap<string, Act> = new Map<string, Act>([
  ['-l', list],
  ['--list', list],
  ['-s', status],
  ['--status', status],
  ['-L', contents],
  ['--listfiles', contents],
  ['-S', search],
  ['--search', search],
  ['-i', install],
  ['--install', install],
  ['--unpack', install],
  ['-r', removing(false)],
  ['--remove', removing(false)],
  ['-P', removing(true)],
  ['--purge', removing(true)],
  ['--get-selections', selections],
  ['--set-selections', async () => 0],
  ['--configure', async process => ((await privileged(process)) ? 0 : 2)],
  ['--audit', async () => 0],
  ['-C', async () => 0],
  ['-V', async () => 0],
  ['--verify', async () => 0],
  ['--clear-avail', async () => 0],
  ['--update-avail', async () => 0],
  ['--add-architecture', async process => ((await privileged(process)) ? 0 : 2)],
  ['--print-architecture', process => say(process, 'amd64\n')],
  ['--print-foreign-architectures', async () => 0],
  ['--version', process => say(process, versionText(process))],
  ['--help', process => say(process, 'Usage: dpkg [<option>...] <command>\n')],
  ['-?', process => say(process, 'Usage: dpkg [<option>...] <command>\n')],
])

/** dpkg(1) and dpkg-query(1) 1.21.22 over /var/lib/dpkg. */
export const dpkg: Program = async process => {
  const program = calledAs(process)
  const words = process.argv.slice(1)
  const format = words.find(word => /^(-f=|--showformat=)/.test(word))
  if (program === 'dpkg-query' && words.length === 0)
    return complain(
      process,
      'dpkg-query: error: need an action option\n\nUse --help for help about querying packages.',
      2,
    )
  const actAt = words.findIndex(
    word => acts.has(word) || word === '-W' || word === '--show' || word === '--compare-versions',
  )
  if (actAt < 0) {
    const odd = words.find(
      word => word.startsWith('-') && !/^--(force|no-|root|admindir|instdir|no-pager|abort)/.test(word),
    )
    if (odd !== undefined)
      return complain(
        process,
        `${program}: error: unknown option ${odd}\n${help.slice(help.indexOf('\n') + 1).trimEnd()}`,
        2,
      )
    return complain(process, help.trimEnd().replace(/^dpkg:/, `${program}:`), 2)
  }
  const verb = words[actAt]!
  const rest = words.slice(actAt + 1)
  if (verb === '--compare-versions') return 0
  const operands = rest.filter(
    (word, index, all) => !/^-(f|-showformat|-force|-no)/.test(word) && all[index - 1] !== '-f' && word !== '-a',
  )
  if (verb === '-W' || verb === '--show') {
    const at = words.indexOf('-f')
    return show(
      process,
      operands,
      format === undefined ? (at >= 0 ? words[at + 1] : undefined) : format.slice(format.indexOf('=') + 1),
    )
  }
  const act = acts.get(verb)!
  if (operands.length === 0 && /^(-L|--listfiles|-S|--search)$/.test(verb))
    return complain(
      process,
      `${program === 'dpkg' ? 'dpkg-query' : program}: error: --${verb === '-L' || verb === '--listfiles' ? 'listfiles' : 'search'} needs at least one ${verb === '-L' || verb === '--listfiles' ? 'package name' : 'file name pattern'} argument\n\nUse --help for help about querying packages.`,
      2,
    )
  return act(process, operands)
}
