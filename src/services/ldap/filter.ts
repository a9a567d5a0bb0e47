import { Malformed } from '#codec/malformed.ts'
import {
  type AttributeType,
  attributeType,
  comparable,
  isA,
  matchingRule,
  normalise,
  objectClass,
  withSups,
} from './schema.ts'
import type { Node } from './tree.ts'
import { Reader } from './wire.ts'

/** Search filters (RFC 4511 §4.5.1.7). `type` is missing, or `wanted`, where nothing can match: then it is Undefined. */
export type Filter =
  | { kind: 'and' | 'or'; parts: readonly Filter[] }
  | { kind: 'not'; part: Filter }
  | { kind: 'undefined' }
  | { kind: 'present'; name: string; type: AttributeType | undefined }
  | {
      kind: 'equal' | 'approx' | 'atLeast' | 'atMost'
      name: string
      type: AttributeType | undefined
      value: string
      wanted: string | undefined
    }
  | {
      kind: 'like'
      name: string
      type: AttributeType | undefined
      first: string | undefined
      middle: readonly string[]
      last: string | undefined
    }
  | {
      kind: 'matching'
      rule: string | undefined
      name: string | undefined
      type: AttributeType | undefined
      value: string
      dn: boolean
      wanted: string | undefined
    }

/** Nesting, and items of one filter. */
const DEEPEST = 200
const MOST = 2000

export function readFilter(reader: Reader): Filter {
  let items = 0
  const read = (from: Reader, depth: number): Filter => {
    if (depth > DEEPEST || ++items > MOST) throw new Malformed('A filter too large')
    const { tag, content } = from.next()
    const inside = new Reader(content)
    switch (tag) {
      case 0xa0:
      case 0xa1: {
        const parts: Filter[] = []
        while (inside.left > 0) parts.push(read(inside, depth + 1))
        return { kind: tag === 0xa0 ? 'and' : 'or', parts }
      }
      case 0xa2:
        return { kind: 'not', part: read(inside, depth + 1) }
      case 0xa3:
      case 0xa5:
      case 0xa6:
      case 0xa8:
        return comparison(kinds.get(tag)!, inside)
      case 0xa4:
        return substrings(inside)
      case 0x87:
        return { kind: 'present', name: content.toString('latin1'), type: attributeType(content.toString('latin1')) }
      case 0xa9:
        return extensible(inside)
      default:
        return { kind: 'undefined' }
    }
  }
  return read(reader, 0)
}
const kinds = new Map([
  [0xa3, 'equal'],
  [0xa5, 'atLeast'],
  [0xa6, 'atMost'],
  [0xa8, 'approx'],
] as const)

function comparison(kind: 'equal' | 'approx' | 'atLeast' | 'atMost', reader: Reader): Filter {
  const name = reader.text()
  const value = reader.text()
  const type = attributeType(name)
  const ordered = kind === 'equal' || kind === 'approx' || type?.ordering !== undefined
  return { kind, name, type, value, wanted: type && ordered ? comparable(type, value) : undefined }
}

function substrings(reader: Reader): Filter {
  const name = reader.text()
  const found = attributeType(name)
  const type = found?.substrings === undefined ? undefined : found
  const pieces = {
    first: undefined as string | undefined,
    middle: [] as string[],
    last: undefined as string | undefined,
  }
  for (const { tag, content } of new Reader(reader.expect(0x30)).rest()) {
    const piece = folded(type, content.toString('latin1'))
    if (tag === 0x80) pieces.first = piece
    else if (tag === 0x82) pieces.last = piece
    else pieces.middle.push(piece)
  }
  if (pieces.first === undefined && pieces.last === undefined && pieces.middle.length === 0)
    return { kind: 'undefined' }
  return { kind: 'like', name, type, ...pieces }
}
const folded = (type: AttributeType | undefined, value: string): string =>
  type?.equality?.startsWith('caseIgnore') || type?.equality === 'telephoneNumberMatch' ? value.toLowerCase() : value

function extensible(reader: Reader): Filter {
  let [rule, name, value, dn]: [string?, string?, string?, boolean?] = []
  while (reader.left > 0) {
    const { tag, content } = reader.next()
    if (tag === 0x81) rule = content.toString('latin1')
    else if (tag === 0x82) name = content.toString('latin1')
    else if (tag === 0x83) value = content.toString('latin1')
    else if (tag === 0x84) dn = content[0] !== 0
  }
  if (value === undefined) throw new Malformed('A matching rule without a value')
  const type = name === undefined ? undefined : attributeType(name)
  const by = rule === undefined ? type?.equality : matchingRule(rule)
  return { kind: 'matching', rule, name, type, value, dn: dn ?? false, wanted: by && normalise(by, value) }
}

/** Items of a filter, which each entry is held against. */
export function sizeOf(filter: Filter): number {
  if (filter.kind === 'not') return 1 + sizeOf(filter.part)
  if (filter.kind !== 'and' && filter.kind !== 'or') return 1
  return filter.parts.reduce((sum, part) => sum + sizeOf(part), 1)
}

/** What a filter may look at: values of an attribute that the reader may see. */
export type Look = {
  values(node: Node, type: AttributeType): readonly string[]
  may(node: Node, type: AttributeType): boolean
}

/** RFC 4511 §4.5.1.7: TRUE, FALSE or Undefined. */
export function evaluate(filter: Filter, node: Node, look: Look): boolean | undefined {
  switch (filter.kind) {
    case 'and': {
      let all: boolean | undefined = true
      for (const part of filter.parts) {
        const found = evaluate(part, node, look)
        if (found === false) return false
        if (found === undefined) all = undefined
      }
      return all
    }
    case 'or': {
      let any: boolean | undefined = false
      for (const part of filter.parts) {
        const found = evaluate(part, node, look)
        if (found) return true
        if (found === undefined) any = undefined
      }
      return any
    }
    case 'not': {
      const found = evaluate(filter.part, node, look)
      return found === undefined ? undefined : !found
    }
    case 'undefined':
      return undefined
    case 'matching':
      return matches(filter, node, look)
    default: {
      const { type } = filter
      if (!type || !look.may(node, type)) return undefined
      const values = look.values(node, type)
      return filter.kind === 'present' ? values.length > 0 : compared(filter, type, values)
    }
  }
}

type Simple = Extract<Filter, { kind: 'equal' | 'approx' | 'atLeast' | 'atMost' | 'like' }>
function compared(filter: Simple, type: AttributeType, values: readonly string[]): boolean | undefined {
  if (filter.kind === 'like')
    return values.some(value => resembles(folded(type, value), filter.first, filter.middle, filter.last))
  const { wanted, kind } = filter
  if (wanted === undefined) return undefined
  return values.some(value => {
    if (type.equality === 'objectIdentifierMatch') return isOfClass(value, wanted)
    const own = comparable(type, value)
    if (own === undefined) return false
    if (kind === 'equal' || kind === 'approx') return own === wanted
    const order =
      type.equality === 'integerMatch'
        ? Math.sign(Number(own) - Number(wanted))
        : own < wanted
          ? -1
          : own > wanted
            ? 1
            : 0
    return kind === 'atLeast' ? order >= 0 : order <= 0
  })
}
/** A class's entries are those of the classes above it too (RFC 4512 §2.4.1). */
export function isOfClass(value: string, wanted: string): boolean {
  const own = objectClass(value)
  return own ? withSups(own).some(({ name }) => name === wanted) : value === wanted
}

function resembles(
  value: string,
  first: string | undefined,
  middle: readonly string[],
  last: string | undefined,
): boolean {
  if (first !== undefined && !value.startsWith(first)) return false
  let at = first?.length ?? 0
  for (const piece of middle) {
    const found = value.indexOf(piece, at)
    if (found < 0) return false
    at = found + piece.length
  }
  return last === undefined || (value.length - last.length >= at && value.endsWith(last))
}

/** Rules that compare the same kind of value. */
const families = [
  new Set(['caseIgnoreMatch', 'caseExactMatch']),
  new Set(['caseIgnoreIA5Match', 'caseExactIA5Match']),
  new Set(['integerMatch', 'integerBitAndMatch', 'integerBitOrMatch']),
]
const related = (a: string | undefined, b: string) =>
  a === b || families.some(family => a !== undefined && family.has(a) && family.has(b))

function matches(filter: Extract<Filter, { kind: 'matching' }>, node: Node, look: Look): boolean | undefined {
  const rule = filter.rule === undefined ? filter.type?.equality : matchingRule(filter.rule)
  const { wanted, type } = filter
  if (rule === undefined || wanted === undefined || (filter.name !== undefined && !type)) return undefined
  const fits = (value: string): boolean => {
    if (rule === 'integerBitAndMatch') return (BigInt(value) & BigInt(wanted)) === BigInt(wanted)
    if (rule === 'integerBitOrMatch') return (BigInt(value) & BigInt(wanted)) !== 0n
    return normalise(rule, value) === wanted
  }
  const usable = (of: AttributeType | undefined): of is AttributeType =>
    of !== undefined && (type === undefined || isA(of, type)) && related(of.equality, rule)
  for (const attribute of node.entry.attributes) {
    const own = attributeType(attribute.type)
    if (usable(own) && look.may(node, own) && attribute.values.some(fits)) return true
  }
  return filter.dn && node.rdns.some(rdn => rdn.some(ava => usable(attributeType(ava.type)) && fits(ava.value)))
}

/** As people write filters (RFC 4515). */
export function formatFilter(filter: Filter): string {
  switch (filter.kind) {
    case 'and':
    case 'or':
      return `(${filter.kind === 'and' ? '&' : '|'}${filter.parts.map(formatFilter).join('')})`
    case 'not':
      return `(!${formatFilter(filter.part)})`
    case 'undefined':
      return '(?=undefined)'
    case 'present':
      return `(${filter.name}=*)`
    case 'like':
      return `(${filter.name}=${[filter.first ?? '', ...filter.middle, filter.last ?? ''].map(quoted).join('*')})`
    case 'matching':
      return `(${filter.name ?? ''}${filter.dn ? ':dn' : ''}${filter.rule === undefined ? '' : `:${filter.rule}`}:=${quoted(filter.value)})`
    default:
      return `(${filter.name}${signs[filter.kind]}${quoted(filter.value)})`
  }
}
const signs = { equal: '=', approx: '~=', atLeast: '>=', atMost: '<=' } as const
const quoted = (value: string): string =>
  value.replace(/[*()\\\0]/g, char => `\\${char.charCodeAt(0).toString(16).padStart(2, '0')}`)
