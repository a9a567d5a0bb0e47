import { accountOf, groupOf } from '../../accounts.ts'
import type { Process, Stat } from '../../system.ts'
import { type QuotingStyle, quoteName } from '../quoting.ts'
import { type Colours, colourOf } from './ls-colours.ts'
import type { LsSettings } from './ls-options.ts'
import { modeString } from './modes.ts'
import { showSize } from './sizes.ts'
import { stamp } from './stamps.ts'

export type Entry = {
  name: string
  /** `undefined`: it could not be looked at. */
  stat: Stat | undefined
  /** Of a symbolic link: what it says, and what it leads to. */
  target?: string
  linked?: Stat
}

export type Listing = {
  process: Process
  settings: LsSettings
  colours: Colours | undefined
  isUtf8: boolean
  /** Something was coloured already. */
  coloured: boolean
  /** Of users (`u0`) and groups (`g0`), once looked up. */
  names: Map<string, string>
}

/** A heading's name: what would need a colon quoted is, as in `'a:b':`. */
export const quoteHeading = (name: string, quoting: QuotingStyle, isUtf8: boolean): string =>
  quoteName(name, quoting, isUtf8, ':')

const half = 31_556_952_000 / 2

/** The sum of blocks taken, in the units asked for. */
export const totalOf = ({ settings }: Listing, entries: readonly Entry[]): string =>
  showSize(
    entries.reduce((sum, { stat }) => sum + (stat?.blocks ?? 0) * 512, 0),
    settings.blocks,
  )

/** Writes entries in the order given, behind `before`. `also` are measured with them, but shown elsewhere. */
export const writeEntries = async (
  listing: Listing,
  entries: readonly Entry[],
  before: string,
  folder?: string,
  also: readonly Entry[] = [],
): Promise<void> => {
  const { process, settings } = listing
  const { format, width } = settings
  const end = settings.zero ? '\0' : '\n'
  const shown = entries.map(entry => namePiece(listing, entry, folder))
  const aligns =
    format === 'long' || ((format === 'many' || format === 'across') && settings.width < Number.MAX_SAFE_INTEGER)
  // A name in quotes shifts all others by one, so that letters stand below letters.
  if (aligns && settings.quoting.startsWith('shell') && shown.some(({ quoted }) => quoted)) {
    for (const piece of shown) {
      if (piece.quoted) continue
      piece.text = ` ${piece.text}`
      piece.width++
    }
  }
  let out = before
  if (format === 'long') {
    const write = longWriter(listing, [...entries, ...also])
    for (const [index, entry] of entries.entries()) {
      out += `${write(entry)}${shown[index]!.text}${linkPiece(listing, entry, folder)}${end}`
      if (out.length > 8192) {
        await process.stdout.write(out)
        out = ''
      }
    }
  } else {
    addPrefixes(listing, entries, shown)
    if (format === 'one') out += shown.map(({ text }) => text + end).join('')
    else if (format === 'commas') out += withCommas(shown, width)
    else out += inColumns(shown, settings)
  }
  if (out !== '') await process.stdout.write(out)
}

type Piece = { text: string; width: number; quoted: boolean }

const widthOf = (text: string, isUtf8: boolean): number =>
  isUtf8 ? text.replace(/[\x80-\xbf]/g, '').length : text.length

const indicatorOf = (settings: LsSettings, stat: Stat | undefined): string => {
  const { indicator } = settings
  if (indicator === 'none' || !stat) return ''
  if (stat.type === 'directory') return '/'
  if (indicator === 'slash') return ''
  if (stat.type === 'symlink') return '@'
  if (stat.type === 'fifo') return '|'
  if (stat.type === 'socket') return '='
  return indicator === 'classify' && stat.type === 'file' && (stat.mode & 0o111) !== 0 ? '*' : ''
}

const shownName = ({ settings, isUtf8 }: Listing, name: string): string => {
  const quoted = quoteName(name, settings.quoting, isUtf8)
  if (!settings.questionMarks || !/^(literal|shell|shell-always)$/.test(settings.quoting)) return quoted
  return quoted.replace(isUtf8 ? /[\0-\x1f\x7f]/g : /[\0-\x1f\x7f-\xff]/g, '?')
}

const painted = (listing: Listing, colour: string, text: string): string => {
  if (!listing.colours || colour === '') return text
  const first = listing.coloured ? '' : '\x1b[0m'
  listing.coloured = true
  return `${first}\x1b[${colour}m${text}\x1b[0m`
}

const linked = (listing: Listing, name: string, text: string, folder = listing.process.cwd): string => {
  if (!listing.settings.hyperlink) return text
  const path = name.startsWith('/') ? name : `${folder === '/' ? '' : folder}/${name}`
  const url = path.replace(/[^\w/.~-]/g, c => `%${c.charCodeAt(0).toString(16).padStart(2, '0')}`)
  return `\x1b]8;;file://${listing.process.host.persona.hostname}${url}\x07${text}\x1b]8;;\x07`
}

const namePiece = (listing: Listing, entry: Entry, folder?: string): Piece => {
  const { settings, colours, isUtf8 } = listing
  const bare = shownName(listing, entry.name)
  const broken = entry.stat?.type === 'symlink' && !entry.linked
  const colour = colours ? colourOf(colours, entry.name, entry.stat, broken, entry.linked) : ''
  const suffix = settings.format === 'long' && entry.stat?.type === 'symlink' ? '' : indicatorOf(settings, entry.stat)
  return {
    text: painted(listing, colour, linked(listing, entry.name, bare, folder)) + suffix,
    width: widthOf(bare, isUtf8) + suffix.length,
    quoted: bare !== entry.name && /^['"]/.test(bare),
  }
}

const linkPiece = (listing: Listing, entry: Entry, folder?: string): string => {
  const { target, linked: to } = entry
  if (target === undefined) return ''
  const { colours, settings } = listing
  const broken = to === undefined
  const missing = colours?.kinds.get('mi')
  const colour = !colours
    ? ''
    : broken
      ? missing && !/^0*$/.test(missing)
        ? missing
        : (colours.kinds.get('or') ?? '')
      : colourOf(colours, target, to, false)
  return ` -> ${painted(listing, colour, linked(listing, target, shownName(listing, target), folder))}${indicatorOf(settings, to)}`
}

/** Inode numbers and blocks in front of names, where they were asked for and the format is not the long one. */
const addPrefixes = (listing: Listing, entries: readonly Entry[], pieces: Piece[]): void => {
  const prefix = prefixWriter(listing, entries, listing.settings.format === 'commas')
  for (const [index, piece] of pieces.entries()) {
    const text = prefix(entries[index]!)
    piece.text = text + piece.text
    piece.width += text.length
  }
}

const prefixWriter = ({ settings }: Listing, entries: readonly Entry[], bare = false): ((entry: Entry) => string) => {
  const blocksOf = ({ stat }: Entry): string => (stat ? showSize(stat.blocks * 512, settings.blocks) : '?')
  const inodeOf = ({ stat }: Entry): string => (stat ? String(stat.ino) : '?')
  const widest = (of: (entry: Entry) => string): number =>
    bare ? 0 : Math.max(0, ...entries.map(entry => of(entry).length))
  const inodes = settings.inode ? widest(inodeOf) : 0
  const blocks = settings.showBlocks ? widest(blocksOf) : 0
  const context = settings.context && settings.format !== 'long'
  return entry =>
    (settings.inode ? `${inodeOf(entry).padStart(inodes)} ` : '') +
    (settings.showBlocks ? `${blocksOf(entry).padStart(blocks)} ` : '') +
    (context ? '? ' : '')
}

const longWriter = (listing: Listing, entries: readonly Entry[]): ((entry: Entry) => string) => {
  const { process, settings, names } = listing
  const nameOf = (kind: 'u' | 'g', id: number): string => {
    const key = `${kind}${id}`
    const known = names.get(key)
    if (known !== undefined) return known
    const found = settings.numeric ? undefined : kind === 'u' ? accountOf(process.fs, id) : groupOf(process.fs, id)
    const name = found?.name ?? String(id)
    names.set(key, name)
    return name
  }
  const prefix = prefixWriter(listing, entries)
  const now = process.now()
  const timeOf = ({ stat }: Entry): string => {
    if (!stat) return '?'
    const time = settings.time === 'birth' ? stat.ctime : stat[settings.time]
    return stamp(settings.timeFormats[time > now - half && time <= now ? 1 : 0], time)
  }
  const isDevice = (stat: Stat | undefined): boolean => stat?.type === 'char' || stat?.type === 'block'
  const majorOf = ({ stat }: Entry): string => String(stat?.rdev?.major ?? 0)
  const minorOf = ({ stat }: Entry): string => String(stat?.rdev?.minor ?? 0)
  const widest = (of: (entry: Entry) => string, some = entries): number =>
    some.reduce((most, entry) => Math.max(most, of(entry).length), 0)
  const devices = entries.filter(({ stat }) => isDevice(stat))
  const [major, minor] = [widest(majorOf, devices), widest(minorOf, devices)]
  const plainSize = ({ stat }: Entry): string =>
    stat ? (isDevice(stat) ? '' : showSize(stat.size, settings.sizes)) : '?'
  const columns: { of(entry: Entry): string; right?: true; wide?: number }[] = []
  columns.push({ of: ({ stat }) => (stat ? String(stat.nlink) : '?'), right: true })
  const number = settings.numeric ? ({ right: true } as const) : {}
  if (settings.owner) columns.push({ of: ({ stat }) => (stat ? nameOf('u', stat.uid) : '?'), ...number })
  if (settings.group) columns.push({ of: ({ stat }) => (stat ? nameOf('g', stat.gid) : '?'), ...number })
  if (settings.author) columns.push({ of: ({ stat }) => (stat ? nameOf('u', stat.uid) : '?'), ...number })
  if (settings.context) columns.push({ of: () => '?' })
  const sizeWidth = Math.max(widest(plainSize), devices.length > 0 ? major + 2 + minor : 0)
  columns.push({
    of: entry =>
      isDevice(entry.stat)
        ? `${majorOf(entry).padStart(sizeWidth - 2 - minor)}, ${minorOf(entry).padStart(minor)}`
        : plainSize(entry),
    right: true,
    wide: sizeWidth,
  })
  columns.push({ of: timeOf, right: true, wide: Math.max(1, ...entries.map(entry => timeOf(entry).length)) })
  const widths = columns.map(({ of, wide }) => wide ?? widest(of))
  return entry => {
    const fields = columns.map(({ of, right }, index) =>
      right ? of(entry).padStart(widths[index]!) : of(entry).padEnd(widths[index]!),
    )
    return `${prefix(entry)}${entry.stat ? modeString(entry.stat) : '?????????? '.trimEnd()} ${fields.join(' ')} `
  }
}

const withCommas = (pieces: readonly Piece[], width: number): string => {
  if (pieces.length === 0) return ''
  let out = ''
  let at = 0
  for (const [index, { text, width: wide }] of pieces.entries()) {
    if (index > 0) {
      if (at + wide + 2 < width) {
        out += ', '
        at += 2
      } else {
        out += ',\n'
        at = 0
      }
    }
    out += text
    at += wide
  }
  return `${out}\n`
}

/** As many columns as fit, each as wide as it has to be, filled with tabs where they reach far enough. */
const inColumns = (pieces: readonly Piece[], { width, tab, format }: LsSettings): string => {
  const count = pieces.length
  if (count === 0) return ''
  const across = format === 'across'
  const most = Math.min(count, Math.max(1, Math.min(Math.ceil(width / 3), 1000)))
  let widths: number[] = []
  let columns = most
  for (; columns >= 1; columns--) {
    const rows = Math.ceil(count / columns)
    widths = Array.from({ length: columns }, () => 3)
    for (const [index, piece] of pieces.entries()) {
      const column = across ? index % columns : Math.floor(index / rows)
      const gap = column === columns - 1 ? 0 : 2
      widths[column] = Math.max(widths[column]!, piece.width + gap)
    }
    if (columns === 1 || widths.reduce((sum, wide) => sum + wide, 0) < width) break
  }
  const rows = Math.ceil(count / columns)
  let out = ''
  for (let row = 0; row < rows; row++) {
    let at = 0
    let start = 0
    for (let column = 0; column < columns; column++) {
      const index = across ? row * columns + column : column * rows + row
      const piece = pieces[index]
      if (!piece) break
      out += indent(at, start, tab) + piece.text
      at = start + piece.width
      start += widths[column]!
    }
    out += '\n'
  }
  return out
}

const indent = (from: number, to: number, tab: number): string => {
  let out = ''
  let at = from
  while (at < to) {
    if (tab !== 0 && Math.floor(to / tab) > Math.floor((at + 1) / tab)) {
      out += '\t'
      at += tab - (at % tab)
    } else {
      out += ' '
      at++
    }
  }
  return out
}
