import type { Attribute, Entry } from './directory.ts'
import type { Rdn } from './dn.ts'
import {
  type AttributeType,
  attributeType,
  comparable,
  conforms,
  type ObjectClass,
  objectClass,
  withSups,
} from './schema.ts'
import { attributeOf, valuesOf } from './tree.ts'
import { Code, type Result, refused } from './wire.ts'

/** What slapd checks before it stores something (RFC 4512 §2.4, §2.5), with its words for what is wrong. */

/** A list of values from outside: known type, allowed, well-formed, none twice. */
export function checkValues(description: string, values: readonly string[]): AttributeType | Result {
  const type = attributeType(description)
  if (!type) return refused(Code.undefinedAttributeType, `${description.slice(0, 128)}: attribute type undefined`)
  if (type.kept) return refused(Code.constraintViolation, `${type.name}: no user modification allowed`)
  for (const [i, value] of values.entries())
    if (!conforms(type, value))
      return refused(Code.invalidAttributeSyntax, `${type.name}: value #${i} invalid per syntax`)
  if (type.single && values.length > 1)
    return refused(Code.constraintViolation, `${type.name}: multiple values provided`)
  const seen = new Set<string>()
  for (const [i, value] of values.entries()) {
    const form = comparable(type, value) ?? value
    if (seen.has(form))
      return refused(Code.attributeOrValueExists, `${type.name}: value #${Math.max(0, i - 1)} provided more than once`)
    seen.add(form)
  }
  return type
}

/** The class that says what an entry is; the chain of its classes has to be one. */
export function structuralOf(entry: Entry): ObjectClass | Result {
  const found = classesOf(entry)
  if (valuesOf(entry, 'objectClass').length === 0) return refused(Code.objectClassViolation, 'no objectClass attribute')
  let structural: ObjectClass | undefined
  for (const one of found) {
    if (one.kind !== 'STRUCTURAL') continue
    if (!structural || withSups(one).includes(structural)) structural = one
    else if (!withSups(structural).includes(one))
      return refused(
        Code.objectClassViolation,
        `invalid structural object class chain (${structural.name}/${one.name})`,
      )
  }
  return structural ?? refused(Code.objectClassViolation, 'no structural object class provided')
}
const classesOf = (entry: Entry): ObjectClass[] =>
  valuesOf(entry, 'objectClass').flatMap(name => objectClass(name) ?? [])

/** A whole entry against the schema; `undefined` when it may be. */
export function checkEntry(entry: Entry, rdn: Rdn): Result | undefined {
  for (const { type, values } of entry.attributes)
    if (values.length > 1 && attributeType(type)?.single)
      return refused(Code.constraintViolation, `attribute '${type}' cannot have multiple values`)
  const structural = structuralOf(entry)
  if ('code' in structural) return structural
  const [was] = valuesOf(entry, 'structuralObjectClass')
  if (was !== undefined && was !== structural.name)
    return refused(
      Code.objectClassModsProhibited,
      `structural object class modification from '${was}' to '${structural.name}' not allowed`,
    )
  const classes = classesOf(entry)
  for (const one of classes)
    for (const must of withSups(one).flatMap(each => each.must))
      if (valuesOf(entry, must.name).length === 0)
        return refused(Code.objectClassViolation, `object class '${one.name}' requires attribute '${must.name}'`)
  const may = new Set(classes.flatMap(withSups).flatMap(each => [...each.must, ...each.may]))
  const free = classes.some(({ name }) => name === 'extensibleObject')
  for (const { type } of entry.attributes) {
    const known = attributeType(type)!
    if (!known.operational && !free && !may.has(known))
      return refused(Code.objectClassViolation, `attribute '${type}' not allowed`)
  }
  return checkNaming(entry, rdn)
}

/** An entry has the values that its name has. */
function checkNaming(entry: Entry, rdn: Rdn): Result | undefined {
  for (const { type, value } of rdn)
    if (!holds(attributeOf(entry, type), value))
      return refused(Code.namingViolation, `value of naming attribute '${type}' is not present in entry`)
  return undefined
}
export function holds(attribute: Attribute | undefined, value: string): boolean {
  const type = attribute && attributeType(attribute.type)
  if (!type) return false
  const wanted = comparable(type, value)
  return attribute.values.some(one => comparable(type, one) === wanted)
}
