import { createHash, randomUUID } from 'node:crypto'
import type { Call } from '#sql/engine.ts'
import type { Type, Value } from '#sql/value.ts'
import { MysqlError } from '../errors.ts'
import { textOf, toBig, toNumber } from '../numbers.ts'
import { bigint, bytes, int, isBytes, longblob, text } from '../typing.ts'
import { bounded, LONGEST, lengthOf, loose, MANY, strict, type Table } from './define.ts'

const hashed = (name: string, length: number) =>
  strict([1, 1], text(length), ([value]) => createHash(name).update(textOf(value!), 'latin1').digest('hex'))

/** Bytes of a number, the highest first, as CHAR() makes them. */
function charOf(value: Value): string {
  if (value === null) return ''
  let n = Number(BigInt.asUintN(32, toBig(value)))
  let out = ''
  do {
    out = String.fromCharCode(n & 255) + out
    n = Math.floor(n / 256)
  } while (n > 0)
  return out
}

const hex = (value: Exclude<Value, null>): string =>
  typeof value === 'string'
    ? Buffer.from(value, 'latin1').toString('hex').toUpperCase()
    : BigInt.asUintN(64, toBig(value)).toString(16).toUpperCase()

function unhex(digits: string): Value {
  if (/[^0-9a-fA-F]/.test(digits)) return null
  return Buffer.from(digits.length % 2 ? `0${digits}` : digits, 'hex').toString('latin1')
}

const like = (types: readonly Type[]): Type => {
  const length = types.reduce((sum, type) => sum + lengthOf(type), 0)
  return types.some(isBytes) ? bytes(length) : text(length)
}
const same = ([first]: readonly Type[]): Type =>
  first && isBytes(first) ? bytes(lengthOf(first)) : text(lengthOf(first))

/** A number that is there where its arguments are. */
const whole =
  (length: number) =>
  (types: readonly Type[]): Type =>
    int(length, { notNull: types.every(type => type.notNull) })

/** The number that an argument is where it stands in the text. */
function literal(call: Call, at: number): number | undefined {
  const given = call.expression.args[at]
  return given?.is === 'literal' && given.of === 'integer' ? Number(given.text) : undefined
}
/** As long as that argument says. */
const sized =
  (at: number) =>
  (types: readonly Type[], call: Call): Type => {
    const type = same(types)
    const length = literal(call, at)
    return length === undefined ? type : { ...type, length }
  }
function repeated([type]: readonly Type[], call: Call): Type {
  const times = literal(call, 1)
  return times === undefined ? { name: 'longtext', length: 16_777_216 } : text(lengthOf(type) * times)
}
function replaced([type, from, to]: readonly Type[]): Type {
  const grows = Math.max(0, lengthOf(to) - lengthOf(from))
  return text(lengthOf(type) + Math.floor(lengthOf(type) / Math.max(1, lengthOf(from))) * grows)
}

function substring(value: string, from: bigint, length: bigint | undefined): string {
  const start = from > 0n ? Number(from) - 1 : value.length + Number(from)
  if (from === 0n || start < 0 || start >= value.length || (length !== undefined && length <= 0n)) return ''
  return value.slice(start, length === undefined ? undefined : start + Number(length))
}

function pad(value: string, length: number, filling: string, left: boolean): Value {
  if (length < 0 || length > LONGEST) return null
  if (value.length >= length) return value.slice(0, length)
  if (filling === '') return null
  const add = filling.repeat(Math.ceil((length - value.length) / filling.length)).slice(0, length - value.length)
  return left ? add + value : value + add
}

function trim(value: string, what: string, side: string): string {
  let out = value
  if (what === '') return out
  if (side !== 'trailing') while (out.startsWith(what)) out = out.slice(what.length)
  if (side !== 'leading') while (out.endsWith(what)) out = out.slice(0, -what.length)
  return out
}

function replaceAll(value: string, from: string, to: string): Value {
  if (from === '') return value
  const parts = value.split(from)
  return value.length + (parts.length - 1) * Math.max(0, to.length - from.length) > LONGEST ? null : parts.join(to)
}
const t = textOf
const found = (value: Exclude<Value, null>, needle: Exclude<Value, null>, from = 1): bigint =>
  BigInt(
    from < 1
      ? 0
      : t(value)
          .toLowerCase()
          .indexOf(t(needle).toLowerCase(), from - 1) + 1,
  )

function substringIndex(value: string, delimiter: string, count: number): string {
  if (delimiter === '' || count === 0) return ''
  const parts = value.split(delimiter)
  return count > 0 ? parts.slice(0, count).join(delimiter) : parts.slice(count).join(delimiter)
}

/** Every `name` of one shape. */
const each = <T>(names: string, one: T): [string, T][] => names.split(' ').map(name => [name, one])

/** An XPath that is none: what attackers read data out of an error with. */
const tags = (value: string): string => value.replace(/<[^>]*>/g, '')

export const strings: Table = new Map([
  ['concat', strict([1, MANY], like, args => bounded(args.map(t).join('')))],
  [
    'concat_ws',
    loose([2, MANY], like, ([separator, ...rest]) =>
      separator === null
        ? null
        : bounded(
            rest
              .filter(one => one !== null)
              .map(one => t(one!))
              .join(t(separator!)),
          ),
    ),
  ],
  ...each(
    'length octet_length',
    strict(
      [1, 1],
      ([type]) => int(10, { notNull: Boolean(type?.notNull) }),
      ([value]) => BigInt(t(value!).length),
    ),
  ),
  ['bit_length', strict([1, 1], int(11), ([value]) => BigInt(8 * t(value!).length))],
  ...each(
    'char_length character_length',
    strict(
      [1, 1],
      ([type]) => int(10, { notNull: Boolean(type?.notNull) }),
      ([value]) => BigInt([...Buffer.from(t(value!), 'latin1').toString('utf8')].length),
    ),
  ),
  ...each(
    'substring substr mid',
    strict([2, 3], sized(2), ([value, from, length]) =>
      substring(t(value!), toBig(from!), length === undefined ? undefined : toBig(length)),
    ),
  ),
  ['left', strict([2, 2], same, ([value, n]) => t(value!).slice(0, Math.max(0, toNumber(n!))))],
  ['right', strict([2, 2], same, ([value, n]) => (toNumber(n!) <= 0 ? '' : t(value!).slice(-toNumber(n!))))],
  ...each(
    'upper ucase',
    strict([1, 1], same, ([value]) => t(value!).replace(/[a-z]+/g, part => part.toUpperCase())),
  ),
  ...each(
    'lower lcase',
    strict([1, 1], same, ([value]) => t(value!).replace(/[A-Z]+/g, part => part.toLowerCase())),
  ),
  [
    'hex',
    strict(
      [1, 1],
      ([type]) =>
        text(type && /int/.test(type.name) ? 16 : 2 * lengthOf(type) * (type && !isBytes(type) ? 4 : 1), { scale: 0 }),
      ([value]) => bounded(hex(value!)),
    ),
  ],
  [
    'unhex',
    strict(
      [1, 1],
      ([type]) => bytes(Math.floor((lengthOf(type) * 4 + 1) / 2), { scale: 0 }),
      ([value]) => unhex(t(value!)),
    ),
  ],
  [
    'char',
    loose(
      [1, MANY],
      types => bytes(types.length * 4),
      args => args.map(charOf).join(''),
    ),
  ],
  ...each(
    'ascii ord',
    strict(
      [1, 1],
      ([type]) => int(3, { notNull: Boolean(type?.notNull) }),
      ([value]) => BigInt(t(value!).charCodeAt(0) || 0),
    ),
  ),
  ['md5', hashed('md5', 32)],
  ...each('sha sha1', hashed('sha1', 40)),
  [
    'sha2',
    strict([2, 2], text(128), ([value, bits]) =>
      /^(?:0|224|256|384|512)$/.test(t(bits!))
        ? createHash(`sha${toBig(bits!) || 256n}`)
            .update(t(value!), 'latin1')
            .digest('hex')
        : null,
    ),
  ],
  ['password', strict([1, 1], text(41), ([value]) => (value === '' ? '' : `*${nativeDigest(t(value!))}`))],
  ['crc32', strict([1, 1], int(10, { unsigned: true }), ([value]) => BigInt(crc32(Buffer.from(t(value!), 'latin1'))))],
  ['replace', strict([3, 3], replaced, ([value, from, to]) => replaceAll(t(value!), t(from!), t(to!)))],
  [
    'repeat',
    strict([2, 2], repeated, ([value, n]) =>
      t(value!).length * Math.max(0, toNumber(n!)) > LONGEST ? null : t(value!).repeat(Math.max(0, toNumber(n!))),
    ),
  ],
  ['reverse', strict([1, 1], same, ([value]) => [...t(value!)].reverse().join(''))],
  [
    'space',
    strict([1, 1], text(100), ([n]) => (toNumber(n!) > LONGEST ? null : ' '.repeat(Math.max(0, toNumber(n!))))),
  ],
  ['lpad', strict([2, 3], sized(1), ([value, n, fill = ' ']) => pad(t(value!), toNumber(n!), t(fill), true))],
  ['rpad', strict([2, 3], sized(1), ([value, n, fill = ' ']) => pad(t(value!), toNumber(n!), t(fill), false))],
  ['trim', strict([1, 3], same, ([value, what = ' ', side = 'both']) => trim(t(value!), t(what), t(side)))],
  ['ltrim', strict([1, 1], same, ([value]) => t(value!).replace(/^ +/, ''))],
  ['rtrim', strict([1, 1], same, ([value]) => trim(t(value!), ' ', 'trailing'))],
  [
    'locate',
    strict([2, 3], whole(11), ([needle, value, from]) =>
      found(value!, needle!, from === undefined ? 1 : toNumber(from)),
    ),
  ],
  ['instr', strict([2, 2], whole(11), ([value, needle]) => found(value!, needle!))],
  [
    'strcmp',
    strict([2, 2], whole(2), ([a, b]) => {
      const [x, y] = [t(a!).toLowerCase(), t(b!).toLowerCase()]
      return x < y ? -1n : x > y ? 1n : 0n
    }),
  ],
  [
    'field',
    loose([2, MANY], int(3), ([value, ...list]) =>
      BigInt(
        value === null
          ? 0
          : list.findIndex(one => one !== null && t(one!).toLowerCase() === t(value!).toLowerCase()) + 1,
      ),
    ),
  ],
  ['elt', loose([2, MANY], like, ([n, ...list]) => (n === null ? null : (list[toNumber(n!) - 1] ?? null)))],
  [
    'find_in_set',
    strict([2, 2], int(3, { notNull: false }), ([value, list]) => BigInt(t(list!).split(',').indexOf(t(value!)) + 1)),
  ],
  ['substring_index', strict([3, 3], same, ([value, by, n]) => substringIndex(t(value!), t(by!), toNumber(n!)))],
  [
    'insert',
    strict([4, 4], like, ([value, from, n, add]) => {
      const at = toNumber(from!)
      return at < 1 || at > t(value!).length
        ? t(value!)
        : t(value!).slice(0, at - 1) + t(add!) + t(value!).slice(at - 1 + Math.max(0, toNumber(n!)))
    }),
  ],
  ['quote', strict([1, 1], same, ([value]) => `'${t(value!).replace(/[\\']/g, '\\$&')}'`)],
  [
    'to_base64',
    strict([1, 1], same, ([value]) =>
      Buffer.from(t(value!), 'latin1')
        .toString('base64')
        .replace(/.{76}(?=.)/g, '$&\n'),
    ),
  ],
  [
    'from_base64',
    strict(
      [1, 1],
      ([type]) => bytes(lengthOf(type)),
      ([value]) => (/^[A-Za-z0-9+/=\s]*$/.test(t(value!)) ? Buffer.from(t(value!), 'base64').toString('latin1') : null),
    ),
  ],
  ['conv', strict([3, 3], text(65), ([value, from, to]) => converted(t(value!), toNumber(from!), toNumber(to!)))],
  ['bin', strict([1, 1], text(64), ([value]) => BigInt.asUintN(64, toBig(value!)).toString(2))],
  ['oct', strict([1, 1], text(64), ([value]) => BigInt.asUintN(64, toBig(value!)).toString(8))],
  ['soundex', strict([1, 1], same, ([value]) => soundex(t(value!)))],
  [
    'format',
    strict([2, 3], text(60), ([value, n]) =>
      toNumber(value!).toLocaleString('en-US', {
        minimumFractionDigits: Math.min(20, Math.max(0, toNumber(n!))),
        maximumFractionDigits: Math.min(20, Math.max(0, toNumber(n!))),
      }),
    ),
  ],
  [
    'extractvalue',
    strict([2, 2], text(65_535), ([value, path], call) => {
      xpath(t(path!), call.engine.dialect)
      return tags(t(value!))
    }),
  ],
  [
    'updatexml',
    strict([3, 3], text(65_535), ([value, path], call) => {
      xpath(t(path!), call.engine.dialect)
      return t(value!)
    }),
  ],
  ['load_file', strict([1, 1], longblob, ([name], { engine }) => (engine as unknown as Files).readFile(t(name!)))],
  ['uuid', loose([0, 0], text(36), () => randomUUID())],
  ['compress', strict([1, 1], longblob, ([value]) => t(value!))],
  ['uncompress', strict([1, 1], longblob, ([value]) => t(value!))],
  [
    'inet_aton',
    strict([1, 1], bigint(21, { unsigned: true }), ([value]) => {
      const parts = t(value!).split('.').map(Number)
      return parts.some(part => !(part >= 0 && part < 256))
        ? null
        : BigInt(parts.reduce((sum, part) => sum * 256 + part, 0))
    }),
  ],
  [
    'inet_ntoa',
    strict([1, 1], text(31), ([value]) => {
      const n = Number(BigInt.asUintN(32, toBig(value!)))
      return [24, 16, 8, 0].map(by => (n >>> by) & 255).join('.')
    }),
  ],
])
type Files = { readFile(path: string): Value }

function converted(value: string, from: number, to: number): Value {
  if (from < 2 || from > 36 || Math.abs(to) < 2 || Math.abs(to) > 36) return null
  let n = 0n
  for (const c of value.toLowerCase().replace(/^-/, '')) {
    const digit = Number.parseInt(c, 36)
    if (!(digit < from)) break
    n = BigInt.asUintN(64, n * BigInt(from) + BigInt(digit))
  }
  return n.toString(Math.abs(to)).toUpperCase()
}

export const nativeDigest = (password: string): string => {
  const once = createHash('sha1').update(password, 'latin1').digest()
  return createHash('sha1').update(once).digest('hex').toUpperCase()
}

function crc32(data: Buffer): number {
  let crc = 0xffffffff
  for (const byte of data) {
    crc ^= byte
    for (let i = 0; i < 8; i++) crc = crc & 1 ? (crc >>> 1) ^ 0xedb88320 : crc >>> 1
  }
  return (crc ^ 0xffffffff) >>> 0
}

function soundex(word: string): string {
  const codes = '01230120022455012623010202'
  let out = ''
  let last = ''
  for (const c of word.toUpperCase().replace(/[^A-Z]/g, '')) {
    const code = codes[c.charCodeAt(0) - 65]!
    if (out === '') out = c
    else if (code !== '0' && code !== last) out += code
    last = code
  }
  return out === '' ? '' : out.padEnd(4, '0')
}

/** What EXTRACTVALUE and UPDATEXML say of an XPath that begins with anything but a path: injections read data that way. */
function xpath(path: string, _: string): void {
  if (/^[\w/@*.(]/.test(path) && !/^~/.test(path)) return
  throw new MysqlError(1105, 'HY000', `XPATH syntax error: '${path.slice(0, 32)}'`)
}
