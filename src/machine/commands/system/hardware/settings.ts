import { saysOf } from '../../../release.ts'
import type { Process, Program } from '../../../system.ts'
import { getopt, type Option } from '../../getopt.ts'
import { glibcVersion, versioned } from '../../package-version.ts'
import { absolute } from '../../paths.ts'
import { kernel } from '../accounts/database.ts'
import { calledAs, fieldsOf, may, say, textOf } from '../facts.ts'

/** getconf(1) of the GNU C library 2.36: what is asked for most. */
export const getconf: Program = async process => {
  const words = process.argv.slice(1).filter((word, index, all) => word !== '-v' && all[index - 1] !== '-v')
  const { cpu, memory } = process.host.persona
  const values: ReadonlyMap<string, string> = new Map([
    ['ARG_MAX', '2097152'],
    ['CHILD_MAX', `${Math.floor(memory / 262_144)}`],
    ['HOST_NAME_MAX', '64'],
    ['LOGIN_NAME_MAX', '256'],
    ['LONG_BIT', '64'],
    ['WORD_BIT', '32'],
    ['CHAR_BIT', '8'],
    ['INT_MAX', '2147483647'],
    ['OPEN_MAX', '1024'],
    ['PAGESIZE', '4096'],
    ['PAGE_SIZE', '4096'],
    ['PATH', '/bin:/usr/bin'],
    ['CS_PATH', '/bin:/usr/bin'],
    ['CLK_TCK', '100'],
    ['IOV_MAX', '1024'],
    ['NGROUPS_MAX', '65536'],
    ['NPROCESSORS_CONF', `${cpu.cores}`],
    ['_NPROCESSORS_CONF', `${cpu.cores}`],
    ['NPROCESSORS_ONLN', `${cpu.cores}`],
    ['_NPROCESSORS_ONLN', `${cpu.cores}`],
    ['_PHYS_PAGES', `${Math.floor(memory / 4096)}`],
    [
      '_AVPHYS_PAGES',
      `${Math.floor((Number.parseInt(fieldsOf(textOf(process, '/proc/meminfo') ?? '').get('MemFree') ?? '0', 10) * 1024) / 4096)}`,
    ],
    ['GNU_LIBC_VERSION', 'glibc 2.36'],
    ['GNU_LIBPTHREAD_VERSION', 'NPTL 2.36'],
    ['LEVEL1_DCACHE_LINESIZE', '64'],
    ['_POSIX_VERSION', '200809'],
  ])
  const paths: ReadonlyMap<string, string> = new Map([
    ['NAME_MAX', '255'],
    ['PATH_MAX', '4096'],
    ['LINK_MAX', '65000'],
    ['PIPE_BUF', '4096'],
  ])
  if (words[0] === '--version') return say(process, `getconf ${glibcVersion(process)}\n`)
  if (words[0] === '-a')
    return say(process, [...values].map(([name, value]) => `${name.padEnd(34)} ${value}\n`).join(''))
  const [name, path] = words
  if (name === undefined) {
    await process.stderr.write(
      'Usage: getconf [-v specification] variable_name [pathname]\n       getconf -a [pathname]\n',
    )
    return 2
  }
  const value = path === undefined ? values.get(name) : paths.get(name)
  if (value !== undefined) return say(process, `${value}\n`)
  await process.stderr.write(
    paths.has(name)
      ? 'Usage: getconf [-v specification] variable_name [pathname]\n       getconf -a [pathname]\n'
      : `getconf: Unrecognized variable \`${name}'\n`,
  )
  return 2
}

const categories =
  'CTYPE NUMERIC TIME COLLATE MONETARY MESSAGES PAPER NAME ADDRESS TELEPHONE MEASUREMENT IDENTIFICATION'.split(' ')

/** locale(1) of the GNU C library 2.36. */
export const locale: Program = async process => {
  const words = process.argv.slice(1)
  if (words.includes('-a')) return say(process, 'C\nC.utf8\nen_US.utf8\nPOSIX\n')
  if (words.includes('-m')) return say(process, 'ANSI_X3.110-1983\nANSI_X3.4-1968\nISO-8859-1\nISO-8859-15\nUTF-8\n')
  const value = (name: string): string => process.env.get(name) ?? ''
  if (words[0] === 'charmap')
    return say(
      process,
      `${/UTF-?8/i.test(value('LC_ALL') || value('LC_CTYPE') || value('LANG')) ? 'UTF-8' : 'ANSI_X3.4-1968'}\n`,
    )
  const all = value('LC_ALL')
  const lang = value('LANG')
  const rows = categories.map(name => {
    const own = value(`LC_${name}`)
    return all === '' && own !== '' ? `LC_${name}=${own}\n` : `LC_${name}="${all || own || lang || 'POSIX'}"\n`
  })
  return say(process, `LANG=${lang}\nLANGUAGE=${value('LANGUAGE')}\n${rows.join('')}LC_ALL=${all}\n`)
}

/** lsb_release(1): of Debian 12's lsb-release, and of the older one in Python, which asks for modules that are not there. */
export const lsbRelease: Program = async process => {
  const parsed = getopt(process.argv, [
    { short: 'h', long: 'help' },
    { short: 'v', long: 'version' },
    { short: 'i', long: 'id' },
    { short: 'd', long: 'description' },
    { short: 'r', long: 'release' },
    { short: 'c', long: 'codename' },
    { short: 'a', long: 'all' },
    { short: 's', long: 'short' },
  ])
  if (typeof parsed === 'string') {
    await process.stderr.write(`${parsed}\nUsage: lsb_release [options]\n`)
    return 2
  }
  const { has } = parsed
  if (has('help')) return say(process, 'Usage: lsb_release [options]\n')
  const release = new Map(
    (textOf(process, '/etc/os-release') ?? '').split('\n').flatMap(line => {
      const [, name = '', value = ''] = /^(\w+)="?([^"]*)"?$/.exec(line) ?? []
      return name === '' ? [] : [[name, value] as const]
    }),
  )
  const rows: [string, string, string][] = [
    ['id', 'Distributor ID:', (release.get('NAME') ?? '').split(' ')[0] ?? ''],
    ['description', 'Description:', release.get('PRETTY_NAME') ?? ''],
    ['release', 'Release:', release.get('VERSION_ID') ?? ''],
    ['codename', 'Codename:', release.get('VERSION_CODENAME') ?? ''],
  ]
  const shown = rows.filter(([name]) => has('all') || has(name))
  const asked = has('all') || has('version') || parsed.given.length === 0
  if (asked && saysOf(process.host.persona).lsbModules) await process.stderr.write('No LSB modules are available.\n')
  if (shown.length === 0) return 0
  if (has('short')) return say(process, shown.map(([, , value]) => `${value}\n`).join(''))
  return say(process, shown.map(([, title, value]) => `${title}\t${value}\n`).join(''))
}

/** ldd(1) of the GNU C library 2.36, for programs of the image. */
export const ldd: Program = async process => {
  const words = process.argv.slice(1).filter(word => !word.startsWith('-'))
  if (process.argv.includes('--version')) return say(process, `ldd ${glibcVersion(process)}\n`)
  if (words.length === 0) {
    await process.stderr.write("ldd: missing file arguments\nTry `ldd --help' for more information.\n")
    return 1
  }
  let status = 0
  for (const word of words.slice(0, 50)) {
    if (words.length > 1) await process.stdout.write(`${word}:\n`)
    const path = word.includes('/') ? word : `./${word}`
    if (!may(process, path, 0)) {
      await process.stderr.write(`ldd: ${path}: No such file or directory\n`)
      status = 1
      continue
    }
    const head = process.fs.readFile(absolute(process, path), kernel, { max: 20 })
    if (head.subarray(0, 4).toString('latin1') !== '\x7fELF') {
      await process.stderr.write('\tnot a dynamic executable\n')
      status = 1
      continue
    }
    const base = process.host.persona.derive(`ldd ${word}`, 3).toString('hex')
    await process.stdout.write(
      `\tlinux-vdso.so.1 (0x00007ffc${base}000)\n\tlibc.so.6 => /lib/x86_64-linux-gnu/libc.so.6 (0x00007f1${base}0000)\n\t/lib64/ld-linux-x86-64.so.2 (0x00007f2${base}0000)\n`,
    )
  }
  return status
}

/** ldconfig(8). */
export const ldconfig: Program = async process => {
  if (process.argv.includes('-p'))
    return say(
      process,
      "3 libs found in cache `/etc/ld.so.cache'\n\tlibz.so.1 (libc6,x86-64) => /lib/x86_64-linux-gnu/libz.so.1\n\tlibc.so.6 (libc6,x86-64) => /lib/x86_64-linux-gnu/libc.so.6\n\tld-linux-x86-64.so.2 (libc6,x86-64) => /lib/x86_64-linux-gnu/ld-linux-x86-64.so.2\n",
    )
  if (process.who.uid === 0) return 0
  await process.stderr.write("/sbin/ldconfig: Can't create temporary cache file /etc/ld.so.cache~: Permission denied\n")
  return 1
}

const vmstatOptions: Option[] = [
  { short: 'a', long: 'active' },
  { short: 'f', long: 'forks' },
  { short: 'm', long: 'slabs' },
  { short: 'n', long: 'one-header' },
  { short: 's', long: 'stats' },
  { short: 'd', long: 'disk' },
  { short: 'D', long: 'disk-sum' },
  { short: 'p', long: 'partition', argument: 'required' },
  { short: 'S', long: 'unit', argument: 'required' },
  { short: 'w', long: 'wide' },
  { short: 't', long: 'timestamp' },
  { short: 'y', long: 'no-first' },
  { short: 'h', long: 'help' },
  { short: 'V', long: 'version' },
]

/** vmstat(8) of procps-ng 4.0.2. */
export const vmstat: Program = async process => {
  const parsed = getopt(process.argv, vmstatOptions)
  const usage = '\nUsage:\n vmstat [options] [delay [count]]\n'
  if (typeof parsed === 'string') {
    await process.stderr.write(`${parsed}\n${usage}`)
    return 1
  }
  if (parsed.has('version')) return say(process, versioned(process, 'vmstat from procps-ng @procps@\n'))
  if (parsed.has('help')) return say(process, usage)
  const [delay, count] = parsed.operands
  for (const word of [delay, count])
    if (word !== undefined && !/^\d+$/.test(word)) {
      await process.stderr.write(`vmstat: failed to parse argument: '${word}'\n`)
      return 1
    }
  const turns = count === undefined ? (delay === undefined ? 1 : Number.POSITIVE_INFINITY) : Number(count)
  await process.stdout.write(
    'procs -----------memory---------- ---swap-- -----io---- -system-- ------cpu-----\n r  b   swpd   free   buff  cache   si   so    bi    bo   in   cs us sy id wa st\n',
  )
  for (let turn = 0; turn < turns; turn++) {
    if (turn > 0) await process.sleep(Math.max(1, Number(delay)))
    await process.stdout.write(vmstatRow(process, turn))
  }
  return 0
}

const vmstatRow = (process: Process, turn: number): string => {
  const fields = fieldsOf(textOf(process, '/proc/meminfo') ?? '')
  const kib = (name: string): number => Number.parseInt(fields.get(name) ?? '0', 10)
  const [r, swpd] = [turn === 0 ? 1 : 0, kib('SwapTotal') - kib('SwapFree')]
  const figures: [number, number][] = [
    [r, 2],
    [0, 2],
    [swpd, 6],
    [kib('MemFree'), 6],
    [kib('Buffers'), 6],
    [kib('Cached') + kib('SReclaimable'), 6],
    [0, 4],
    [0, 4],
    [turn === 0 ? 3 : 0, 5],
    [turn === 0 ? 11 : (process.now() >> 10) % 17, 5],
    [58 + ((process.now() >> 8) % 40), 4],
    [96 + ((process.now() >> 9) % 60), 4],
    [0, 2],
    [0, 2],
    [turn === 0 ? 99 : 100, 2],
    [0, 2],
    [0, 2],
  ]
  return `${figures.map(([value, width]) => `${value}`.padStart(width)).join(' ')}\n`
}

/** update-alternatives(1) of dpkg 1.21.22: what the links say. */
export const updateAlternatives: Program = async process => {
  const words = process.argv.slice(1)
  const verb = words.find(word =>
    /^--(list|display|query|config|get-selections|set|auto|install|remove|all)$/.test(word),
  )
  const name = verb === undefined ? undefined : words[words.indexOf(verb) + 1]
  const folder = '/etc/alternatives'
  if (verb === undefined) {
    await process.stderr.write(
      "update-alternatives: need --display, --query, --list, --get-selections, --config, --set, --set-selections, --install, --remove, --all, --remove-all or --auto\n\nUse 'update-alternatives --help' for program usage information.\n",
    )
    return 2
  }
  const names = process.fs.readdir(folder, kernel)
  if (verb === '--get-selections')
    return say(
      process,
      names.map(one => `${one.padEnd(30)} auto     ${process.fs.readlink(`${folder}/${one}`, kernel)}\n`).join(''),
    )
  if (verb === '--install') return 0
  if (name === undefined || !names.includes(name)) {
    await process.stderr.write(`update-alternatives: error: no alternatives for ${name ?? ''}\n`)
    return 2
  }
  const target = process.fs.readlink(`${folder}/${name}`, kernel)
  const link = name.startsWith('iptables') || name.startsWith('ip6tables') ? `/usr/sbin/${name}` : `/usr/bin/${name}`
  const choices = name === 'editor' ? ['/bin/nano', '/usr/bin/vim.tiny'] : [target]
  if (verb === '--list') return say(process, choices.map(one => `${one}\n`).join(''))
  if (verb === '--display')
    return say(
      process,
      `${name} - auto mode\n  link best version is ${target}\n  link currently points to ${target}\n  link ${name} is ${link}\n${choices.map(one => `${one} - priority ${one.includes('nano') ? 40 : 15}\n`).join('')}`,
    )
  if (verb === '--config')
    return say(
      process,
      `There is only one alternative in link group ${name} (providing ${link}): ${target}\nNothing to configure.\n`,
    )
  return 0
}

/** mcookie(1) of util-linux 2.38. */
export const mcookie: Program = async process => say(process, `${process.random(16).toString('hex')}\n`)

/** Its own name, for what Debian links to one program. */
export const cloudInit: Program = async process => {
  const [, verb = ''] = process.argv
  if (calledAs(process) === 'cloud-id') return say(process, 'nocloud\n')
  if (verb === 'status') return say(process, 'status: done\n')
  if (verb === '--version' || verb === '-v')
    return say(process, versioned(process, '/usr/bin/cloud-init @cloud-init@\n'))
  if (
    verb === 'query' ||
    verb === 'schema' ||
    verb === 'clean' ||
    verb === 'init' ||
    verb === 'modules' ||
    verb === 'analyze'
  )
    return 0
  await process.stderr.write('usage: /usr/bin/cloud-init [-h] [--version] [--file FILES] [--debug] [--force]\n')
  return 2
}
