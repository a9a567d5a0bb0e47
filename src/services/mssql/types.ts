import type { TypeName } from '#sql/ast.ts'
import type { Type } from '#sql/value.ts'
import { failed } from './errors.ts'

const synonyms = new Map([
  ['integer', 'int'],
  ['dec', 'decimal'],
  ['character', 'char'],
  ['char varying', 'varchar'],
  ['character varying', 'varchar'],
  ['national char', 'nchar'],
  ['national character', 'nchar'],
  ['national varchar', 'nvarchar'],
  ['national text', 'ntext'],
  ['binary varying', 'varbinary'],
  ['double precision', 'float'],
  ['double', 'float'],
  ['rowversion', 'timestamp'],
])
/** sys.types: names with system_type_id and the bytes that a column has. */
export const systemTypes = new Map<string, readonly [id: number, bytes: number, precision: number]>([
  ['image', [34, 16, 0]],
  ['text', [35, 16, 0]],
  ['uniqueidentifier', [36, 16, 0]],
  ['date', [40, 3, 10]],
  ['time', [41, 5, 16]],
  ['datetime2', [42, 8, 27]],
  ['datetimeoffset', [43, 10, 34]],
  ['tinyint', [48, 1, 3]],
  ['smallint', [52, 2, 5]],
  ['int', [56, 4, 10]],
  ['smalldatetime', [58, 4, 16]],
  ['real', [59, 4, 24]],
  ['money', [60, 8, 19]],
  ['datetime', [61, 8, 23]],
  ['float', [62, 8, 53]],
  ['sql_variant', [98, 8016, 0]],
  ['ntext', [99, 16, 0]],
  ['bit', [104, 1, 1]],
  ['decimal', [106, 17, 38]],
  ['numeric', [108, 17, 38]],
  ['smallmoney', [122, 4, 10]],
  ['bigint', [127, 8, 19]],
  ['varbinary', [165, 8000, 0]],
  ['varchar', [167, 8000, 0]],
  ['binary', [173, 8000, 0]],
  ['char', [175, 8000, 0]],
  ['timestamp', [189, 8, 0]],
  ['nvarchar', [231, 8000, 0]],
  ['nchar', [239, 8000, 0]],
  ['xml', [241, -1, 0]],
])
const stretched = /^(?:n?(?:var)?char|(?:var)?binary)$/
const scaled = /^(?:time|datetime2|datetimeoffset)$/

/** A type as it is written; `length` stands for where none is: 1 in a declaration, 30 in a conversion, -1 for `max`. */
export function typeNamed({ name: written, sizes }: TypeName, length = 1): Type {
  const name = synonyms.get(written) ?? written
  if (name === 'sysname') return { name: 'nvarchar', length: 128 }
  if (name === 'table' || name === 'cursor' || name === 'hierarchyid' || name === 'geography' || name === 'geometry')
    return { name: 'nvarchar', length: -1 }
  if (!systemTypes.has(name))
    throw failed(2715, `Column, parameter, or variable #1: Cannot find data type ${written}.`, { state: 6, ends: true })
  if (stretched.test(name)) {
    const [size = length] = sizes
    return { name, length: size === 0 ? -1 : Math.min(8000, size) }
  }
  if (name === 'decimal' || name === 'numeric')
    return { name, length: Math.max(1, Math.min(38, sizes[0] ?? 18)), scale: Math.max(0, Math.min(38, sizes[1] ?? 0)) }
  if (name === 'float' && sizes[0] !== undefined && sizes[0] <= 24) return { name: 'real' }
  if (scaled.test(name)) return { name, scale: Math.max(0, Math.min(7, sizes[0] ?? 7)) }
  if (name === 'xml') return { name }
  return { name }
}

/** `nvarchar(20)`, `decimal(18,2)`, as tools show it. */
export const typeText = ({ name, length, scale }: Type): string =>
  stretched.test(name) && length !== undefined
    ? `${name}(${length < 0 ? 'max' : length})`
    : /^(?:decimal|numeric)$/.test(name)
      ? `${name}(${length},${scale})`
      : name

export const isText = ({ name }: Type): boolean => /char$|text$|^xml$|^sql_variant$/.test(name)
export const isBytes = ({ name }: Type): boolean => /binary$|^image$|^timestamp$/.test(name)
export const isMoment = ({ name }: Type): boolean => /date|^time$/.test(name)
/** From the weakest to the strongest: what a mixture of numbers becomes. */
const strength = [
  'bit',
  'tinyint',
  'smallint',
  'int',
  'bigint',
  'smallmoney',
  'money',
  'numeric',
  'decimal',
  'real',
  'float',
]
export const strengthOf = ({ name }: Type): number => strength.indexOf(name)

/** The type of a column that has values of all of these. "Data type precedence". */
export function common(types: readonly Type[]): Type {
  const known = types.filter(({ name }) => name !== 'null')
  if (known.length === 0) return { name: 'int' }
  const notNull = known.length === types.length && known.every(({ notNull }) => notNull)
  const moments = known.filter(isMoment)
  const numbers = known.filter(type => strengthOf(type) >= 0)
  const first = known[0]!
  let found: Type
  if (moments.length) found = moments[0]!
  else if (numbers.length) {
    found = numbers.reduce((best, one) => (strengthOf(one) > strengthOf(best) ? one : best))
    if (found.name === 'numeric' || found.name === 'decimal') {
      const scale = Math.max(...numbers.map(one => one.scale ?? 0))
      found = { name: found.name, length: 38, scale }
    }
  } else if (known.every(isText)) {
    const wide = known.some(({ name }) => /^n|^sql_|^xml/.test(name))
    const lengths = known.map(({ length = -1 }) => length)
    found = { name: wide ? 'nvarchar' : 'varchar', length: lengths.includes(-1) ? -1 : Math.max(...lengths) }
    if (known.every(({ name }) => name === first.name)) found = { ...found, name: first.name }
  } else found = first
  const { notNull: _, ...rest } = found
  return notNull ? { ...rest, notNull } : rest
}
