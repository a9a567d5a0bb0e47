import {
  asNumber,
  asText,
  Bytes,
  bounded,
  Callable,
  Dict,
  display,
  Float,
  itemsOf,
  List,
  mostItems,
  Raised,
  repr,
  Tuple,
  typeName,
  Unknown,
  type Value,
} from './values.ts'

type Method = (args: Value[], named: ReadonlyMap<string, Value>) => Value
const text = asText

const strip = (value: string, chars: Value | undefined, ends: 'both' | 'left' | 'right'): string => {
  const set = chars === undefined || chars === null ? ' \t\n\r\f\v' : text(chars)
  let from = 0
  let to = value.length
  if (ends !== 'right') while (from < to && set.includes(value[from]!)) from++
  if (ends !== 'left') while (to > from && set.includes(value[to - 1]!)) to--
  return value.slice(from, to)
}

const split = (value: string, by: Value | undefined, most: Value | undefined): string[] => {
  const limit = most === undefined ? mostItems : asNumber(most) < 0 ? mostItems : asNumber(most)
  if (by === undefined || by === null) {
    const words = value
      .trim()
      .split(/\s+/)
      .filter(word => word !== '')
    return words.slice(0, mostItems)
  }
  const parts = value.split(text(by))
  return parts.length > limit + 1 ? [...parts.slice(0, limit), parts.slice(limit).join(text(by))] : parts
}

const codecs: ReadonlyMap<string, BufferEncoding> = new Map([
  ['utf-8', 'utf8'],
  ['utf8', 'utf8'],
  ['ascii', 'latin1'],
  ['latin-1', 'latin1'],
  ['latin1', 'latin1'],
  ['iso-8859-1', 'latin1'],
  ['utf-16le', 'utf16le'],
])
const rot13 = (value: string): string =>
  value.replace(/[a-z]/gi, char => {
    const base = char <= 'Z' ? 65 : 97
    return String.fromCharCode(((char.charCodeAt(0) - base + 13) % 26) + base)
  })

/** bytes.decode and str.encode, with the codecs that droppers hide behind. */
export const recode = (value: Value, name: string, way: 'decode' | 'encode'): Value => {
  const codec = name.toLowerCase().replace('_', '-')
  if (/^(hex|hex-codec)$/.test(codec))
    return way === 'decode'
      ? new Bytes(Buffer.from(text(value), 'hex'))
      : new Bytes(Buffer.from(Buffer.from(text(value), 'latin1').toString('hex')))
  if (/^base64/.test(codec))
    return way === 'decode'
      ? new Bytes(Buffer.from(text(value), 'base64'))
      : new Bytes(Buffer.from(Buffer.from(text(value), 'latin1').toString('base64')))
  if (/^rot[-_]?13$/.test(codec)) return rot13(text(value))
  const encoding = codecs.get(codec)
  if (!encoding) throw new Raised('LookupError', `unknown encoding: ${name}`)
  if (way === 'encode') return new Bytes(Buffer.from(text(value), encoding))
  return value instanceof Bytes ? value.data.toString(encoding) : text(value)
}

const strings = (value: string, wrap: (text: string) => Value): ReadonlyMap<string, Method> =>
  new Map<string, Method>([
    ['upper', () => wrap(value.toUpperCase())],
    ['lower', () => wrap(value.toLowerCase())],
    ['title', () => wrap(value.replace(/[a-z]+/gi, word => word[0]!.toUpperCase() + word.slice(1).toLowerCase()))],
    ['capitalize', () => wrap(value.slice(0, 1).toUpperCase() + value.slice(1).toLowerCase())],
    [
      'swapcase',
      () =>
        wrap([...value].map(char => (char === char.toUpperCase() ? char.toLowerCase() : char.toUpperCase())).join('')),
    ],
    ['strip', ([chars]) => wrap(strip(value, chars, 'both'))],
    ['lstrip', ([chars]) => wrap(strip(value, chars, 'left'))],
    ['rstrip', ([chars]) => wrap(strip(value, chars, 'right'))],
    [
      'split',
      ([by, most], named) => new List(split(value, by ?? named.get('sep'), most ?? named.get('maxsplit')).map(wrap)),
    ],
    ['splitlines', () => new List(value.replace(/\n$/, '').split(/\r?\n/).map(wrap))],
    [
      'partition',
      ([by]) => {
        const at = value.indexOf(text(by))
        return new Tuple(
          at < 0
            ? [wrap(value), wrap(''), wrap('')]
            : [wrap(value.slice(0, at)), by!, wrap(value.slice(at + text(by).length))],
        )
      },
    ],
    [
      'replace',
      ([from, to]) => {
        const [old, fresh] = [text(from), text(to)]
        if (fresh.length > 1 && value.length * fresh.length > 8 << 20) throw new Raised('MemoryError')
        return wrap(bounded(value.split(old).join(fresh)))
      },
    ],
    [
      'startswith',
      ([start]) => (start instanceof Tuple ? start.items : [start!]).some(one => value.startsWith(text(one))),
    ],
    ['endswith', ([end]) => (end instanceof Tuple ? end.items : [end!]).some(one => value.endsWith(text(one)))],
    ['find', ([part]) => value.indexOf(text(part))],
    ['rfind', ([part]) => value.lastIndexOf(text(part))],
    [
      'index',
      ([part]) => {
        const at = value.indexOf(text(part))
        if (at < 0) throw new Raised('ValueError', 'substring not found')
        return at
      },
    ],
    ['count', ([part]) => (text(part) === '' ? value.length + 1 : value.split(text(part)).length - 1)],
    [
      'join',
      ([list]) =>
        wrap(
          bounded(
            itemsOf(list ?? null)
              .map(text)
              .join(value),
          ),
        ),
    ],
    ['isdigit', () => /^\d+$/.test(value)],
    ['isalpha', () => /^[a-z]+$/i.test(value)],
    ['isalnum', () => /^[a-z0-9]+$/i.test(value)],
    ['isspace', () => /^\s+$/.test(value)],
    ['isupper', () => value !== value.toLowerCase() && value === value.toUpperCase()],
    ['islower', () => value !== value.toUpperCase() && value === value.toLowerCase()],
    ['zfill', ([width]) => wrap(value.padStart(Math.min(asNumber(width ?? 0), 10_000), '0'))],
    [
      'ljust',
      ([width, fill]) =>
        wrap(value.padEnd(Math.min(asNumber(width ?? 0), 10_000), fill === undefined ? ' ' : text(fill))),
    ],
    [
      'rjust',
      ([width, fill]) =>
        wrap(value.padStart(Math.min(asNumber(width ?? 0), 10_000), fill === undefined ? ' ' : text(fill))),
    ],
    ['encode', ([name]) => recode(value, name === undefined ? 'utf-8' : text(name), 'encode')],
    ['decode', ([name]) => recode(wrap(value), name === undefined ? 'utf-8' : text(name), 'decode')],
    ['hex', () => Buffer.from(value, 'latin1').toString('hex')],
    ['format', (args, named) => formatted(value, args, named)],
  ])

/** str.format: `{}`, `{0}`, `{name}`, with a form. */
const formatted = (pattern: string, args: Value[], named: ReadonlyMap<string, Value>): string => {
  let next = 0
  return bounded(
    pattern.replace(
      /\{\{|\}\}|\{(\w*)(?:!([rs]))?(?::([^{}]*))?\}/g,
      (whole, key: string | undefined, convert, form = '') => {
        if (key === undefined) return whole[0]!
        const value = key === '' ? args[next++] : /^\d+$/.test(key) ? args[Number(key)] : named.get(key)
        if (value === undefined)
          throw new Raised('IndexError', 'Replacement index 0 out of range for positional args tuple')
        return shaped(convert === 'r' ? repr(value) : value, form)
      },
    ),
  )
}

/** The small language of format(): fill, width, precision, kind. */
export const shaped = (value: Value, form: string): string => {
  const found = /^(?:(.)?([<>^=]))?([+ ])?(#)?(0)?(\d{1,4})?(,)?(?:\.(\d{1,3}))?([a-zA-Z%])?$/.exec(form)
  if (!found) return display(value)
  const [, fill = ' ', align, sign, alternate, zero, width, comma, precision, kind] = found
  let body = display(value)
  const numeric = typeof value === 'number' || value instanceof Float
  if (numeric) {
    const number = asNumber(value)
    if (kind === 'f' || kind === 'F') body = number.toFixed(Number(precision ?? 6))
    else if (kind === '%') body = `${(number * 100).toFixed(Number(precision ?? 6))}%`
    else if (kind === 'x' || kind === 'X' || kind === 'b' || kind === 'o') {
      body = Math.trunc(number).toString({ x: 16, X: 16, b: 2, o: 8 }[kind])
      if (kind === 'X') body = body.toUpperCase()
      if (alternate) body = `0${kind.toLowerCase()}${body}`
    } else if (kind === 'c') body = String.fromCodePoint(Math.max(0, Math.min(0x10ffff, number)))
    else if (precision !== undefined)
      body = String(Number(number.toPrecision(Math.max(1, Math.min(100, Number(precision))))))
    if (comma) body = body.replace(/\B(?=(\d{3})+(?!\d))/g, ',')
    if (sign === '+' && number >= 0) body = `+${body}`
  } else if (precision !== undefined) body = body.slice(0, Number(precision))
  const size = Math.min(Number(width ?? 0), 10_000)
  const filler = zero ? '0' : fill
  if (align === '<' || (!align && !numeric)) return body.padEnd(size, filler)
  if (align === '^') return body.padStart(Math.floor((size + body.length) / 2), filler).padEnd(size, filler)
  return body.padStart(size, filler)
}

const lists = (list: List): ReadonlyMap<string, Method> =>
  new Map<string, Method>([
    [
      'append',
      ([item]) => {
        if (list.items.length > mostItems) throw new Raised('MemoryError')
        list.items.push(item ?? null)
        return null
      },
    ],
    [
      'add',
      ([item]) => {
        if (!list.items.some(one => repr(one) === repr(item ?? null))) list.items.push(item ?? null)
        return null
      },
    ],
    [
      'extend',
      ([more]) => {
        list.items.push(...itemsOf(more ?? null).slice(0, mostItems))
        return null
      },
    ],
    [
      'insert',
      ([at, item]) => {
        list.items.splice(asNumber(at ?? 0), 0, item ?? null)
        return null
      },
    ],
    [
      'pop',
      ([at]) => {
        if (list.items.length === 0) throw new Raised('IndexError', 'pop from empty list')
        return (at === undefined ? list.items.pop() : list.items.splice(asNumber(at), 1)[0]) ?? null
      },
    ],
    [
      'remove',
      ([item]) => {
        const at = list.items.findIndex(one => repr(one) === repr(item ?? null))
        if (at < 0) throw new Raised('ValueError', 'list.remove(x): x not in list')
        list.items.splice(at, 1)
        return null
      },
    ],
    ['index', ([item]) => list.items.findIndex(one => repr(one) === repr(item ?? null))],
    ['count', ([item]) => list.items.filter(one => repr(one) === repr(item ?? null)).length],
    [
      'reverse',
      () => {
        list.items.reverse()
        return null
      },
    ],
    [
      'sort',
      () => {
        list.items.sort(compare)
        return null
      },
    ],
    ['copy', () => new List([...list.items], list.kind)],
    [
      'clear',
      () => {
        list.items.length = 0
        return null
      },
    ],
  ])

const dicts = (dict: Dict): ReadonlyMap<string, Method> =>
  new Map<string, Method>([
    ['get', ([key, usual]) => dict.get(key ?? null) ?? usual ?? null],
    ['keys', () => new List([...dict.entries.values()].map(([key]) => key))],
    ['values', () => new List([...dict.entries.values()].map(([, value]) => value))],
    ['items', () => new List([...dict.entries.values()].map(([key, value]) => new Tuple([key, value])))],
    [
      'update',
      ([more]) => {
        if (more instanceof Dict) for (const [key, value] of more.entries.values()) dict.set(key, value)
        return null
      },
    ],
    [
      'pop',
      ([key, usual]) => {
        const value = dict.get(key ?? null)
        dict.entries.delete(repr(key ?? null))
        if (value === undefined && usual === undefined) throw new Raised('KeyError', repr(key ?? null))
        return value ?? usual ?? null
      },
    ],
    [
      'setdefault',
      ([key, usual]) => {
        const found = dict.get(key ?? null)
        if (found !== undefined) return found
        dict.set(key ?? null, usual ?? null)
        return usual ?? null
      },
    ],
  ])

export const compare = (a: Value, b: Value): number => {
  if (typeof a === 'string' && typeof b === 'string') return a < b ? -1 : a > b ? 1 : 0
  if (a instanceof Bytes && b instanceof Bytes) return Buffer.compare(a.data, b.data)
  if ((a instanceof List || a instanceof Tuple) && (b instanceof List || b instanceof Tuple)) {
    for (let at = 0; at < Math.min(a.items.length, b.items.length); at++) {
      const order = compare(a.items[at]!, b.items[at]!)
      if (order !== 0) return order
    }
    return a.items.length - b.items.length
  }
  if (typeof a === 'string' || typeof b === 'string')
    throw new Raised('TypeError', `'<' not supported between instances of '${typeName(a)}' and '${typeName(b)}'`)
  return asNumber(a) - asNumber(b)
}

/** A method or attribute of a built-in value. */
export const attributeOf = (value: Value, name: string): Value => {
  const table =
    typeof value === 'string'
      ? strings(value, part => part)
      : value instanceof Bytes
        ? strings(value.data.toString('latin1'), part => new Bytes(Buffer.from(part, 'latin1')))
        : value instanceof List
          ? lists(value)
          : value instanceof Dict
            ? dicts(value)
            : undefined
  const method = table?.get(name)
  if (method) return new Callable(name, ({ args, named }) => method(args, named))
  if (name.startsWith('__')) throw new Unknown()
  throw new Raised('AttributeError', `'${typeName(value)}' object has no attribute '${name}'`)
}
