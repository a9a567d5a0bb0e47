import type { Mount } from '../../fs/mount.ts'
import type { Process, Program } from '../../system.ts'
import { gnuProgram } from '../coreutils.ts'
import { getopt, type Option } from '../getopt.ts'
import { versioned } from '../package-version.ts'
import { absolute, complain, statOf } from '../paths.ts'
import { mountOf, mountsInOrder } from './mounted.ts'

/** What an attacker mounted and unmounted, as far as it is shown again. */
type Changes = {
  added: { source: string; path: string; type: string; options: string }[]
  removed: Set<string>
  options: Map<string, string>
}
const changesOf = ({ host }: Process): Changes =>
  host.state('mounts', () => ({ added: [], removed: new Set<string>(), options: new Map<string, string>() }))
const mostAdded = 50

export type Shown = { source: string; path: string; type: string; options: string }

/** What mount(8), findmnt(8) and lsblk(8) list. */
export const shownMounts = (process: Process): Shown[] => {
  const { added, removed, options } = changesOf(process)
  const own = mountsInOrder(process)
    .filter(({ path }) => !removed.has(path))
    .map(({ source, path, type, options: given }: Mount) => ({
      source,
      path,
      type,
      options: options.get(path) ?? given,
    }))
  return [...own, ...added]
}

const options: Option[] = [
  ...[...'acfFhiJlnrsvVwMBR'].map(short => ({ short })),
  ...'all bind rbind move fake fork read-only rw read-write verbose no-mtab no-canonicalize internal-only show-labels help version make-shared make-private make-slave make-rprivate make-rshared make-rslave sloppy ro'
    .split(' ')
    .map(long => ({ long })),
  { short: 't', long: 'types', argument: 'required' },
  { short: 'o', long: 'options', argument: 'required' },
  { short: 'O', long: 'test-opts', argument: 'required' },
  { short: 'L', long: 'label', argument: 'required' },
  { short: 'U', long: 'uuid', argument: 'required' },
  { short: 'T', long: 'fstab', argument: 'required' },
  { short: 'N', long: 'namespace', argument: 'required' },
  { long: 'source', argument: 'required' },
  { long: 'target', argument: 'required' },
  { long: 'options-mode', argument: 'required' },
]

const pseudo = new Set([
  'tmpfs',
  'proc',
  'sysfs',
  'devtmpfs',
  'devpts',
  'cgroup',
  'cgroup2',
  'debugfs',
  'mqueue',
  'hugetlbfs',
  'binfmt_misc',
])

/** mount(8) of util-linux 2.38.1. What is mounted is listed; nothing below it appears. */
export const mount: Program = async process => {
  const [name = 'mount'] = process.argv
  const parsed = getopt(process.argv, options)
  if (typeof parsed === 'string') {
    await process.stderr.write(`${parsed}\nTry '${name} --help' for more information.\n`)
    return 1
  }
  if (parsed.has('version') || parsed.has('V')) {
    await process.stdout.write(
      versioned(
        process,
        'mount from util-linux @util-linux@ (libmount @util-linux@: selinux, smack, btrfs, verity, namespaces, idmapping, assert, debug)\n',
      ),
    )
    return 0
  }
  if (parsed.has('help') || parsed.has('h')) {
    await process.stdout.write(
      '\nUsage:\n mount [-lhV]\n mount -a [options]\n mount [options] [--source] <source> | [--target] <directory>\n',
    )
    return 0
  }
  const words = (parsed.value('options') ?? '').split(',').filter(Boolean)
  const operands = [parsed.value('source'), parsed.value('target'), ...parsed.operands].filter(
    word => word !== undefined,
  )
  if (operands.length === 0 && !parsed.has('all') && !parsed.has('a')) {
    const type = parsed.value('types')
    for (const { source, path, type: own, options: given } of shownMounts(process)) {
      if (type === undefined || type.split(',').includes(own))
        await process.stdout.write(`${source} on ${path} type ${own} (${given})\n`)
    }
    return 0
  }
  if (parsed.has('all') || parsed.has('a')) return 0
  const target = operands.at(-1)!
  if (process.who.uid !== 0) {
    const what = operands.length === 1 ? `${target}: ` : `${target}: `
    await process.stderr.write(
      `${name}: ${what}must be superuser to use mount.\n       dmesg(1) may have more information after failed mount system call.\n`,
    )
    return 32
  }
  const changes = changesOf(process)
  const path = absolute(process, target).replace(/(?<=.)\/+$/, '')
  if (words.includes('remount')) {
    const found = shownMounts(process).find(one => one.path === path)
    if (!found) {
      await process.stderr.write(
        `${name}: ${target}: mount point not mounted or bad option.\n       dmesg(1) may have more information after failed mount system call.\n`,
      )
      return 32
    }
    if (changes.options.size < mostAdded) changes.options.set(path, remounted(found.options, words))
    return 0
  }
  if (operands.length === 1) {
    await process.stderr.write(`${name}: ${target}: can't find in /etc/fstab.\n`)
    return 1
  }
  return attach(
    process,
    name,
    operands[0]!,
    target,
    path,
    parsed.value('types'),
    words,
    ['bind', 'rbind', 'B', 'R'].some(one => parsed.has(one)) || words.includes('bind') || words.includes('rbind'),
  )
}

const remounted = (before: string, words: readonly string[]): string => {
  const opposite = new Map([
    ['ro', 'rw'],
    ['rw', 'ro'],
    ['exec', 'noexec'],
    ['noexec', 'exec'],
    ['suid', 'nosuid'],
    ['nosuid', 'suid'],
    ['dev', 'nodev'],
    ['nodev', 'dev'],
  ])
  let list = before.split(',')
  for (const word of words) {
    const other = opposite.get(word)
    if (word === 'remount' || list.includes(word)) continue
    if (other !== undefined)
      list = list
        .map(one => (one === other && (word === 'ro' || word === 'rw') ? word : one))
        .filter(one => one !== other)
    if (!['exec', 'suid', 'dev'].includes(word) && !list.includes(word)) list.push(word)
  }
  return list.join(',')
}

const attach = async (
  process: Process,
  name: string,
  source: string,
  target: string,
  path: string,
  type: string | undefined,
  words: readonly string[],
  binds: boolean,
): Promise<number> => {
  const changes = changesOf(process)
  const refuse = async (message: string): Promise<number> => {
    await process.stderr.write(
      `${name}: ${target}: ${message}\n       dmesg(1) may have more information after failed mount system call.\n`,
    )
    return 32
  }
  const there = statOf(process, target)
  if (!there) return refuse('mount point does not exist.')
  const from = statOf(process, source)
  if (there.type !== 'directory' && !(binds && from && from.type !== 'directory'))
    return refuse('mount point is not a directory.')
  if (!binds && (type === undefined || !pseudo.has(type))) {
    if (!from) return refuse(`special device ${source} does not exist.`)
    if (from.type !== 'block')
      return from.type === 'file'
        ? refuse(
            `wrong fs type, bad option, bad superblock on /dev/loop0, missing codepage or helper program, or other error.`,
          )
        : refuse(`${source} is not a block device.`)
    if (shownMounts(process).some(one => one.source === source)) return refuse(`${source} already mounted on ${path}.`)
    return refuse(
      `wrong fs type, bad option, bad superblock on ${source}, missing codepage or helper program, or other error.`,
    )
  }
  if (binds && !from) return refuse(`special device ${source} does not exist.`)
  const below = binds ? mountOf(process, absolute(process, source)) : undefined
  if (changes.added.length < mostAdded) {
    changes.added.push({
      source: below?.source ?? source,
      path,
      type: below?.type ?? type ?? 'none',
      options:
        below?.options ?? ['rw', 'relatime', ...words.filter(word => !['defaults', 'rw'].includes(word))].join(','),
    })
  }
  return 0
}

const umountOptions: Option[] = [
  ...[...'acdfhilnrRvqV'].map(short => ({ short })),
  ...'all force lazy recursive verbose quiet detach-loop read-only help version no-mtab'
    .split(' ')
    .map(long => ({ long })),
  { short: 't', long: 'types', argument: 'required' },
  { short: 'O', long: 'test-opts', argument: 'required' },
]

/** umount(8) of util-linux 2.38.1. */
export const umount: Program = async process => {
  const [name = 'umount'] = process.argv
  const parsed = getopt(process.argv, umountOptions)
  if (typeof parsed === 'string') {
    await process.stderr.write(`${parsed}\nTry '${name} --help' for more information.\n`)
    return 1
  }
  if (parsed.operands.length === 0 && !parsed.has('a') && !parsed.has('all')) {
    await process.stderr.write(`${name}: bad usage\nTry '${name} --help' for more information.\n`)
    return 1
  }
  const changes = changesOf(process)
  let status = 0
  for (const operand of parsed.operands) {
    const path = absolute(process, operand).replace(/(?<=.)\/+$/, '')
    const found = shownMounts(process).findLast(one => one.path === path || one.source === operand)
    const quiet = parsed.has('q') || parsed.has('quiet')
    let message: string | undefined
    if (!found) message = statOf(process, operand) ? 'not mounted.' : 'no mount point specified.'
    else if (process.who.uid !== 0) message = 'must be superuser to unmount.'
    else if (!changes.added.some(one => one.path === found.path) && !parsed.has('l') && !parsed.has('lazy'))
      message = 'target is busy.'
    if (message !== undefined) {
      if (!quiet) await complain(process, `${operand}: ${message}`)
      status = 32
      continue
    }
    const index = changes.added.findLastIndex(one => one.path === found!.path)
    if (index >= 0) changes.added.splice(index, 1)
    else changes.removed.add(found!.path)
    if (parsed.has('v') || parsed.has('verbose')) await process.stdout.write(`${name}: ${found!.path} unmounted\n`)
  }
  return status
}

/** mountpoint(1) of util-linux 2.38.1. */
export const mountpoint: Program = async process => {
  const parsed = getopt(process.argv, [
    { short: 'q', long: 'quiet' },
    { short: 'd', long: 'fs-devno' },
    { short: 'x', long: 'devno' },
    { long: 'nofollow' },
  ])
  const [name = 'mountpoint'] = process.argv
  if (typeof parsed === 'string' || parsed.operands.length !== 1) {
    await process.stderr.write(
      `${typeof parsed === 'string' ? parsed : `${name}: bad usage`}\nTry '${name} --help' for more information.\n`,
    )
    return 1
  }
  const [operand = ''] = parsed.operands
  const stat = statOf(process, operand)
  const quiet = parsed.has('quiet')
  if (!stat) {
    if (!quiet) await complain(process, `${operand}: No such file or directory`)
    return 1
  }
  if (parsed.has('fs-devno')) {
    await process.stdout.write(`${stat.dev >> 8}:${stat.dev & 0xff}\n`)
    return 0
  }
  const path = absolute(process, operand).replace(/(?<=.)\/+$/, '')
  const isMount = shownMounts(process).some(one => one.path === path)
  if (!quiet) await process.stdout.write(`${operand} is ${isMount ? '' : 'not '}a mountpoint\n`)
  return isMount ? 0 : 32
}

const findOptions: Option[] = [
  ...[...'AabcDdefiJkLlmnPpRrSsTtUuvwxyzhVJ'].filter(letter => !'FNOoSTtdM'.includes(letter)).map(short => ({ short })),
  ...'all ascii canonicalize df evaluate first-only json kernel list mtab noheadings nofsroot notruncate pairs raw real pseudo shell submounts target-prefix tree uniq verify fstab bytes'
    .split(' ')
    .map(long => ({ long })),
  { short: 'o', long: 'output', argument: 'required' },
  { short: 't', long: 'types', argument: 'required' },
  { short: 'S', long: 'source', argument: 'required' },
  { short: 'T', long: 'target', argument: 'required' },
  { short: 'M', long: 'mountpoint', argument: 'required' },
  { short: 'O', long: 'options', argument: 'required' },
]

/** findmnt(8) of util-linux 2.38.1: the tree of mounts as a table. */
export const findmnt: Program = gnuProgram(
  findOptions,
  async (process, parsed) => {
    const columns = (parsed.value('output') ?? 'TARGET,SOURCE,FSTYPE,OPTIONS').toUpperCase().split(',')
    const type = parsed.value('types')
    const wanted = [
      parsed.value('target'),
      parsed.value('mountpoint'),
      parsed.value('source'),
      ...parsed.operands,
    ].filter(word => word !== undefined)
    let rows = shownMounts(process).filter(one => type === undefined || type.split(',').includes(one.type))
    if (wanted.length > 0) {
      const target = parsed.value('target')
      const path = target === undefined ? undefined : mountOf(process, absolute(process, target)).path
      rows = rows.filter(
        one => one.path === path || wanted.includes(one.source) || wanted.includes(one.path.replace(/(?<=.)\/+$/, '')),
      )
    }
    if (rows.length === 0) return 1
    const flat =
      wanted.length > 0 ||
      type !== undefined ||
      parsed.has('list') ||
      parsed.has('l') ||
      parsed.has('raw') ||
      parsed.has('r')
    const lines = flat ? rows.map(one => ['', one] as const) : treeOf(rows)
    const cells = lines.map(([prefix, one]) =>
      columns.map(column => {
        if (column === 'TARGET') return prefix + one.path
        if (column === 'SOURCE') return one.source
        if (column === 'FSTYPE') return one.type
        return column === 'OPTIONS' ? one.options : ''
      }),
    )
    const table = parsed.has('noheadings') || parsed.has('n') ? cells : [columns, ...cells]
    const widths = columns.map((_, index) => Math.max(...table.map(line => shownWidth(line[index]!))))
    for (const line of table) {
      const text = line
        .map((cell, index) => (index === line.length - 1 ? cell : cell + ' '.repeat(widths[index]! - shownWidth(cell))))
        .join(' ')
      await process.stdout.write(`${text}\n`)
    }
    return 0
  },
  { usage: '[options]', version: 'from util-linux @util-linux@' },
)

const shownWidth = (text: string): number => text.replace(/\xe2[\x80-\xbf]{2}/g, '.').length

/** Mounts below the mounts they lie on, with the lines of a tree in UTF-8. */
const treeOf = (rows: readonly Shown[]): (readonly [string, Shown])[] => {
  const out: (readonly [string, Shown])[] = []
  const parentOf = (one: Shown): Shown | undefined =>
    rows
      .filter(
        other =>
          other !== one &&
          (other.path === '/' || one.path.startsWith(`${other.path}/`)) &&
          other.path.length < one.path.length,
      )
      .toSorted((a, b) => b.path.length - a.path.length)[0]
  const walk = (one: Shown, prefix: string, lead: string): void => {
    out.push([lead, one])
    const children = rows.filter(other => parentOf(other) === one)
    for (const [index, child] of children.entries()) {
      const last = index === children.length - 1
      walk(
        child,
        `${prefix}${last ? '  ' : '\xe2\x94\x82 '}`,
        `${prefix}${last ? '\xe2\x94\x94\xe2\x94\x80' : '\xe2\x94\x9c\xe2\x94\x80'}`,
      )
    }
  }
  for (const one of rows) if (!parentOf(one)) walk(one, '', '')
  return out
}
