import { createHash } from 'node:crypto'
import { Decimal, decimalOf, rescale } from '#sql/decimal.ts'
import type { SqlFunction } from '#sql/engine.ts'
import {
  bounded,
  each,
  first,
  fixed,
  float,
  type Given,
  int,
  LONGEST,
  loose,
  type Named,
  n,
  strict,
  sysname,
  t,
  textLike,
  wide,
} from './define.ts'
import { failed } from './errors.ts'
import { matches } from './like.ts'
import { momentOf } from './moments.ts'
import { narrow, numberOf } from './texts.ts'
import { common } from './types.ts'

/** Functions that need nothing but their arguments: texts, numbers, choices. */
const cut = (text: string, from: number, length: number) =>
  text.slice(Math.max(0, from - 1), Math.max(0, from - 1 + length))
const real = (f: (...args: number[]) => number, count: readonly [number, number] = [1, 1]): SqlFunction =>
  strict(count, float, (...args) => {
    const found = f(...args.map(n))
    if (!Number.isFinite(found)) throw failed(3623, 'An invalid floating point operation occurred.', { ends: true })
    return found
  })
const places = (value: Given, digits: number, down: boolean): Given => {
  const found = numberOf(value) ?? 0n
  if (typeof found === 'number') {
    const by = 10 ** Math.max(-15, Math.min(15, digits))
    return (down ? Math.trunc(found * by) : Math.round(found * by)) / by
  }
  const exact = found instanceof Decimal ? found : new Decimal(found, 0)
  if (digits >= exact.scale) return value
  if (digits >= 0)
    return rescale(
      down ? new Decimal(exact.digits / 10n ** BigInt(exact.scale - digits), digits) : rescale(exact, digits),
      exact.scale,
    )
  const unit = 10n ** BigInt(Math.min(60, -digits))
  const whole = rescale(exact, 0).digits
  const rounded = ((whole + (down ? 0n : unit / 2n)) / unit) * unit
  return found instanceof Decimal ? rescale(new Decimal(rounded, 0), exact.scale) : rounded
}
const spaces = (count: number, text = ' ') =>
  count < 0 ? null : bounded(text.repeat(Math.min(LONGEST, Math.floor(count))))

export const plain: readonly Named[] = [
  ['len', strict([1, 1], int, value => BigInt(t(value).trimEnd().length))],
  [
    'datalength',
    {
      count: [1, 1],
      type: int,
      value: ([value], { expression }) =>
        value === null ? null : BigInt(sizeOf(value!, expression.args[0]?.is === 'literal')),
    },
  ],
  ['upper', strict([1, 1], textLike, value => t(value).toUpperCase())],
  ['lower', strict([1, 1], textLike, value => t(value).toLowerCase())],
  ['ltrim', strict([1, 1], textLike, value => t(value).trimStart())],
  ['rtrim', strict([1, 1], textLike, value => t(value).trimEnd())],
  ['trim', strict([1, 3], textLike, value => t(value).trim())],
  ['left', strict([2, 2], textLike, (value, count) => t(value!).slice(0, Math.max(0, n(count!))))],
  ['right', strict([2, 2], textLike, (value, count) => (n(count!) <= 0 ? '' : t(value!).slice(-n(count!))))],
  [
    'substring',
    strict([3, 3], textLike, (value, from, length) =>
      cut(t(value!), Math.max(1, n(from!)), n(length!) + Math.min(0, n(from!) - 1)),
    ),
  ],
  [
    'charindex',
    strict([2, 3], int, (needle, value, from) =>
      BigInt(
        t(value!)
          .toLowerCase()
          .indexOf(t(needle!).toLowerCase(), from === undefined ? 0 : Math.max(0, n(from) - 1)) + 1,
      ),
    ),
  ],
  ['patindex', strict([2, 2], int, (pattern, value) => patternAt(t(pattern!), t(value!).slice(0, 4000)))],
  [
    'replace',
    strict([3, 3], textLike, (value, from, to) =>
      t(from!) === '' ? value! : bounded(replaced(t(value!), t(from!), t(to!))),
    ),
  ],
  [
    'replicate',
    strict([2, 2], textLike, (value, count) =>
      t(value!).length * n(count!) > LONGEST ? spaces(LONGEST + 1, 'x') : spaces(n(count!), t(value!)),
    ),
  ],
  ['space', strict([1, 1], { name: 'varchar', length: 8000 }, count => spaces(Math.min(8000, n(count))))],
  ['reverse', strict([1, 1], textLike, value => [...t(value)].reverse().join(''))],
  [
    'stuff',
    strict([4, 4], textLike, (value, from, length, by) =>
      n(from!) < 1 ? null : t(value!).slice(0, n(from!) - 1) + t(by!) + t(value!).slice(n(from!) - 1 + n(length!)),
    ),
  ],
  ['ascii', strict([1, 1], int, value => (t(value) === '' ? null : BigInt(narrow(t(value))[0] ?? 0)))],
  ['unicode', strict([1, 1], int, value => (t(value) === '' ? null : BigInt(t(value).charCodeAt(0))))],
  [
    'char',
    strict([1, 1], { name: 'char', length: 1 }, code =>
      n(code) < 0 || n(code) > 255 ? null : String.fromCharCode(n(code)),
    ),
  ],
  [
    'nchar',
    strict([1, 1], { name: 'nchar', length: 1 }, code =>
      n(code) < 0 || n(code) > 65_535 ? null : String.fromCharCode(n(code)),
    ),
  ],
  ['quotename', strict([1, 2], wide(258), (value, mark) => quoted(t(value!), mark === undefined ? '[' : t(mark)))],
  ['concat', loose([2, 254], common, args => bounded(args.map(one => (one === null ? '' : t(one))).join('')))],
  [
    'concat_ws',
    loose([3, 254], wide(4000), ([by, ...args]) =>
      bounded(args.flatMap(one => (one === null ? [] : [t(one)])).join(by === null ? '' : t(by!))),
    ),
  ],
  [
    'str',
    strict([1, 3], { name: 'varchar', length: 10 }, (value, length, digits) =>
      n(value!)
        .toFixed(digits === undefined ? 0 : Math.max(0, Math.min(16, n(digits))))
        .padStart(Math.min(8000, length === undefined ? 10 : n(length))),
    ),
  ],
  [
    'translate',
    strict([3, 3], textLike, (value, from, to) => [...t(value!)].map(c => t(to!)[t(from!).indexOf(c)] ?? c).join('')),
  ],
  ['format', strict([2, 3], wide(4000), value => t(value!))],
  ['soundex', strict([1, 1], { name: 'varchar', length: 4 }, value => `${t(value).slice(0, 1).toUpperCase()}000`)],
  [
    'isnull',
    {
      count: [2, 2],
      type: ([a = int, b = int]) => (a.name === 'null' ? b : b.notNull ? { ...a, notNull: true } : a),
      value: ([a, b]) => a ?? b ?? null,
    },
  ],
  ['coalesce', loose([1, 254], common, args => args.find(one => one !== null) ?? null)],
  [
    'nullif',
    loose([2, 2], first, ([a, b]) =>
      a !== null && b !== null && t(a!).toLowerCase() === t(b!).toLowerCase() ? null : a!,
    ),
  ],
  [
    'iif',
    {
      count: [3, 3],
      type: ([, a = int, b = int]) => common([a, b]),
      value: ([condition, a, b]) => (condition === true ? a! : b!),
    },
  ],
  [
    'choose',
    {
      count: [2, 254],
      type: ([, ...rest]) => common(rest),
      value: ([at, ...rest]) => (at === null ? null : (rest[n(at!) - 1] ?? null)),
    },
  ],
  [
    'isnumeric',
    loose([1, 1], { name: 'int', notNull: true }, ([value]) =>
      value === null ||
      (typeof value === 'string' && (value.trim() === '' || numberOf(value!.replace(/[$,]/g, '')) === undefined))
        ? 0n
        : 1n,
    ),
  ],
  [
    'isdate',
    loose([1, 1], { name: 'int', notNull: true }, ([value]) =>
      value !== null && momentOf(t(value!)) && t(value!).trim().length > 3 ? 1n : 0n,
    ),
  ],
  [
    'abs',
    strict([1, 1], first, value =>
      n(value) >= 0
        ? value
        : typeof value === 'bigint'
          ? -value
          : (decimalOf(t(value).replace('-', '')) ?? Math.abs(n(value))),
    ),
  ],
  ['sign', strict([1, 1], first, value => BigInt(Math.sign(n(value))))],
  [
    'round',
    strict([2, 3], first, (value, digits, how) => places(value!, n(digits!), how !== undefined && n(how) !== 0)),
  ],
  ['floor', strict([1, 1], first, value => (typeof value === 'bigint' ? value : Math.floor(n(value))))],
  ['ceiling', strict([1, 1], first, value => (typeof value === 'bigint' ? value : Math.ceil(n(value))))],
  [
    'power',
    {
      count: [2, 2],
      type: first,
      value: ([a, b]) =>
        a === null || b === null
          ? null
          : typeof a === 'bigint'
            ? BigInt(Math.trunc(n(a!) ** n(b!)) || 0)
            : n(a!) ** n(b!),
    },
  ],
  ...[
    ['sqrt', Math.sqrt],
    ['square', (x: number) => x * x],
    ['exp', Math.exp],
    ['log', Math.log],
    ['log10', Math.log10],
    ['sin', Math.sin],
    ['cos', Math.cos],
    ['tan', Math.tan],
    ['atan', Math.atan],
    ['asin', Math.asin],
    ['acos', Math.acos],
  ].map(([name, f]): Named => [name as string, real(f as (x: number) => number)]),
  ['pi', fixed({ ...float, notNull: true }, () => Math.PI)],
  ['hashbytes', strict([2, 2], { name: 'varbinary', length: 8000 }, (how, value) => digest(t(how!), t(value!)))],
  [
    'checksum',
    loose([1, 254], int, args =>
      BigInt.asIntN(
        32,
        BigInt(
          `0x${createHash('md5')
            .update(args.map(one => (one === null ? '' : t(one))).join('\0'))
            .digest('hex')
            .slice(0, 8)}`,
        ),
      ),
    ),
  ],
  [
    'parsename',
    strict(
      [2, 2],
      sysname,
      (name, part) =>
        t(name!)
          .split('.')
          .at(-n(part!))
          ?.replace(/^\[|\]$/g, '') ?? null,
    ),
  ],
  ...each(
    'fn_varbintohexstr fn_sqlvarbasetostr',
    strict([1, 1], wide(-1), value => `0x${Buffer.from(t(value), 'latin1').toString('hex')}`),
  ),
  ['compress', strict([1, 1], { name: 'varbinary', length: -1 }, value => value)],
  ['decompress', strict([1, 1], { name: 'varbinary', length: -1 }, value => value)],
  ['json_value', strict([2, 2], wide(4000), () => null)],
  ['isjson', strict([1, 1], int, value => (/^\s*[[{]/.test(t(value)) ? 1n : 0n))],
  ['pwdencrypt', strict([1, 1], { name: 'varbinary', length: 256 }, value => `\x02\0${digest('SHA2_512', t(value))}`)],
  ['pwdcompare', loose([2, 3], int, () => 0n)],
]
const sizeOf = (value: Given, literal: boolean): number =>
  typeof value === 'string'
    ? literal || !/[^\0-\xff]/.test(value)
      ? value.length
      : value.length * 2
    : typeof value === 'number'
      ? 8
      : value instanceof Decimal
        ? 9
        : 4

function replaced(text: string, from: string, to: string): string {
  const lower = text.toLowerCase()
  const wanted = from.toLowerCase()
  if (lower.length !== text.length) return text.split(from).join(to)
  const parts: string[] = []
  let at = 0
  let size = 0
  for (let next = lower.indexOf(wanted); next >= 0 && size <= LONGEST; next = lower.indexOf(wanted, at)) {
    parts.push(text.slice(at, next), to)
    size += next - at + to.length
    at = next + from.length
  }
  parts.push(text.slice(at))
  return parts.join('')
}
function patternAt(pattern: string, text: string): bigint {
  const open = pattern.startsWith('%')
  const inner = open ? pattern.slice(1) : pattern
  if (!open) return matches(text, inner, undefined) ? 1n : 0n
  for (let at = 0; at < Math.min(text.length, 1000); at++)
    if (matches(text.slice(at), inner, undefined)) return BigInt(at + 1)
  return 0n
}
const quoted = (text: string, mark: string) =>
  mark.startsWith("'")
    ? `'${text.replaceAll("'", "''")}'`
    : mark.startsWith('"')
      ? `"${text.replaceAll('"', '""')}"`
      : `[${text.replaceAll(']', ']]')}]`
const digests = new Map([
  ['MD5', 'md5'],
  ['SHA', 'sha1'],
  ['SHA1', 'sha1'],
  ['SHA2_256', 'sha256'],
  ['SHA2_512', 'sha512'],
])
function digest(how: string, text: string): string | null {
  const name = digests.get(how.toUpperCase())
  return name === undefined ? null : createHash(name).update(text, 'latin1').digest().toString('latin1')
}
