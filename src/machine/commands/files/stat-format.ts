import { accountOf, groupOf } from '../../accounts.ts'
import { cEscapes } from '../../escapes.ts'
import type { Process, Stat } from '../../system.ts'
import { quoteName, speaksUtf8 } from '../quoting.ts'
import { fullMode, modeString } from './modes.ts'
import { kindOf } from './rm.ts'
import { stamp } from './stamps.ts'

export type Shown = {
  process: Process
  name: string
  stat: Stat
  /** Of a symbolic link. */
  target: string | undefined
  mountPoint(): string
}

const widest = 4096
const stampFormat = '%Y-%m-%d %H:%M:%S.%N %z'

/** The glibc encoding of a device's number. */
const deviceOf = ({ major, minor }: { major: number; minor: number }): number =>
  ((minor & 0xff) | (major << 8) | ((minor & ~0xff) << 12)) >>> 0

/** When it was made: no later than any of its times, unless somebody set those back before the machine was there. */
const birthOf = ({ process, stat }: Shown): number => {
  const { installedAt } = process.host.persona
  return Math.min(stat.ctime, ...[stat.atime, stat.mtime].filter(time => time >= installedAt))
}

/** The value of a directive, and how its flags apply to it. */
const directiveValue = (
  shown: Shown,
  letter: string,
  modifier: string,
): { text: string; kind: 'text' | 'number' } | undefined => {
  const { process, name, stat, target } = shown
  const number = (value: number | string): { text: string; kind: 'number' } => ({ text: String(value), kind: 'number' })
  const text = (value: string): { text: string; kind: 'text' } => ({ text: value, kind: 'text' })
  const { rdev = { major: 0, minor: 0 } } = stat
  const device = { major: stat.dev >> 8, minor: stat.dev & 0xff }
  if (modifier !== '' && !'dr'.includes(letter)) return undefined
  switch (letter) {
    case 'a':
      return { text: stat.mode.toString(8), kind: 'number' }
    case 'A':
      return text(modeString(stat))
    case 'b':
      return number(stat.blocks)
    case 'B':
      return number(512)
    case 'C':
      return text('?')
    case 'd':
      return number(modifier === 'H' ? device.major : modifier === 'L' ? device.minor : stat.dev)
    case 'D':
      return number(stat.dev.toString(16))
    case 'f':
      return number(fullMode(stat).toString(16))
    case 'F':
      return text(kindOf(stat))
    case 'g':
      return number(stat.gid)
    case 'G':
      return text(groupOf(process.fs, stat.gid)?.name ?? 'UNKNOWN')
    case 'h':
      return number(stat.nlink)
    case 'i':
      return number(stat.ino)
    case 'm':
      return text(shown.mountPoint())
    case 'n':
      return text(name)
    case 'N': {
      const quoted = (part: string): string => quoteName(part, 'shell-escape-always', speaksUtf8(process))
      return text(target === undefined ? quoted(name) : `${quoted(name)} -> ${quoted(target)}`)
    }
    case 'o':
      return number(4096)
    case 's':
      return number(stat.size)
    case 'r':
      return number(modifier === 'H' ? rdev.major : modifier === 'L' ? rdev.minor : deviceOf(rdev))
    case 'R':
      return number(deviceOf(rdev).toString(16))
    case 't':
      return number(rdev.major.toString(16))
    case 'T':
      return number(rdev.minor.toString(16))
    case 'u':
      return number(stat.uid)
    case 'U':
      return text(accountOf(process.fs, stat.uid)?.name ?? 'UNKNOWN')
    case 'w':
      return text(stamp(stampFormat, birthOf(shown)))
    case 'x':
      return text(stamp(stampFormat, stat.atime))
    case 'y':
      return text(stamp(stampFormat, stat.mtime))
    case 'z':
      return text(stamp(stampFormat, stat.ctime))
    case 'W':
      return number(Math.floor(birthOf(shown) / 1000))
    case 'X':
      return number(Math.floor(stat.atime / 1000))
    case 'Y':
      return number(Math.floor(stat.mtime / 1000))
    case 'Z':
      return number(Math.floor(stat.ctime / 1000))
    default:
      return undefined
  }
}

const escapes = new Map([...cEscapes, ['e', '\x1b'], ['"', '"']])

/** A format of stat(1), with what each directive means looked up by `value`; backslashes mean something to --printf. */
export const formatted = (
  format: string,
  value: (letter: string, modifier: string) => { text: string; kind: 'text' | 'number' } | undefined,
  backslashes: boolean,
): string => {
  let out = ''
  for (let at = 0; at < format.length; at++) {
    const c = format[at]!
    if (c === '\\' && backslashes && at + 1 < format.length) {
      const numeric = /^\\(?:x([0-9A-Fa-f]{1,2})|([0-7]{1,3}))/.exec(format.slice(at, at + 5))
      if (numeric) {
        out += String.fromCharCode(numeric[1] ? Number.parseInt(numeric[1], 16) : Number.parseInt(numeric[2]!, 8) & 255)
        at += numeric[0].length - 1
      } else out += escapes.get(format[++at]!) ?? `\\${format[at]}`
      continue
    }
    const directive =
      c === '%' ? /^%([-+ 0#']*)([0-9]{0,4})(?:\.([0-9]{0,9}))?([HL]?)(.?)/s.exec(format.slice(at, at + 40)) : null
    if (!directive) {
      out += c
      continue
    }
    const [whole, flags = '', width = '', precision, modifier = '', letter = ''] = directive
    at += whole.length - 1
    if (letter === '%' || letter === '') {
      out += '%'
      continue
    }
    const found = value(letter, modifier)
    if (!found) {
      out += '?'
      continue
    }
    out += padded(found, letter, flags, Math.min(Number(width), widest), precision)
  }
  return out
}

const padded = (
  { text, kind }: { text: string; kind: 'text' | 'number' },
  letter: string,
  flags: string,
  width: number,
  precision: string | undefined,
): string => {
  let shown = text
  if (kind === 'text' && precision !== undefined) shown = shown.slice(0, Number(precision))
  if (kind === 'number' && flags.includes('#')) {
    if (letter === 'a' && !shown.startsWith('0')) shown = `0${shown}`
    if ('fDRtT'.includes(letter) && shown !== '0') shown = `0x${shown}`
  }
  if (flags.includes('-')) return shown.padEnd(width)
  return shown.padStart(width, flags.includes('0') && kind === 'number' ? '0' : ' ')
}

export const formatStat = (format: string, shown: Shown, backslashes: boolean): string =>
  formatted(format, (letter, modifier) => directiveValue(shown, letter, modifier), backslashes)
