import type { Process } from '../../system.ts'
import { quote } from '../quoting.ts'
import { suffixFactor } from './sizes.ts'

export type DdSettings = {
  input: string | undefined
  output: string | undefined
  ibs: number
  obs: number
  cbs: number
  /** Both sizes were given as one, so that what is read is written as it is. */
  same: boolean
  /** In blocks, or in bytes where the number said `B`. */
  count: { value: number; bytes: boolean } | undefined
  skip: { value: number; bytes: boolean }
  seek: { value: number; bytes: boolean }
  conversions: Set<string>
  iflags: Set<string>
  oflags: Set<string>
  status: 'default' | 'none' | 'noxfer' | 'progress'
}

const conversions =
  'ascii ebcdic ibm block unblock lcase ucase sparse swab sync excl nocreat notrunc noerror fdatasync fsync'.split(' ')
const flags =
  'append direct directory dsync sync fullblock nonblock noatime nocache noctty nofollow cio binary text count_bytes skip_bytes seek_bytes'.split(
    ' ',
  )

const most = 2 ** 53

/** `1k`, `2x512`, `10B`; `undefined` for what is no number. */
const numberOf = (text: string): { value: number; bytes: boolean } | undefined => {
  let value = 1
  let bytes = false
  for (const factor of text.split('x', 20)) {
    const found = /^([0-9]{1,18})([A-Za-z]*)$/.exec(factor)
    if (!found) return undefined
    const isBytes = /B$/.test(found[2]!)
    const scale = found[2] === 'B' ? 1 : suffixFactor(found[2]!)
    if (scale === undefined) return undefined
    value *= Number(found[1]) * scale
    bytes ||= isBytes && (found[2] === 'B' || !/^[kKMGTPEZY]i?B$/.test(found[2]!))
  }
  return value > most ? undefined : { value, bytes }
}

/** dd's operands, which are no options; `hint`: whether help is pointed to. */
export const ddSettings = (process: Process): DdSettings | { message: string; hint: boolean } => {
  const s: DdSettings = {
    input: undefined,
    output: undefined,
    ibs: 512,
    obs: 512,
    cbs: 0,
    same: false,
    count: undefined,
    skip: { value: 0, bytes: false },
    seek: { value: 0, bytes: false },
    conversions: new Set(),
    iflags: new Set(),
    oflags: new Set(),
    status: 'default',
  }
  const wrong = (message: string, hint: boolean): { message: string; hint: boolean } => ({ message, hint })
  let blockSize: number | undefined
  for (const word of process.argv.slice(1).filter((one, index) => !(one === '--' && index === 0))) {
    const equals = word.indexOf('=')
    const [key, value] = [word.slice(0, equals), word.slice(equals + 1)]
    const shown = quote(process, value)
    if (equals < 0) return wrong(`unrecognized operand ${quote(process, word)}`, true)
    if (key === 'if') s.input = value
    else if (key === 'of') s.output = value
    else if (key === 'conv' || key === 'iflag' || key === 'oflag') {
      const [set, known, what] =
        key === 'conv'
          ? [s.conversions, conversions, 'conversion']
          : ([key === 'iflag' ? s.iflags : s.oflags, flags, key === 'iflag' ? 'input flag' : 'output flag'] as const)
      for (const one of value.split(',')) {
        if (!known.includes(one)) return wrong(`invalid ${what}: ${quote(process, one)}`, true)
        set.add(one)
      }
    } else if (key === 'status') {
      if (value !== 'none' && value !== 'noxfer' && value !== 'progress')
        return wrong(`invalid status level: ${shown}`, true)
      s.status = value
    } else if (['bs', 'ibs', 'obs', 'cbs', 'count', 'skip', 'iseek', 'seek', 'oseek'].includes(key)) {
      const found = numberOf(value)
      const isSize = key.endsWith('bs')
      if (!found || (isSize && found.value === 0)) return wrong(`invalid number: ${shown}`, false)
      if (key === 'bs') blockSize = found.value
      else if (key === 'ibs') s.ibs = found.value
      else if (key === 'obs') s.obs = found.value
      else if (key === 'cbs') s.cbs = found.value
      else if (key === 'count') s.count = found
      else if (key === 'skip' || key === 'iseek') s.skip = found
      else s.seek = found
    } else return wrong(`unrecognized operand ${quote(process, word)}`, true)
  }
  if (blockSize !== undefined) {
    s.ibs = s.obs = blockSize
    s.same = true
  }
  if (s.iflags.has('count_bytes') && s.count) s.count.bytes = true
  if (s.iflags.has('skip_bytes')) s.skip.bytes = true
  if (s.oflags.has('seek_bytes')) s.seek.bytes = true
  return s
}
