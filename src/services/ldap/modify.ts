import { Malformed } from '#codec/malformed.ts'
import {
  describeValues,
  FULL,
  isResult,
  MOST_VALUES,
  NOT_FOUND,
  readPartial,
  stamp,
  target,
  without,
} from './change.ts'
import { checkEntry, checkValues, holds } from './check.ts'
import type { Entry } from './directory.ts'
import type { AttributeType } from './schema.ts'
import { type Ldap, mayWrite, shown, userOf } from './session.ts'
import { afford, attributeOf, keyOf, nearest, valuesOf } from './tree.ts'
import { Code, ok, Reader, type Result, refused } from './wire.ts'

/** ModifyRequest (RFC 4511 §4.6, RFC 4525): all of its changes, or none. */

type Change = { operation: number; type: string; values: string[] }
const NAMES = ['add', 'delete', 'replace', 'increment'] as const

export function modify(ldap: Ldap, content: Buffer): Result {
  const reader = new Reader(content)
  const name = reader.text()
  const changes = Array.from(new Reader(reader.expect(0x30)).rest(), (one): Change => {
    const change = new Reader(one.content)
    return { operation: change.integer(0x0a), ...readPartial(change.expect(0x30)) }
  })
  if (changes.length > MOST_VALUES) throw new Malformed(`${changes.length} changes`)
  const line = changes.map(
    one => `${NAMES[one.operation] ?? one.operation}: ${describeValues(one.type, one.values) || one.type}`,
  )
  ldap.cx.record.command({ line: shown(`MODIFY "${name}" ${line.join('; ')}`, 8192), verb: 'MODIFY' })
  for (const { operation, values } of changes) {
    if (NAMES[operation] === undefined) return refused(Code.protocolError, 'unrecognized modify operation')
    if (values.length === 0 && operation === 0)
      return refused(Code.protocolError, 'modify/add operation requires values')
    if (values.length !== 1 && operation === 3)
      return refused(
        Code.protocolError,
        values.length === 0
          ? 'modify/increment operation requires value'
          : 'modify/increment operation requires single value',
      )
  }
  const place = target(ldap, name, 'modify upon the root DSE not supported')
  if (isResult(place)) return place
  const typed: { change: Change; type: AttributeType }[] = []
  for (const change of changes) {
    const type = checkValues(change.type, change.values)
    if (isResult(type)) return type
    if (change.operation === 3 && type.equality !== 'integerMatch')
      return refused(Code.constraintViolation, `${type.name}: attribute syntax inappropriate for increment`)
    typed.push({ change, type })
  }
  const { tree, rdns } = place
  const node = tree.nodes.get(keyOf(rdns))
  if (!node) return NOT_FOUND(nearest(tree, rdns))
  if (!typed.every(({ type }) => mayWrite(ldap, node, type))) return refused(Code.insufficientAccessRights)
  const entry = structuredClone(node.entry)
  for (const { change, type } of typed) {
    const wrong = apply(entry, change, type)
    if (wrong) return wrong
  }
  const wrong = checkEntry(entry, rdns[0]!)
  if (wrong) return wrong
  if (!afford(tree, content.length)) return FULL
  stamp(ldap, entry)
  const before = valuesOf(node.entry, 'userPassword')
  node.entry = entry
  const password = valuesOf(entry, 'userPassword').find(value => !before.includes(value))
  if (password !== undefined)
    ldap.cx.record.accountChange({ user: shown(userOf(rdns)), change: 'password', password: shown(password) })
  return ok
}

function apply(entry: Entry, { operation, values }: Change, type: AttributeType): Result | undefined {
  const attribute = attributeOf(entry, type.name)
  switch (NAMES[operation]) {
    case 'add': {
      const at = values.findIndex(value => holds(attribute, value))
      if (at >= 0) return refused(Code.attributeOrValueExists, `modify/add: ${type.name}: value #${at} already exists`)
      if ((attribute?.values.length ?? 0) + values.length > MOST_VALUES) return FULL
      if (attribute) attribute.values.push(...values)
      else entry.attributes.push({ type: type.name, values: [...values] })
      return undefined
    }
    case 'delete': {
      if (!attribute) return refused(Code.noSuchAttribute, `modify/delete: ${type.name}: no such attribute`)
      if (!values.every(value => holds(attribute, value)))
        return refused(Code.noSuchAttribute, `modify/delete: ${type.name}: no such value`)
      if (values.length === 0) entry.attributes.splice(entry.attributes.indexOf(attribute), 1)
      for (const value of values) without(entry, type.name, value)
      return undefined
    }
    case 'replace': {
      if (attribute) entry.attributes.splice(entry.attributes.indexOf(attribute), 1)
      if (values.length > 0) entry.attributes.push({ type: type.name, values: [...values] })
      return undefined
    }
    default: {
      if (!attribute) return refused(Code.noSuchAttribute, `modify/increment: ${type.name}: no such attribute`)
      attribute.values = attribute.values.map(value => String(BigInt(value) + BigInt(values[0]!)))
      return undefined
    }
  }
}
