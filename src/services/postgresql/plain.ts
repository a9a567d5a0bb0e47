import { decimalOf, rescale, truncated } from '#sql/decimal.ts'
import type { SqlFunction } from '#sql/engine.ts'
import { SqlError } from '#sql/error.ts'
import type { Type, Value } from '#sql/value.ts'
import {
  bool,
  bounded,
  each,
  first,
  fixed,
  type Given,
  hashed,
  int,
  LONGEST,
  loose,
  n,
  name,
  real,
  strict,
  t,
  text,
} from './define.ts'
import { pgError } from './errors.ts'
import { typeOfOid, typeText } from './types.ts'

/** Functions that need nothing but their arguments. */
function substring(value: string, from: Given, length?: Given): string {
  if (typeof from === 'string' && !/^\s*-?\d+\s*$/.test(from)) return ''
  const start = n(from)
  const end = length === undefined ? value.length : start + n(length) - 1
  if (length !== undefined && n(length) < 0) throw pgError('22011', 'negative substring length not allowed')
  return value.slice(Math.max(0, start - 1), Math.max(0, end))
}
function rounded(value: Given, places: number, cut: boolean): Value {
  const decimal = decimalOf(t(value))
  if (!decimal) return n(value)
  return cut ? truncated(decimal, Math.max(0, places)) : rescale(decimal, Math.max(0, places))
}
const encodings = { hex: 'hex', base64: 'base64', escape: 'latin1' } as const
type Encoding = keyof typeof encodings
const encodingOf = (given: Given): 'hex' | 'base64' | 'latin1' => {
  const found = encodings[t(given).toLowerCase() as Encoding]
  if (!Object.hasOwn(encodings, t(given).toLowerCase()) || !found)
    throw pgError('22023', `unrecognized encoding: "${t(given)}"`, { where: ['encode.c', '60', 'binary_encode'] })
  return found
}

export const plain: readonly (readonly [string, SqlFunction])[] = [
  ...each(
    'length char_length character_length',
    strict([1, 1], int, value => BigInt([...Buffer.from(t(value), 'latin1').toString('utf8')].length)),
  ),
  ['octet_length', strict([1, 1], int, value => BigInt(t(value).length))],
  ['lower', strict([1, 1], text, value => t(value).replace(/[A-Z]+/g, part => part.toLowerCase()))],
  ['upper', strict([1, 1], text, value => t(value).replace(/[a-z]+/g, part => part.toUpperCase()))],
  [
    'initcap',
    strict([1, 1], text, value =>
      t(value)
        .toLowerCase()
        .replace(/\b[a-z]/g, c => c.toUpperCase()),
    ),
  ],
  ...each(
    'substring substr',
    strict([2, 3], text, (value, from, length) => substring(t(value), from!, length)),
  ),
  [
    'left',
    strict([2, 2], text, (value, count) =>
      n(count!) >= 0 ? t(value!).slice(0, n(count!)) : t(value!).slice(0, n(count!)),
    ),
  ],
  ['right', strict([2, 2], text, (value, count) => (n(count!) > 0 ? t(value!).slice(-n(count!)) : ''))],
  ['concat', loose([1, 1000], text, args => bounded(args.map(value => (value === null ? '' : t(value))).join('')))],
  [
    'concat_ws',
    loose([1, 1000], text, ([by, ...args]) =>
      by === null
        ? null
        : bounded(
            args
              .filter(value => value !== null)
              .map(value => t(value as Given))
              .join(t(by!)),
          ),
    ),
  ],
  [
    'replace',
    strict([3, 3], text, (value, from, to) =>
      bounded(t(from!) === '' ? t(value!) : t(value!).split(t(from!)).join(t(to!))),
    ),
  ],
  [
    'repeat',
    strict([2, 2], text, (value, times) =>
      t(value!).length * Math.max(0, n(times!)) > LONGEST
        ? bounded(' '.repeat(LONGEST + 1))
        : t(value!).repeat(Math.max(0, n(times!))),
    ),
  ],
  ['reverse', strict([1, 1], text, value => [...t(value)].reverse().join(''))],
  [
    'chr',
    strict([1, 1], text, value =>
      Buffer.from(String.fromCodePoint(Math.max(1, Math.min(0x10ffff, n(value)))), 'utf8').toString('latin1'),
    ),
  ],
  ['ascii', strict([1, 1], int, value => BigInt(t(value).charCodeAt(0) || 0))],
  ['position', strict([2, 2], int, (needle, value) => BigInt(t(value!).indexOf(t(needle!)) + 1))],
  ['strpos', strict([2, 2], int, (value, needle) => BigInt(t(value!).indexOf(t(needle!)) + 1))],
  ['split_part', strict([3, 3], text, (value, by, at) => t(value!).split(t(by!))[n(at!) - 1] ?? '')],
  [
    'trim',
    strict([1, 3], text, (value, set, side) =>
      trimmed(t(value!), set === undefined ? ' ' : t(set), side === undefined ? 'both' : t(side)),
    ),
  ],
  ['btrim', strict([1, 2], text, (value, set) => trimmed(t(value!), set === undefined ? ' ' : t(set), 'both'))],
  ['ltrim', strict([1, 2], text, (value, set) => trimmed(t(value!), set === undefined ? ' ' : t(set), 'leading'))],
  ['rtrim', strict([1, 2], text, (value, set) => trimmed(t(value!), set === undefined ? ' ' : t(set), 'trailing'))],
  [
    'lpad',
    strict([2, 3], text, (value, length, fill) =>
      t(value!)
        .padStart(Math.min(LONGEST, n(length!)), fill === undefined ? ' ' : t(fill))
        .slice(0, Math.max(0, n(length!))),
    ),
  ],
  [
    'rpad',
    strict([2, 3], text, (value, length, fill) =>
      t(value!)
        .padEnd(Math.min(LONGEST, n(length!)), fill === undefined ? ' ' : t(fill))
        .slice(0, Math.max(0, n(length!))),
    ),
  ],
  [
    'quote_ident',
    strict([1, 1], text, value =>
      /^[a-z_][a-z0-9_$]*$/.test(t(value)) ? t(value) : `"${t(value).replaceAll('"', '""')}"`,
    ),
  ],
  ['quote_literal', strict([1, 1], text, value => `'${t(value).replaceAll("'", "''")}'`)],
  ['md5', hashed('md5')],
  ['sha256', hashed('sha256')],
  ['encode', strict([2, 2], text, (value, how) => Buffer.from(t(value!), 'latin1').toString(encodingOf(how!)))],
  [
    'decode',
    strict([2, 2], { name: 'bytea' }, (value, how) => Buffer.from(t(value!), encodingOf(how!)).toString('latin1')),
  ],
  ['to_hex', strict([1, 1], text, value => BigInt.asUintN(64, BigInt(Math.trunc(n(value)))).toString(16))],
  ['to_char', strict([2, 2], text, value => t(value!))],
  ['to_number', strict([2, 2], { name: 'numeric' }, value => decimalOf(t(value!).replace(/[^\d.-]/g, '')) ?? null)],
  ['convert_from', strict([2, 2], text, value => t(value!))],
  ['convert_to', strict([2, 2], { name: 'bytea' }, value => t(value!))],
  [
    'format',
    loose([1, 1000], text, ([pattern, ...args]) => (pattern === null ? null : bounded(formatted(t(pattern!), args)))),
  ],
  ['regexp_replace', strict([3, 4], text, value => t(value!))],
  [
    'abs',
    strict([1, 1], first, value =>
      n(value) < 0 ? (decimalOf(t(value).replace('-', '')) ?? Math.abs(n(value))) : value,
    ),
  ],
  [
    'round',
    strict([1, 2], { name: 'numeric' }, (value, places) =>
      rounded(value!, places === undefined ? 0 : n(places), false),
    ),
  ],
  [
    'trunc',
    strict([1, 2], { name: 'numeric' }, (value, places) => rounded(value!, places === undefined ? 0 : n(places), true)),
  ],
  ...each('ceil ceiling', real(Math.ceil)),
  ['floor', real(Math.floor)],
  ['sqrt', real(Math.sqrt)],
  ...each(
    'power pow',
    real((a, b) => a! ** b!, [2, 2]),
  ),
  ['exp', real(Math.exp)],
  ['ln', real(Math.log)],
  [
    'mod',
    strict([2, 2], first, (a, b) => {
      if (n(b!) === 0) throw new SqlError('division by zero')
      return BigInt(Math.trunc(n(a!) % n(b!)))
    }),
  ],
  ['pi', fixed({ name: 'float8' }, () => Math.PI)],
  ['random', fixed({ name: 'float8' }, () => Math.random())],
  [
    'coalesce',
    loose(
      [1, 1000],
      types => types.find(({ name: one }) => one !== 'unknown') ?? text,
      () => null,
    ),
  ],
  ['nullif', loose([2, 2], first, ([a, b]) => (a !== null && b !== null && t(a!) === t(b!) ? null : a!))],
  ...['greatest', 'least'].map((word): [string, SqlFunction] => [
    word,
    loose([1, 1000], first, args =>
      args
        .filter(value => value !== null)
        .reduce<Value>(
          (best, value) => (best === null || n(value as Given) > n(best) === (word === 'greatest') ? value : best),
          null,
        ),
    ),
  ]),
  [
    'array_to_string',
    loose([2, 3], text, ([list, by, none]) =>
      Array.isArray(list)
        ? (list as Value[])
            .flatMap(value => (value === null ? (none ? [t(none)] : []) : [t(value)]))
            .join(t((by ?? '') as Given))
        : null,
    ),
  ],
  ['string_to_array', strict([2, 3], { name: 'text[]' }, (value, by) => t(value!).split(t(by!)))],
  ['array_length', strict([2, 2], int, list => (Array.isArray(list) && list.length ? BigInt(list.length) : null))],
  ...each(
    'array_upper cardinality',
    strict([1, 2], int, list => (Array.isArray(list) ? BigInt(list.length) : null)),
  ),
  [
    'unnest',
    strict(
      [1, 1],
      ([list = text]) => ({ name: list.name.replace('[]', '') }),
      list => list,
    ),
  ],
  ['generate_series', strict([2, 3], first, (from, to, by) => series(n(from!), n(to!), by === undefined ? 1 : n(by)))],
  ['regexp_split_to_table', strict([2, 2], text, (value, by) => t(value!).split(t(by!)))],
  ['pg_typeof', loose([1, 1], { name: 'regtype' }, () => 'text')],
  ['pg_size_pretty', strict([1, 1], text, value => pretty(n(value)))],
  ['pg_encoding_to_char', strict([1, 1], name, value => (n(value) === 6 ? 'UTF8' : n(value) === 0 ? 'SQL_ASCII' : ''))],
  [
    'format_type',
    loose([2, 2], text, ([oid, modifier]) =>
      oid === null
        ? null
        : typeText(modified(typeOfOid(Number(t(oid!))), modifier === null ? -1 : Number(t(modifier!)))),
    ),
  ],
  ['row_to_json', strict([1, 1], { name: 'json' }, value => t(value))],
  ['exists', loose([1, 1], bool, () => true)],
]
function formatted(pattern: string, args: readonly Value[]): string {
  let at = 0
  return pattern.replace(/%[sIL%]/g, mark => {
    if (mark === '%%') return '%'
    const value = args[at++] ?? null
    return value === null ? '' : t(value)
  })
}
function modified(type: string, modifier: number): Type {
  if (modifier < 4) return { name: type }
  if (type === 'numeric') return { name: type, length: (modifier - 4) >> 16, scale: (modifier - 4) & 0xffff }
  return { name: type, length: modifier - 4 }
}
function trimmed(value: string, set: string, side: string): string {
  let [from, to] = [0, value.length]
  if (side !== 'trailing') while (from < to && set.includes(value[from]!)) from++
  if (side !== 'leading') while (to > from && set.includes(value[to - 1]!)) to--
  return value.slice(from, to)
}
function series(from: number, to: number, by: number): Value {
  if (by === 0) throw pgError('22023', 'step size cannot equal zero')
  const count = Math.floor((to - from) / by) + 1
  if (count > 100_000) throw new SqlError('too much', ['steps'])
  return Array.from({ length: Math.max(0, count) }, (_, i) => BigInt(from + i * by))
}
const units = ['bytes', 'kB', 'MB', 'GB', 'TB']
function pretty(bytes: number): string {
  let [size, unit] = [bytes, 0]
  while (Math.abs(size) >= 10_240 && unit < 4) {
    size = Math.round(size / 1024)
    unit++
  }
  return `${size} ${units[unit]}`
}
