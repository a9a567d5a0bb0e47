import openldap from '../../../data/openldap.json' with { type: 'json' }
import { normaliseDn } from './dn.ts'

/** The schema that Debian's slapd starts with (core, cosine, nis, inetorgperson), read from what it shows of it. */

export type AttributeType = {
  /** As entries and answers name it. */
  name: string
  oid: string
  sup: AttributeType | undefined
  equality: string | undefined
  ordering: string | undefined
  substrings: string | undefined
  syntax: string
  single: boolean
  /** NO-USER-MODIFICATION. */
  kept: boolean
  operational: boolean
}
export type ObjectClass = {
  name: string
  oid: string
  sups: readonly ObjectClass[]
  kind: 'STRUCTURAL' | 'AUXILIARY' | 'ABSTRACT'
  must: readonly AttributeType[]
  may: readonly AttributeType[]
}

/** Descriptions as in RFC 4512 §4.1: words, quoted strings, lists in parentheses. */
const tokens = (description: string): string[] => description.match(/'[^']*'|[^\s()$]+|[()]/g) ?? []
function words(description: string): Map<string, string[]> {
  const found = new Map<string, string[]>()
  const all = tokens(description).slice(1, -1)
  found.set('OID', [all[0]!])
  for (let i = 1; i < all.length; i++) {
    const key = all[i]!
    const values: string[] = []
    if (all[i + 1] === '(') for (i += 2; all[i] !== ')'; i++) values.push(all[i]!.replace(/^'|'$/g, ''))
    else if (!flags.has(key)) values.push(all[++i]!.replace(/^'|'$/g, ''))
    found.set(key, values)
  }
  return found
}
const flags = new Set([
  'SINGLE-VALUE',
  'NO-USER-MODIFICATION',
  'STRUCTURAL',
  'AUXILIARY',
  'ABSTRACT',
  'OBSOLETE',
  'COLLECTIVE',
])

const types = new Map<string, AttributeType>()
for (const description of openldap.attributeTypes) {
  const of = words(description)
  const sup = types.get((of.get('SUP')?.[0] ?? '').toLowerCase())
  const names = of.get('NAME') ?? []
  const type: AttributeType = {
    name: names[0]!,
    oid: of.get('OID')![0]!,
    sup,
    equality: of.get('EQUALITY')?.[0] ?? sup?.equality,
    ordering: of.get('ORDERING')?.[0] ?? sup?.ordering,
    substrings: of.get('SUBSTR')?.[0] ?? sup?.substrings,
    syntax: (of.get('SYNTAX')?.[0] ?? sup?.syntax ?? '').replace(/\{.*/, ''),
    single: of.has('SINGLE-VALUE'),
    kept: of.has('NO-USER-MODIFICATION'),
    operational: of.has('USAGE') && of.get('USAGE')![0] !== 'userApplications',
  }
  // As entries have it too, so that most look-ups are one.
  for (const name of [...names, type.oid]) types.set(name.toLowerCase(), type).set(name, type)
}
// slapd's own, which it hides: where its configuration is.
types.set('configcontext', {
  ...types.get('namingcontexts')!,
  name: 'configContext',
  oid: '1.3.6.1.4.1.4203.1.12.2.1',
})

const classes = new Map<string, ObjectClass>()
for (const description of openldap.objectClasses) {
  const of = words(description)
  const listed = (key: string) => (of.get(key) ?? []).flatMap(name => types.get(name.toLowerCase()) ?? [])
  const names = of.get('NAME') ?? []
  const one: ObjectClass = {
    name: names[0]!,
    oid: of.get('OID')![0]!,
    sups: (of.get('SUP') ?? []).flatMap(name => classes.get(name.toLowerCase()) ?? []),
    kind: of.has('AUXILIARY') ? 'AUXILIARY' : of.has('ABSTRACT') ? 'ABSTRACT' : 'STRUCTURAL',
    must: listed('MUST'),
    may: listed('MAY'),
  }
  for (const name of [...names, one.oid]) classes.set(name.toLowerCase(), one)
}

/** By name or number, options (`;lang-de`) aside. */
export const attributeType = (description: string): AttributeType | undefined =>
  types.get(description) ?? types.get(description.replace(/;.*/s, '').toLowerCase())
export const objectClass = (name: string): ObjectClass | undefined => classes.get(name.toLowerCase())

export const isA = (type: AttributeType | undefined, of: AttributeType): boolean =>
  type !== undefined && (type === of || isA(type.sup, of))
/** An object class and all above it. */
export const withSups = (one: ObjectClass): ObjectClass[] => [one, ...one.sups.flatMap(withSups)]

/** Rules by which values are compared, by name and number. */
const rules = new Map(
  openldap.matchingRules.flatMap(description => {
    const of = words(description)
    const name = of.get('NAME')![0]!
    return [name, of.get('OID')![0]!].map(key => [key.toLowerCase(), name] as const)
  }),
)
export const matchingRule = (name: string): string | undefined => rules.get(name.toLowerCase())

/** Comparable form of a value under an equality rule; `undefined` when it does not conform. */
export function normalise(rule: string | undefined, value: string): string | undefined {
  const squeezed = () => value.trim().replace(/ {2,}/g, ' ')
  switch (rule) {
    case 'caseIgnoreMatch':
      return isUtf8(value) && value !== '' ? squeezed().toLowerCase() : undefined
    case 'caseExactMatch':
      return isUtf8(value) && value !== '' ? squeezed() : undefined
    case 'caseIgnoreIA5Match':
      return isAscii(value) ? squeezed().toLowerCase() : undefined
    case 'caseExactIA5Match':
      return isAscii(value) ? squeezed() : undefined
    case 'integerMatch':
    case 'integerBitAndMatch':
    case 'integerBitOrMatch':
      return /^(?:0|-?[1-9]\d{0,63})$/.test(value) ? value : undefined
    case 'booleanMatch':
      return value === 'TRUE' || value === 'FALSE' ? value : undefined
    case 'distinguishedNameMatch':
    case 'uniqueMemberMatch':
      return normaliseDn(value)
    case 'objectIdentifierMatch':
      return (
        objectClass(value)?.name ?? attributeType(value)?.name ?? (/^\d+(?:\.\d+)+$/.test(value) ? value : undefined)
      )
    case 'telephoneNumberMatch':
      return value === '' ? undefined : value.replace(/[ -]/g, '').toLowerCase()
    case 'numericStringMatch':
      return /^[\d ]+$/.test(value) ? value.replaceAll(' ', '') : undefined
    case 'generalizedTimeMatch':
      return /^\d{10}(?:\d\d){0,2}(?:[.,]\d+)?(?:Z|[+-]\d\d(?:\d\d)?)$/.test(value)
        ? value.replace(/Z$/, '').padEnd(14, '0').concat('Z')
        : undefined
    case 'UUIDMatch':
      return /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i.test(value) ? value.toLowerCase() : undefined
    default:
      return value
  }
}
const isAscii = (value: string) => !/[\x80-\xff]/.test(value)
const strict = new TextDecoder('utf-8', { fatal: true })
export function isUtf8(value: string): boolean {
  if (isAscii(value)) return true
  try {
    strict.decode(Buffer.from(value, 'latin1'))
    return true
  } catch {
    return false
  }
}

/** Whether a value may be stored. */
export function conforms(type: AttributeType, value: string): boolean {
  if (type.equality === 'objectIdentifierMatch') return objectClass(value) !== undefined
  if (type.equality !== undefined && normalise(type.equality, value) === undefined) return false
  // Directory String, IA5 String, Telephone Number: RFC 4517 §3.3.
  if (type.syntax.endsWith('.121.1.15')) return value !== '' && isUtf8(value)
  return true
}

/** Normalised form for equality with this type's values. */
export const comparable = (type: AttributeType, value: string): string | undefined => normalise(type.equality, value)
