import { Decimal, rescale } from '#sql/decimal.ts'
import { SqlError } from '#sql/error.ts'
import type { Type, Value } from '#sql/value.ts'
import { failed } from './errors.ts'
import { type Moment, momentOf, months, shownMoment, worded } from './moments.ts'
import { guidText } from './parameters.ts'
import { narrow, numberOf, textOf, widened } from './texts.ts'
import { guidBytes } from './typeinfo.ts'
import { isBytes, isMoment, isText } from './types.ts'

const ranges = new Map<string, readonly [bigint, bigint]>([
  ['bit', [-1n << 70n, 1n << 70n]],
  ['tinyint', [0n, 255n]],
  ['smallint', [-32_768n, 32_767n]],
  ['int', [-2_147_483_648n, 2_147_483_647n]],
  ['bigint', [-(1n << 63n), (1n << 63n) - 1n]],
])

/** CAST and CONVERT: a value as another type has it. `style` as CONVERT's third argument. */
export function castTo(value: Exclude<Value, null>, type: Type, from: Type, style = 0): Value {
  if (ranges.has(type.name)) return integer(value, type.name, from)
  if (isBytes(type)) return bytesOf(value, type, from, style)
  if (isMoment(type)) return momentText(value, type, from)
  switch (type.name) {
    case 'float':
    case 'real': {
      const n = number(value, type, from)
      return Number(String(n))
    }
    case 'decimal':
    case 'numeric':
      return exact(value, type, type.scale ?? 0, from)
    case 'money':
    case 'smallmoney':
      return exact(typeof value === 'string' ? value.replace(/[$,]/g, '') : value, type, 4, from)
    case 'uniqueidentifier': {
      if (isBytes(from)) return guidText(Buffer.from(textOf(value), 'latin1').subarray(0, 16))
      const text = textOf(value)
        .trim()
        .replace(/^\{|\}$/g, '')
      if (!/^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}/i.test(text))
        throw failed(8169, 'Conversion failed when converting from a character string to uniqueidentifier.', {
          state: 2,
          ends: true,
        })
      return text.slice(0, 36).toUpperCase()
    }
    case 'sql_variant':
      return value
    default:
      return text(value, type, from, style)
  }
}

function number(value: Exclude<Value, null>, type: Type, from: Type): bigint | number | Decimal {
  if (isBytes(from) && typeof value === 'string') {
    const raw = Buffer.from(value, 'latin1')
    return BigInt(`0x${raw.subarray(-8).toString('hex') || '0'}`)
  }
  const found = numberOf(value)
  if (found !== undefined) return found
  const shown = textOf(value).slice(0, 4000)
  if (type.name === 'int' || type.name === 'bit' || type.name === 'smallint' || type.name === 'tinyint')
    throw new SqlError('bad value', [type.name, shown, from.name === 'null' ? 'varchar' : from.name])
  throw failed(8114, `Error converting data type ${from.name} to ${type.name}.`, { state: 5, ends: true })
}

function integer(value: Exclude<Value, null>, name: string, from: Type): bigint {
  if (name === 'bit' && typeof value === 'string' && /^\s*(?:true|false)\s*$/i.test(value))
    return /true/i.test(value) ? 1n : 0n
  const n = number(value, { name }, from)
  if (typeof value === 'string' && isText(from) && typeof n !== 'bigint')
    throw new SqlError('bad value', [name, value.slice(0, 4000), from.name])
  let whole: bigint
  if (typeof n === 'bigint') whole = n
  else if (n instanceof Decimal) whole = BigInt(String(n).split('.')[0]!.replace(/^-?$/, '0'))
  else whole = Number.isFinite(n) ? BigInt(Math.trunc(n)) : 0n
  if (name === 'bit') return whole === 0n ? 0n : 1n
  const [least, most] = ranges.get(name)!
  if (isBytes(from))
    return name === 'bigint'
      ? BigInt.asIntN(64, whole)
      : name === 'int'
        ? BigInt.asIntN(32, whole)
        : BigInt.asUintN(8, whole)
  if (whole < least || whole > most)
    throw typeof value === 'string'
      ? failed(248, `The conversion of the ${from.name} value '${value.slice(0, 60)}' overflowed an ${name} column.`, {
          ends: true,
        })
      : new SqlError('out of range', [name])
  return whole
}
function exact(value: Exclude<Value, null>, type: Type, scale: number, from: Type): Decimal {
  const n = number(value, type, from)
  const found =
    n instanceof Decimal
      ? n
      : typeof n === 'bigint'
        ? new Decimal(n, 0)
        : new Decimal(BigInt(Math.round(n * 10 ** Math.min(scale, 15))), Math.min(scale, 15))
  const scaled = rescale(found, scale)
  const most = 10n ** BigInt(type.length ?? 19)
  if (scaled.digits >= most || scaled.digits <= -most) throw new SqlError('out of range', [type.name])
  return scaled
}

function bytesOf(value: Exclude<Value, null>, { name, length = -1 }: Type, from: Type, style: number): string {
  let raw: Buffer
  if (isBytes(from)) raw = Buffer.from(textOf(value), 'latin1')
  else if (typeof value === 'bigint') {
    const width =
      from.name === 'bigint' ? 8 : from.name === 'tinyint' || from.name === 'bit' ? 1 : from.name === 'smallint' ? 2 : 4
    raw = Buffer.alloc(width)
    for (let i = 0, n = BigInt.asUintN(width * 8, value); i < width; i++, n >>= 8n)
      raw[width - 1 - i] = Number(n & 255n)
  } else if (from.name === 'uniqueidentifier') raw = guidBytes(textOf(value))
  else if ((style === 1 || style === 2) && typeof value === 'string') {
    const digits = style === 1 ? value.replace(/^0x/i, '') : value
    if (!/^(?:[0-9a-f]{2})*$/i.test(digits))
      throw failed(8114, `Error converting data type ${from.name} to ${name}.`, { state: 5, ends: true })
    raw = Buffer.from(digits, 'hex')
  } else raw = /^n/.test(from.name) ? Buffer.from(textOf(value), 'utf16le') : narrow(textOf(value))
  const cut = length < 0 ? raw : raw.subarray(0, length)
  return (
    name === 'binary' && cut.length < length ? Buffer.concat([cut, Buffer.alloc(length - cut.length)]) : cut
  ).toString('latin1')
}

function momentText(value: Exclude<Value, null>, type: Type, from: Type): string {
  let when: Moment | undefined
  if (typeof value === 'bigint' || typeof value === 'number' || value instanceof Decimal) {
    const days = Number(String(value))
    // Days since 1900-01-01.
    when =
      Math.abs(days) < 3_000_000
        ? {
            days: Math.floor(days) - 25_567,
            ticks: BigInt(Math.round((days - Math.floor(days)) * 86_400_000)) * 10_000n,
          }
        : undefined
  } else when = momentOf(textOf(value))
  if (!when)
    throw isText(from)
      ? failed(241, 'Conversion failed when converting date and/or time from character string.', { ends: true })
      : failed(8115, `Arithmetic overflow error converting expression to data type ${type.name}.`, {
          state: 2,
          ends: true,
        })
  return momentAs(when, type)
}
export function momentAs(when: Moment, { name, scale = 7 }: Type): string {
  if (name === 'date') return shownMoment(when, 0, 'date')
  if (name === 'time') return shownMoment(when, scale, 'time')
  if (name === 'smalldatetime')
    return shownMoment({ days: when.days, ticks: (when.ticks / 600_000_000n) * 600_000_000n }, 0)
  if (name === 'datetimeoffset') return `${shownMoment(when, scale)} +00:00`
  if (name === 'datetime2') return shownMoment(when, scale)
  // DATETIME counts 300ths of a second.
  const parts = (when.ticks * 300n + 5_000_000n) / 10_000_000n
  return shownMoment({ days: when.days, ticks: ((parts * 1000n + 150n) / 300n) * 10_000n }, 3)
}

function text(value: Exclude<Value, null>, { name, length = -1 }: Type, from: Type, style: number): string {
  let shown: string
  if (isBytes(from))
    shown =
      style === 1 || style === 2
        ? `${style === 1 ? '0x' : ''}${Buffer.from(textOf(value), 'latin1').toString('hex').toUpperCase()}`
        : /^n/.test(name)
          ? Buffer.from(textOf(value), 'latin1').toString('utf16le')
          : widened(Buffer.from(textOf(value), 'latin1'))
  else if (isMoment(from) && typeof value === 'string') shown = styled(value, from, style)
  else if (typeof value === 'number') shown = String(Number(value.toPrecision(6))).replace(/e([+-])(\d)$/, 'e$10$2')
  else if (from.name === 'money' || from.name === 'smallmoney')
    shown = value instanceof Decimal ? String(rescale(value, style === 2 ? 4 : 2)) : textOf(value)
  else if (typeof value === 'boolean') shown = value ? '1' : '0'
  else shown = textOf(value)
  if (length >= 0 && shown.length > length) {
    if (typeof value === 'bigint') return '*'
    shown = shown.slice(0, length)
  }
  return /^n?char$/.test(name) && length > 0 ? shown.padEnd(length) : shown
}

/** CONVERT's styles for dates. */
function styled(value: string, from: Type, style: number): string {
  const when = momentOf(value)
  if (!when) return value
  if (style === 0 && from.name !== 'datetime' && from.name !== 'smalldatetime') return value
  const iso = shownMoment(when, 3)
  const [year, month, day] = [iso.slice(0, 4), iso.slice(5, 7), iso.slice(8, 10)]
  const time = iso.slice(11, 19)
  const short =
    style < 100 && style !== 0 && style !== 20 && style !== 21 && style !== 9 && style !== 13 && style !== 14
  const y = short ? year.slice(2) : year
  switch (style >= 100 && style < 120 ? style - 100 : style) {
    case 0:
      return worded(when)
    case 1:
      return `${month}/${day}/${y}`
    case 2:
      return `${y}.${month}.${day}`
    case 3:
      return `${day}/${month}/${y}`
    case 4:
      return `${day}.${month}.${y}`
    case 5:
      return `${day}-${month}-${y}`
    case 6:
      return `${day} ${months[Number(month) - 1]} ${y}`
    case 7:
      return `${months[Number(month) - 1]} ${day}, ${y}`
    case 8:
      return time
    case 9:
      return worded(when, true)
    case 10:
      return `${month}-${day}-${y}`
    case 11:
      return `${y}/${month}/${day}`
    case 12:
      return `${y}${month}${day}`
    case 13:
      return `${day} ${months[Number(month) - 1]} ${year} ${time}:${iso.slice(20, 23)}`
    case 14:
      return `${time}:${iso.slice(20, 23)}`
    case 20:
    case 120:
      return iso.slice(0, 19)
    case 126:
    case 127:
      return iso.replace(' ', 'T').replace(/\.000$/, '')
    default:
      return iso
  }
}
