import type { Process } from '../../system.ts'
import { wordFor } from '../coreutils.ts'
import type { Option, Parsed } from '../getopt.ts'
import { type QuotingStyle, quote } from '../quoting.ts'
import { formats, indicators, longOf, quotings, sorts, timeStyles, times, type Words, when } from './ls-words.ts'
import { type BlockSize, parseBlockSize } from './sizes.ts'

export const lsOptions: readonly Option[] = [
  ...[...'1CfghklmnopqrstuvxGHLNQRSUXZcDiABFabd'].map(short => ({ short })),
  ...Object.entries({ w: 'width', T: 'tabsize', I: 'ignore' }).map(([short, long]) => ({
    short,
    long,
    argument: 'required' as const,
  })),
  ...'all almost-all author escape ignore-backups directory file-type no-group human-readable si inode kibibytes numeric-uid-gid hide-control-chars show-control-chars quote-name reverse recursive size context full-time group-directories-first dereference-command-line dereference-command-line-symlink-to-dir dereference literal dired zero'
    .split(' ')
    .map(long => ({ long })),
  ...'block-size format hide indicator-style quoting-style sort time time-style'
    .split(' ')
    .map(long => ({ long, argument: 'required' as const })),
  ...'classify color hyperlink'.split(' ').map(long => ({ long, argument: 'optional' as const })),
]

export type LsSettings = {
  format: 'long' | 'one' | 'many' | 'across' | 'commas'
  hidden: 'none' | 'almost' | 'all'
  sort: 'name' | 'none' | 'time' | 'size' | 'extension' | 'version' | 'width'
  time: 'mtime' | 'atime' | 'ctime' | 'birth'
  dereference: 'never' | 'command-line' | 'directories' | 'always'
  indicator: 'none' | 'slash' | 'file-type' | 'classify'
  quoting: QuotingStyle
  width: number
  tab: number
  /** Of `-s` and `total`; of the size column. */
  blocks: BlockSize
  sizes: BlockSize
  timeFormats: [old: string, recent: string]
  ignore: string[]
  hide: string[]
  author: boolean
  owner: boolean
  group: boolean
  numeric: boolean
  inode: boolean
  showBlocks: boolean
  context: boolean
  reverse: boolean
  recursive: boolean
  directory: boolean
  directoriesFirst: boolean
  colour: boolean
  hyperlink: boolean
  questionMarks: boolean
  zero: boolean
}

const colourTerminals =
  /^(Eterm|ansi|.*color.*|con[0-9].*x[0-9].*|cons25|console|cygwin|.*direct.*|dtterm|gnome|hurd|jfbterm|konsole|kterm|linux|linux-c|mlterm|putty|rxvt.*|screen.*|st|terminator|tmux.*|vt100|xterm.*)$/

/** The terminals that dircolors(1) knows to show colours. */
export const knowsColour = ({ env }: Process): boolean => colourTerminals.test(env.get('TERM')?.slice(0, 100) ?? '')

/** What is wrong with the options; `status`: a word that is none ends with 1, without a hint where help is otherwise. */
export type Mistake = { message: string; status: 1 | 2 }

export const lsSettings = (process: Process, { given }: Parsed): LsSettings | Mistake => {
  const terminal = process.isatty[1]
  const [name = ''] = process.argv
  const program = name.slice(name.lastIndexOf('/') + 1)
  const columns = /^[0-9]+$/.test(process.env.get('COLUMNS') ?? '') ? Number(process.env.get('COLUMNS')) : undefined
  const s: LsSettings = {
    format: program === 'dir' ? 'many' : program === 'vdir' ? 'long' : terminal ? 'many' : 'one',
    hidden: 'none',
    sort: 'name',
    time: 'mtime',
    dereference: 'never',
    indicator: 'none',
    quoting: program === 'ls' ? (terminal ? 'shell-escape' : 'literal') : 'escape',
    width: columns ?? (terminal ? process.terminal?.columns || 80 : 80),
    tab: 8,
    blocks: { size: 1024 },
    sizes: { size: 1 },
    timeFormats: timeStyles.get('locale')!,
    ignore: [],
    hide: [],
    author: false,
    owner: true,
    group: true,
    numeric: false,
    inode: false,
    showBlocks: false,
    context: false,
    reverse: false,
    recursive: false,
    directory: false,
    directoriesFirst: false,
    colour: false,
    hyperlink: false,
    questionMarks: terminal && program === 'ls',
    zero: false,
  }
  const environmentStyle = process.env.get('QUOTING_STYLE')
  if (environmentStyle && quotings.some(([word]) => word === environmentStyle))
    s.quoting = environmentStyle as QuotingStyle
  const blockSize = parseBlockSize(process.env.get('LS_BLOCK_SIZE') ?? process.env.get('BLOCK_SIZE') ?? '')
  if (blockSize) s.blocks = s.sizes = blockSize
  let timeStyle = process.env.get('TIME_STYLE') ?? 'locale'
  let sorted = false
  let message: string | undefined
  let status: Mistake['status'] = 2
  const choose = (option: string, value: string, words: Words<string>): string | undefined => {
    const found = wordFor(process, option, value, words)
    if ('word' in found) return found.word
    message ??= found.message
    status = 1
    return undefined
  }
  const isWanted = (option: string, value: string | undefined): boolean => {
    const word = value === undefined ? 'always' : choose(option, value, when)
    return word === 'always' || (word === 'auto' && terminal)
  }
  const sortBy = (sort: LsSettings['sort']): void => {
    s.sort = sort
    sorted = true
  }
  const number = (value: string, what: string): number => {
    if (/^[0-9]{1,15}$/.test(value)) return Number(value)
    message ??= `${name}: invalid ${what}: ${quote(process, value)}`
    return 0
  }
  const human = (size: BlockSize): void => {
    s.blocks = s.sizes = size
  }
  for (const { name: option, value = '', value: maybe } of given) {
    switch (option) {
      case 'a':
      case 'all':
        s.hidden = 'all'
        break
      case 'A':
      case 'almost-all':
        s.hidden = 'almost'
        break
      case 'author':
        s.author = true
        break
      case 'b':
      case 'escape':
        s.quoting = 'escape'
        break
      case 'block-size': {
        const size = parseBlockSize(value)
        if (size) human(size)
        else message ??= `${name}: invalid --block-size argument ${quote(process, value)}`
        break
      }
      case 'B':
      case 'ignore-backups':
        s.ignore.push('*~', '.*~')
        break
      case 'c':
        s.time = 'ctime'
        break
      case 'C':
        s.format = 'many'
        break
      case 'color':
        s.colour = isWanted('--color', maybe)
        break
      case 'd':
      case 'directory':
        s.directory = true
        break
      case 'D':
      case 'dired':
        break
      case 'f':
        s.hidden = 'all'
        sortBy('none')
        if (s.format === 'long') s.format = terminal ? 'many' : 'one'
        s.showBlocks = false
        s.colour = false
        break
      case 'F':
        s.indicator = 'classify'
        break
      case 'classify':
        if (isWanted('--classify', maybe)) s.indicator = 'classify'
        break
      case 'file-type':
        s.indicator = 'file-type'
        break
      case 'p':
        s.indicator = 'slash'
        break
      case 'indicator-style':
        s.indicator = (choose('--indicator-style', value, indicators) ?? 'none') as LsSettings['indicator']
        break
      case 'format':
        s.format = longOf[(choose('--format', value, formats) ?? 'verbose') as keyof typeof longOf]
        break
      case 'full-time':
        s.format = 'long'
        timeStyle = 'full-iso'
        break
      case 'g':
        s.format = 'long'
        s.owner = false
        break
      case 'G':
      case 'no-group':
        s.group = false
        break
      case 'group-directories-first':
        s.directoriesFirst = true
        break
      case 'h':
      case 'human-readable':
        human({ human: 1024, size: 1 })
        break
      case 'si':
        human({ human: 1000, size: 1 })
        break
      case 'hide':
        s.hide.push(value)
        break
      case 'I':
      case 'ignore':
        s.ignore.push(value)
        break
      case 'H':
      case 'dereference-command-line':
        s.dereference = 'command-line'
        break
      case 'dereference-command-line-symlink-to-dir':
        s.dereference = 'directories'
        break
      case 'L':
      case 'dereference':
        s.dereference = 'always'
        break
      case 'hyperlink':
        s.hyperlink = isWanted('--hyperlink', maybe)
        break
      case 'i':
      case 'inode':
        s.inode = true
        break
      case 'k':
      case 'kibibytes':
        s.blocks = { size: 1024 }
        break
      case 'l':
        s.format = 'long'
        break
      case 'm':
        s.format = 'commas'
        break
      case 'n':
      case 'numeric-uid-gid':
        s.format = 'long'
        s.numeric = true
        break
      case 'N':
      case 'literal':
        s.quoting = 'literal'
        break
      case 'o':
        s.format = 'long'
        s.group = false
        break
      case 'q':
      case 'hide-control-chars':
        s.questionMarks = true
        break
      case 'show-control-chars':
        s.questionMarks = false
        break
      case 'Q':
      case 'quote-name':
        s.quoting = 'c'
        break
      case 'quoting-style':
        s.quoting = (choose('--quoting-style', value, quotings) ?? 'literal') as QuotingStyle
        break
      case 'r':
      case 'reverse':
        s.reverse = true
        break
      case 'R':
      case 'recursive':
        s.recursive = true
        break
      case 's':
      case 'size':
        s.showBlocks = true
        break
      case 'S':
        sortBy('size')
        break
      case 't':
        sortBy('time')
        break
      case 'U':
        sortBy('none')
        break
      case 'v':
        sortBy('version')
        break
      case 'X':
        sortBy('extension')
        break
      case 'sort':
        sortBy((choose('--sort', value, sorts) ?? 'none') as LsSettings['sort'])
        break
      case 'time': {
        const word = choose('--time', value, times) ?? 'mtime'
        s.time = word as LsSettings['time']
        break
      }
      case 'time-style':
        timeStyle = value
        break
      case 'tabsize':
        s.tab = number(value, 'tab size')
        break
      case 'u':
        s.time = 'atime'
        break
      case 'width':
        s.width = number(value, 'line width')
        break
      case 'x':
        s.format = 'across'
        break
      case 'Z':
      case 'context':
        s.context = true
        break
      case 'zero':
        s.zero = true
        s.quoting = 'literal'
        s.questionMarks = false
        s.colour = false
        if (s.format !== 'long') s.format = 'one'
        break
      case '1':
        if (s.format !== 'long') s.format = 'one'
        break
    }
    if (message !== undefined) return { message, status }
  }
  if (s.format === 'long') {
    const style = timeStyle.replace(/^posix-/, '')
    const custom = style.startsWith('+') ? style.slice(1).split('\n') : undefined
    const known = timeStyles.get(style)
    if (custom) s.timeFormats = [custom[0]!, custom[1] ?? custom[0]!]
    else if (known) s.timeFormats = known
    else {
      return {
        message: `${name}: invalid argument ${quote(process, timeStyle)} for ${quote(process, 'time style')}
Valid arguments are:
  - [posix-]full-iso
  - [posix-]long-iso
  - [posix-]iso
  - [posix-]locale
  - +FORMAT (e.g., +%H:%M) for a 'date'-style format`,
        status: 1,
      }
    }
  }
  // `-c` and `-u` sort by their time unless `-l` shows it or another order was asked for.
  if (s.time !== 'mtime' && !sorted && s.format !== 'long') s.sort = 'time'
  if (s.colour && !process.env.get('LS_COLORS') && !process.env.get('COLORTERM')) s.colour = knowsColour(process)
  if (s.width === 0) s.width = Number.MAX_SAFE_INTEGER
  return s
}
