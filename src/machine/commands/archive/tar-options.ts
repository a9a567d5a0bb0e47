import type { Process } from '../../system.ts'
import { parseDate } from '../dates.ts'
import { getopt, type Option } from '../getopt.ts'

/** What to do with an archive. */
export type Action =
  | 'create'
  | 'list'
  | 'extract'
  | 'append'
  | 'update'
  | 'diff'
  | 'delete'
  | 'concatenate'
  | 'test-label'

/** A name on the command line, and the folder that -C had set by then. */
export type Named = { name: string; folder: string }

export type TarSettings = {
  action: Action
  archive: string
  /** Named by -f, not the default. */
  named: boolean
  compression: 'gzip' | 'bzip2' | 'xz' | 'auto' | string | undefined
  verbose: number
  names: Named[]
  /** The folder of extraction. */
  folder: string
  exclude: string[]
  /** Given behind all names of what to pack: they have no effect, which is told. */
  late: string[]
  strip: number
  toOutput: boolean
  keepOld: boolean | 'skip'
  absoluteNames: boolean
  dereference: boolean
  recursive: boolean
  touch: boolean
  permissions: boolean | undefined
  sameOwner: boolean | undefined
  numeric: boolean
  fullTime: boolean
  wildcards: boolean
  removeFiles: boolean
  oneFileSystem: boolean
  owner: string | undefined
  group: string | undefined
  mode: string | undefined
  mtime: number | undefined
  transform: string | undefined
  filesFrom: string | undefined
  null: boolean
  overwrite: boolean
  unlinkFirst: boolean
}

const flag = (short: string | undefined, long: string): Option => ({ ...(short ? { short } : {}), long })
const taking = (short: string | undefined, long: string): Option => ({ ...flag(short, long), argument: 'required' })

const options: Option[] = [
  flag('A', 'catenate'),
  flag(undefined, 'concatenate'),
  flag('c', 'create'),
  flag('d', 'diff'),
  flag(undefined, 'compare'),
  flag(undefined, 'delete'),
  flag('r', 'append'),
  flag('t', 'list'),
  flag(undefined, 'test-label'),
  flag('u', 'update'),
  flag('x', 'extract'),
  flag(undefined, 'get'),
  ...'j=bzip2 z=gzip J=xz Z=compress a=auto-compress h=dereference k=keep-old-files m=touch O=to-stdout p=preserve-permissions P=absolute-names s=preserve-order S=sparse U=unlink-first v=verbose w=interactive W=verify B=read-full-records G=incremental i=ignore-zeros l=check-links M=multi-volume n=seek o=no-same-owner R=block-number'
    .split(' ')
    .map(pair => flag(pair[0]!, pair.slice(2))),
  ...'gunzip ungzip uncompress same-permissions same-owner no-same-permissions numeric-owner full-time wildcards no-wildcards skip-old-files overwrite overwrite-dir keep-newer-files keep-directory-symlink no-overwrite-dir recursive-unlink remove-files one-file-system no-recursion recursion no-auto-compress null no-null verbatim-files-from no-verbatim-files-from anchored no-anchored ignore-case no-ignore-case wildcards-match-slash no-wildcards-match-slash totals utc show-defaults show-transformed-names show-stored-names exclude-vcs exclude-caches exclude-backups ignore-failed-read ignore-command-error hard-dereference sparse-version xattrs no-xattrs acls no-acls selinux no-selinux clamp-mtime force-local delay-directory-restore no-delay-directory-restore lzma lzip lzop zstd unquote no-unquote checkpoint help usage version quote-chars restrict no-check-device check-device old-archive portability posix'
    .split(' ')
    .map(long => flag(undefined, long)),
  taking('C', 'directory'),
  taking('f', 'file'),
  taking('T', 'files-from'),
  taking('X', 'exclude-from'),
  taking('I', 'use-compress-program'),
  taking('H', 'format'),
  taking('b', 'blocking-factor'),
  taking('g', 'listed-incremental'),
  taking('K', 'starting-file'),
  taking('L', 'tape-length'),
  taking('F', 'info-script'),
  taking('N', 'newer'),
  taking('V', 'label'),
  ...'exclude strip-components owner group mode mtime transform xform record-size newer-mtime after-date add-file level quoting-style sort suffix to-command occurrence volno-file rsh-command rmt-command exclude-tag exclude-ignore pax-option index-file warning backup checkpoint-action owner-map group-map'
    .split(' ')
    .map(long => taking(undefined, long)),
]

const actions = new Map<string, Action>([
  ['create', 'create'],
  ['list', 'list'],
  ['extract', 'extract'],
  ['get', 'extract'],
  ['append', 'append'],
  ['update', 'update'],
  ['diff', 'diff'],
  ['compare', 'diff'],
  ['delete', 'delete'],
  ['catenate', 'concatenate'],
  ['concatenate', 'concatenate'],
  ['test-label', 'test-label'],
])

/** `tar xzf file` as `tar -x -z -f file`: arguments belong to letters in their order. */
const withDashes = (argv: readonly string[]): string[] | { message: string } => {
  const [name = '', first] = argv
  if (first === undefined || first === '' || first.startsWith('-')) return [...argv]
  const takes = new Set(options.filter(({ argument }) => argument).map(({ short }) => short))
  const rest = argv.slice(2)
  const words: string[] = []
  for (const letter of first) {
    words.push(`-${letter}`)
    if (!takes.has(letter)) continue
    const value = rest.shift()
    if (value === undefined) return { message: `${name}: Old option '${letter}' requires an argument.` }
    words.push(value)
  }
  return [name, ...words, ...rest]
}

const moreThanOne = "You may not specify more than one '-Acdtrux', '--delete' or  '--test-label' option"
const none = "You must specify one of the '-Acdtrux', '--delete' or '--test-label' options"

/** The command line of tar(1), GNU tar 1.34; a message and the exit status where it cannot be. */
export const tarSettings = (
  process: Process,
): TarSettings | { message: string; status: number } | 'help' | 'version' => {
  const words = withDashes(process.argv)
  if ('message' in words) return { message: words.message, status: 64 }
  // Operands take the folder that was set before them, so their places matter.
  const marks: Named[] = []
  const parsed = getopt(words, options, { name: process.argv[0] ?? 'tar' })
  if (typeof parsed === 'string') return { message: parsed, status: 64 }
  if (parsed.has('help') || parsed.has('usage')) return 'help'
  if (parsed.has('version')) return 'version'
  const name = process.argv[0]
  const given = parsed.given.map(({ name }) => actions.get(name)).filter(action => action !== undefined)
  if (new Set(given).size > 1) return { message: `${name}: ${moreThanOne}`, status: 2 }
  const [action] = given
  if (!action) return { message: `${name}: ${none}`, status: 2 }
  let folder = process.cwd
  const set = (next: string): void => {
    folder = next.startsWith('/') ? next : `${folder === '/' ? '' : folder}/${next}`
  }
  // Walked once more for the order of names and -C.
  for (const piece of inOrder(words, parsed.operands)) {
    if ('folder' in piece) set(piece.folder)
    else marks.push({ name: piece.name, folder })
  }
  const number = (text: string | undefined): number =>
    text !== undefined && /^[0-9]{1,6}$/.test(text) ? Number(text) : 0
  const compression = parsed.given.findLast(({ name }) =>
    [
      'gzip',
      'gunzip',
      'ungzip',
      'bzip2',
      'xz',
      'auto-compress',
      'use-compress-program',
      'compress',
      'lzma',
      'zstd',
      'lzip',
      'lzop',
    ].includes(name),
  )
  const mtime = parsed.value('mtime')
  const time = mtime === undefined ? undefined : parseDate(mtime, process.now())
  const archive = parsed.value('file')
  const excludes = parsed.given.filter(({ name }) => name === 'exclude').map(({ value }) => value ?? '')
  const packs = action === 'create' || action === 'append' || action === 'update'
  const lastName = words.lastIndexOf(parsed.operands.at(-1) ?? '')
  const late =
    packs && parsed.operands.length > 0
      ? words.slice(lastName + 1).flatMap(word => /^--exclude=(.*)$/s.exec(word)?.[1] ?? [])
      : []
  return {
    action,
    archive: archive ?? process.env.get('TAPE') ?? '-',
    named: archive !== undefined,
    compression:
      compression === undefined
        ? undefined
        : compression.name === 'use-compress-program'
          ? (compression.value ?? '').split(' ')[0]!
          : compression.name === 'auto-compress'
            ? 'auto'
            : compression.name === 'gunzip' || compression.name === 'ungzip'
              ? 'gzip'
              : compression.name,
    verbose: parsed.given.filter(({ name }) => name === 'verbose').length,
    names: marks,
    folder,
    exclude: excludes.filter(one => !late.includes(one)),
    late,
    strip: number(parsed.value('strip-components')),
    toOutput: parsed.has('to-stdout'),
    keepOld: parsed.has('skip-old-files') ? 'skip' : parsed.has('keep-old-files'),
    absoluteNames: parsed.has('absolute-names'),
    dereference: parsed.has('dereference'),
    recursive: !parsed.has('no-recursion'),
    touch: parsed.has('touch'),
    permissions: parsed.has('no-same-permissions')
      ? false
      : parsed.has('preserve-permissions') || parsed.has('same-permissions') || undefined,
    sameOwner: parsed.has('no-same-owner') ? false : parsed.has('same-owner') || undefined,
    numeric: parsed.has('numeric-owner'),
    fullTime: parsed.has('full-time'),
    wildcards: parsed.has('wildcards'),
    removeFiles: parsed.has('remove-files'),
    oneFileSystem: parsed.has('one-file-system'),
    owner: parsed.value('owner'),
    group: parsed.value('group'),
    mode: parsed.value('mode'),
    mtime: time,
    transform: parsed.value('transform') ?? parsed.value('xform'),
    filesFrom: parsed.value('files-from'),
    null: parsed.has('null'),
    overwrite: parsed.has('overwrite'),
    unlinkFirst: parsed.has('unlink-first'),
  }
}

/** Operands and arguments of -C, in the order in which they stand. */
function* inOrder(
  words: readonly string[],
  operands: readonly string[],
): Generator<{ name: string } | { folder: string }> {
  const left = [...operands]
  for (let at = 1; at < words.length; at++) {
    const word = words[at]!
    const attached = /^-C(.+)$/s.exec(word)?.[1] ?? /^--directory=(.*)$/s.exec(word)?.[1]
    if (attached !== undefined) yield { folder: attached }
    else if (/^-[A-Za-z]*C$/.test(word) || word === '--directory') yield { folder: words[++at] ?? '.' }
    else if (word === left[0] && !takesNext(words[at - 1])) yield { name: left.shift()! }
  }
  for (const name of left) yield { name }
}

const argumentLetters = new Set(options.filter(({ argument, short }) => argument && short).map(({ short }) => short!))
const argumentNames = new Set(options.filter(({ argument }) => argument).map(({ long }) => long!))

/** The word before claims this one as its argument. */
const takesNext = (word: string | undefined): boolean => {
  if (word === undefined || !word.startsWith('-') || word === '-' || word === '--') return false
  if (word.startsWith('--')) return !word.includes('=') && argumentNames.has(word.slice(2))
  const first = [...word.slice(1)].findIndex(letter => argumentLetters.has(letter))
  return first === word.length - 2
}
