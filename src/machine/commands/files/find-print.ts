import { accountOf, groupOf } from '../../accounts.ts'
import { cEscapes } from '../../escapes.ts'
import type { Process } from '../../system.ts'
import { absolute, attempt } from '../paths.ts'
import { quoteName, speaksUtf8 } from '../quoting.ts'
import { Mistake, type Search, type Visit } from './find-expression.ts'
import { modeString, typeLetter } from './modes.ts'
import { mountOf } from './mounted.ts'
import { folderOf, look } from './names.ts'
import { stamp } from './stamps.ts'

type Piece = string | { letter: string; flags: string; width: number; precision: number | undefined; clock: string }

const widest = 4096

/** A format of -printf; `\c` ends it. Unknown directives stand for themselves, with a warning. */
export const parseFormat = (text: string, warn: (message: string) => void): Piece[] => {
  const pieces: Piece[] = []
  for (let at = 0; at < text.length; at++) {
    const c = text[at]!
    if (c === '\\') {
      const octal = /^\\([0-7]{1,3})/.exec(text.slice(at, at + 4))
      const next = text[at + 1]
      if (octal) {
        pieces.push(String.fromCharCode(Number.parseInt(octal[1]!, 8) & 255))
        at += octal[0].length - 1
        continue
      }
      if (next === 'c') return pieces
      at++
      const char = next === undefined ? undefined : cEscapes.get(next)
      if (char === undefined && next !== undefined) warn(`warning: unrecognized escape \`\\${next}'`)
      pieces.push(char ?? `\\${next ?? ''}`)
      continue
    }
    if (c !== '%') {
      pieces.push(c)
      continue
    }
    const found = /^%([-+ 0#]*)([0-9]{0,4})(?:\.([0-9]{0,4}))?(.?)(.?)/s.exec(text.slice(at, at + 40))!
    const [whole, flags = '', width = '', precision, letter = '', next = ''] = found
    const takesClock = 'ACTB'.includes(letter) && letter !== ''
    if (letter === '') throw new Mistake('error: % at end of format string')
    at += whole.length - 1 - (takesClock ? 0 : next.length)
    if (letter === '%') pieces.push('%')
    else if (!'abcdDfFgGhHiklmMnpPsStuUyYZACTB'.includes(letter)) {
      warn(`warning: unrecognized format directive \`%${letter}'`)
      pieces.push(`%${letter}`)
    } else {
      const exact = precision === undefined ? undefined : Number(precision)
      pieces.push({
        letter,
        flags,
        width: Math.min(Number(width), widest),
        precision: exact,
        clock: takesClock ? next : '',
      })
    }
  }
  return pieces
}

const at = (format: string, time: number): string => {
  const seconds = Math.floor(time / 1000)
  const nanoseconds = stamp('%N', time)
  const fraction = `${nanoseconds}0`
  if (format === '@') return `${seconds}.${fraction}`
  if (format === '+') return `${stamp('%Y-%m-%d+%T', time)}.${fraction}`
  if (format === 'S' || format === 'T' || format === 'X') {
    const shown = stamp(format === 'S' ? '%S' : '%T', time)
    return `${shown}.${fraction}`
  }
  if (format === 'c') return stamp('%a %b %e %T.%N0 %Y', time)
  if (format === 'k') return stamp('%H', time).replace(/^0/, ' ')
  if (format === 'l') return stamp('%I', time).replace(/^0/, ' ')
  if (format === 'r') return stamp(`%I:%M:%S.${fraction} %p`, time)
  return stamp(`%${format}`, time)
}

const ctime = (time: number): string => stamp('%a %b %e %T.%N0 %Y', time)

const valueFor = (search: Search, visit: Visit, letter: string, clock: string): string | number => {
  const { process } = search
  const { stat, path, root } = visit
  switch (letter) {
    case 'a':
      return ctime(stat.atime)
    case 'c':
      return ctime(stat.ctime)
    case 't':
      return ctime(stat.mtime)
    case 'A':
      return at(clock, stat.atime)
    case 'B':
    case 'C':
      return at(clock, stat.ctime)
    case 'T':
      return at(clock, stat.mtime)
    case 'b':
      return stat.blocks
    case 'd':
      return visit.depth
    case 'D':
      return stat.dev
    case 'f':
      return visit.name
    case 'F':
      return mountOf(process, path).type
    case 'g':
      return groupOf(process.fs, stat.gid)?.name ?? String(stat.gid)
    case 'G':
      return stat.gid
    case 'h':
      return path.includes('/') ? folderOf(path) : '.'
    case 'H':
      return root
    case 'i':
      return stat.ino
    case 'k':
      return Math.ceil(stat.blocks / 2)
    case 'l':
      return linkText(process, visit)
    case 'm':
      return stat.mode.toString(8)
    case 'M':
      return modeString(stat)
    case 'n':
      return stat.nlink
    case 'P':
      return path.slice(root.length).replace(/^\//, '')
    case 's':
      return stat.size
    case 'S':
      return stat.size === 0 ? '1' : String(Number(((stat.blocks * 512) / stat.size).toPrecision(6)))
    case 'u':
      return accountOf(process.fs, stat.uid)?.name ?? String(stat.uid)
    case 'U':
      return stat.uid
    case 'y':
      return letterOf(stat.type)
    case 'Y': {
      if (stat.type !== 'symlink') return letterOf(stat.type)
      const found = attempt(() => look(process, path, true))
      return 'value' in found ? letterOf(found.value.type) : found.error.startsWith('Too many') ? 'L' : 'N'
    }
    case 'Z':
      return ''
    default:
      return path
  }
}

const letterOf = (type: Visit['stat']['type']): string => (type === 'file' ? 'f' : typeLetter(type))

const linkText = (process: Process, { stat, path }: Visit): string => {
  if (stat.type !== 'symlink') return ''
  const found = attempt(() => process.fs.readlink(absolute(process, path), process.who))
  return 'value' in found ? found.value : ''
}

export const formatVisit = (search: Search, visit: Visit, pieces: readonly Piece[]): string =>
  pieces
    .map(piece => {
      if (typeof piece === 'string') return piece
      const value = valueFor(search, visit, piece.letter, piece.clock)
      let text = String(value)
      const { flags, width, precision } = piece
      if (piece.letter === 'm' && flags.includes('#')) text = text.padStart(4, '0')
      if (typeof value === 'string' && precision !== undefined && piece.letter !== 'm') text = text.slice(0, precision)
      if (typeof value === 'number' && flags.includes('+')) text = `+${text}`
      if (flags.includes('-')) return text.padEnd(width)
      return text.padStart(width, flags.includes('0') && typeof value === 'number' ? '0' : ' ')
    })
    .join('')

const half = 31_556_952_000 / 2

/** A line of -ls. */
export const listLine = (search: Search, visit: Visit): string => {
  const { process } = search
  const { stat, path } = visit
  const now = process.now()
  const recent = stat.mtime > now - half && stat.mtime <= now + 3_600_000
  const time = stamp(recent ? '%b %e %H:%M' : '%b %e  %Y', stat.mtime)
  const user = accountOf(process.fs, stat.uid)?.name ?? String(stat.uid)
  const group = groupOf(process.fs, stat.gid)?.name ?? String(stat.gid)
  const size = stat.rdev
    ? `${String(stat.rdev.major).padStart(3)}, ${String(stat.rdev.minor).padStart(3)}`
    : String(stat.size).padStart(8)
  const name = quoteName(path, 'escape', speaksUtf8(process))
  const target =
    stat.type === 'symlink' ? ` -> ${quoteName(linkText(process, visit), 'escape', speaksUtf8(process))}` : ''
  return `${String(stat.ino).padStart(9)} ${String(Math.ceil(stat.blocks / 2)).padStart(6)} ${modeString(stat)} ${String(stat.nlink).padStart(3)} ${user.padEnd(8)} ${group.padEnd(8)} ${size} ${time} ${name}${target}\n`
}

/** Names go to a terminal without what would steer it. */
export const shownPath = (process: Process, path: string): string =>
  process.isatty[1] ? path.replace(/[\0-\x1f\x7f]/g, '?') : path
