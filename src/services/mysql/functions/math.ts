import { Decimal, decimalOf, negate, rescale, truncated } from '#sql/decimal.ts'
import type { SqlFunction } from '#sql/engine.ts'
import type { Type } from '#sql/value.ts'
import { compare, figure, parseDecimal, textOf, toBig, toNumber } from '../numbers.ts'
import { bigint, common, double, int } from '../typing.ts'
import { loose, MANY, strict, type Table } from './define.ts'

const real = (compute: (...n: number[]) => number, count: readonly [number, number] = [1, 1]): SqlFunction =>
  strict(count, double, args => {
    const value = compute(...args.map(toNumber))
    return Number.isFinite(value) ? value : null
  })

function rounded(value: Parameters<typeof figure>[0], places: number, cut: boolean) {
  const n = figure(value)
  if (typeof n === 'number') {
    const scale = 10 ** Math.max(-300, Math.min(300, places))
    return (cut ? Math.trunc(n * scale) : Math.sign(n) * Math.round(Math.abs(n) * scale)) / scale
  }
  if (places < 0) {
    const unit = 10n ** BigInt(Math.min(30, -places))
    const whole = toBig(value)
    return cut ? (whole / unit) * unit : ((whole + (whole < 0n ? -unit / 2n : unit / 2n)) / unit) * unit
  }
  if (typeof n === 'bigint') return n
  const made = cut ? truncated(n, Math.min(30, places)) : rescale(n, Math.min(n.scale, places))
  return made.scale === 0 ? made.digits : made
}
function floored([type]: readonly Type[]): Type {
  if (type?.name !== 'decimal') return bigint(21, type?.notNull ? { notNull: true } : {})
  return int((type.length ?? 10) - (type.scale ?? 0) + 2, { notNull: Boolean(type.notNull) })
}
const least = (sign: number): SqlFunction =>
  strict([2, MANY], common, args => args.reduce((best, one) => (compare(one, best) * sign < 0 ? one : best)))

export const math: Table = new Map<string, SqlFunction>([
  [
    'abs',
    strict(
      [1, 1],
      ([type]) => type!,
      ([value]) => {
        const n = figure(value!)
        return n instanceof Decimal ? (n.digits < 0n ? negate(n) : n) : n < 0 ? -n : n
      },
    ),
  ],
  ...['ceil', 'ceiling'].map((name): [string, SqlFunction] => [
    name,
    strict([1, 1], floored, ([value]) => BigInt(Math.ceil(toNumber(value!)))),
  ]),
  ['floor', strict([1, 1], floored, ([value]) => BigInt(Math.floor(toNumber(value!))))],
  [
    'round',
    strict(
      [1, 2],
      ([type, to]) =>
        to
          ? { ...type!, notNull: false }
          : type?.name === 'decimal'
            ? { ...type, length: (type.length ?? 10) - (type.scale ?? 0) + 1, scale: 0 }
            : type!,
      ([value, places]) => rounded(value!, places === undefined ? 0 : toNumber(places), false),
    ),
  ],
  [
    'truncate',
    strict(
      [2, 2],
      ([type]) => type!,
      ([value, places]) => rounded(value!, toNumber(places!), true),
    ),
  ],
  [
    'mod',
    strict(
      [2, 2],
      ([type]) => type!,
      ([a, b], { engine }) => engine.binary('%', a!, b!, [{ name: 'int' }, { name: 'int' }]),
    ),
  ],
  ['sign', strict([1, 1], int(2, { notNull: false }), ([value]) => BigInt(Math.sign(toNumber(value!))))],
  ...['pow', 'power'].map((name): [string, SqlFunction] => [name, real((a, b) => a ** b!, [2, 2])]),
  ['sqrt', real(Math.sqrt)],
  ['exp', real(Math.exp)],
  ['ln', real(Math.log)],
  ['log', real((a, b) => (b === undefined ? Math.log(a!) : Math.log(b) / Math.log(a!)), [1, 2])],
  ['log2', real(Math.log2)],
  ['log10', real(Math.log10)],
  ['sin', real(Math.sin)],
  ['cos', real(Math.cos)],
  ['tan', real(Math.tan)],
  ['asin', real(Math.asin)],
  ['acos', real(Math.acos)],
  ['atan', real((a, b) => (b === undefined ? Math.atan(a!) : Math.atan2(a!, b)), [1, 2])],
  ['radians', real(a => (a * Math.PI) / 180)],
  ['degrees', real(a => (a * 180) / Math.PI)],
  ['pi', loose([0, 0], { name: 'double', length: 8, scale: 6, notNull: true }, () => Math.PI)],
  ['rand', loose([0, 1], { ...double, notNull: true }, () => Math.random())],
  ['greatest', least(-1)],
  ['least', least(1)],
  [
    'interval',
    loose([2, MANY], int(3), ([value, ...rest]) =>
      BigInt(value === null ? -1 : rest.filter(one => one !== null && compare(one!, value!) <= 0).length),
    ),
  ],
  ['isnull', loose([1, 1], int(1), ([value]) => (value === null ? 1n : 0n))],
  [
    'if',
    loose(
      [3, 3],
      ([, a, b]) => common([a!, b!]),
      () => null,
    ),
  ],
  [
    'ifnull',
    loose(
      [2, 2],
      ([a, b]) => {
        const type = common([a!, b!])
        return a!.notNull || b!.notNull ? { ...type, notNull: true } : type
      },
      () => null,
    ),
  ],
  [
    'coalesce',
    loose(
      [1, MANY],
      types => {
        const type = common(types)
        return types.some(one => one.notNull) ? { ...type, notNull: true } : type
      },
      () => null,
    ),
  ],
  [
    'nullif',
    loose(
      [2, 2],
      ([a]) => ({ ...a!, notNull: false }),
      ([a, b]) => (a !== null && b !== null && compare(a!, b!) === 0 ? null : a!),
    ),
  ],
  [
    'bit_count',
    strict([1, 1], int(2), ([value]) =>
      BigInt(BigInt.asUintN(64, toBig(value!)).toString(2).replaceAll('0', '').length),
    ),
  ],
  [
    'name_const',
    loose(
      [2, 2],
      ([, b]) => b!,
      ([, b]) => b!,
    ),
  ],
  [
    'values',
    loose(
      [1, 1],
      ([a]) => ({ ...a!, notNull: false }),
      () => null,
    ),
  ],
])
export const decimalText = (value: string): Decimal => decimalOf(value) ?? parseDecimal(textOf(value))
