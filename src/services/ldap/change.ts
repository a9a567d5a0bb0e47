import { Malformed } from '#codec/malformed.ts'
import { checkEntry, checkValues, holds, structuralOf } from './check.ts'
import { csn, type Entry, entryUuid, generalizedTime } from './directory.ts'
import { formatDn, normaliseDn, normaliseRdns, parseDn, type Rdn } from './dn.ts'
import { attributeType, comparable } from './schema.ts'
import { clock, isRoot, type Ldap, ownTreeOf, shown, treeOf, userOf } from './session.ts'
import {
  afford,
  attributeOf,
  insert,
  isOurs,
  keyOf,
  move,
  type Node,
  nearest,
  remove,
  type Tree,
  valuesOf,
} from './tree.ts'
import { Code, ok, Reader, type Result, refused } from './wire.ts'

/** Add, delete and modify DN (RFC 4511 §4.7 to §4.9) on the attacker's own copy of the directory. */

export const isResult = (found: unknown): found is Result =>
  typeof found === 'object' && found !== null && 'code' in found
export const NOT_FOUND = (above: Node | undefined): Result => refused(Code.noSuchObject, '', above?.entry.dn ?? '')
/** There is no room: what a full database says. */
export const FULL = refused(Code.other, 'entry store failed')

/** Where a change would go; the result that forbids it otherwise. */
export function target(ldap: Ldap, name: string, root: string): { rdns: readonly Rdn[]; tree: Tree } | Result {
  const rdns = parseDn(name)
  if (!rdns) return refused(Code.invalidDNSyntax, 'invalid DN')
  if (rdns.length === 0) return refused(Code.unwillingToPerform, root)
  const key = normaliseRdns(rdns)
  if (!isOurs(treeOf(ldap), key) && key !== 'cn=config' && !key.endsWith(',cn=config'))
    return refused(Code.unwillingToPerform, 'no global superior knowledge')
  if (ldap.as.key === '') return refused(Code.strongerAuthRequired, 'modifications require authentication')
  if (!isOurs(treeOf(ldap), key)) return refused(Code.insufficientAccessRights)
  return { rdns, tree: ownTreeOf(ldap) }
}

/** Values of an attribute, changes of a request: each is compared with each. */
export const MOST_VALUES = 500

/** Attributes as they stand in an AddRequest, or in a change. */
export function readPartial(content: Buffer): { type: string; values: string[] } {
  const reader = new Reader(content)
  const type = reader.text()
  const values = Array.from(new Reader(reader.expect(0x31)).rest(), one => one.content.toString('latin1'))
  if (values.length > MOST_VALUES) throw new Malformed(`${values.length} values of one attribute`)
  return { type, values }
}
export const describeValues = (type: string, values: readonly string[]): string =>
  values.map(value => `${type}=${value}`).join(' ')

export function add(ldap: Ldap, content: Buffer): Result {
  const reader = new Reader(content)
  const name = reader.text()
  const given = Array.from(new Reader(reader.expect(0x30)).rest(), one => readPartial(one.content))
  const line = `ADD "${name}" ${given.map(one => describeValues(one.type, one.values)).join(' ')}`
  ldap.cx.record.command({ line: shown(line, 8192), verb: 'ADD' })
  if (given.some(({ values }) => values.length === 0))
    return refused(Code.protocolError, 'no values for attribute type')
  if (name.trim() === '') return refused(Code.entryAlreadyExists, 'root DSE already exists')
  const place = target(ldap, name, '')
  if (isResult(place)) return place
  const { rdns, tree } = place
  const entry: Entry = { dn: formatDn(rdns), attributes: [] }
  for (const { type: description, values } of given) {
    const type = checkValues(description, values)
    if (isResult(type)) return type
    if (attributeOf(entry, type.name))
      return refused(Code.attributeOrValueExists, `attribute '${type.name}' provided more than once`)
    entry.attributes.push({ type: type.name, values })
  }
  const conflict = nameInto(entry, rdns[0]!)
  if (conflict) return conflict
  const wrong = checkEntry(entry, rdns[0]!)
  if (wrong) return wrong
  if (tree.nodes.has(keyOf(rdns))) return refused(Code.entryAlreadyExists)
  const parent = tree.nodes.get(keyOf(rdns.slice(1)))
  if (!parent && tree.root) return NOT_FOUND(nearest(tree, rdns))
  if (!isRoot(ldap)) return refused(Code.insufficientAccessRights, 'no write access to parent')
  if (!afford(tree, content.length + 512)) return FULL
  const structural = structuralOf(entry)
  const at = clock(ldap)
  const by = ldap.as.dn
  entry.attributes.push(
    { type: 'structuralObjectClass', values: [isResult(structural) ? '' : structural.name] },
    { type: 'entryUUID', values: [entryUuid(at, ldap.cx.random(8))] },
    { type: 'creatorsName', values: [by] },
    { type: 'createTimestamp', values: [generalizedTime(at)] },
    { type: 'entryCSN', values: [newCsn(ldap)] },
    { type: 'modifiersName', values: [by] },
    { type: 'modifyTimestamp', values: [generalizedTime(at)] },
  )
  insert(tree, rdns, entry)
  const [password] = valuesOf(entry, 'userPassword')
  if (isAccount(entry))
    ldap.cx.record.accountChange({
      user: shown(userOf(rdns)),
      change: 'created',
      ...(password === undefined ? {} : { password: shown(password) }),
    })
  return ok
}
/** Somebody may log in by it. */
const isAccount = (entry: Entry): boolean =>
  valuesOf(entry, 'userPassword').length > 0 || valuesOf(entry, 'uid').length > 0
export const newCsn = (ldap: Ldap): string => csn(clock(ldap), ldap.cx.random(4).readUInt32BE() % 1_000_000)

/** The values of an entry's name are its own too. */
function nameInto(entry: Entry, rdn: Rdn): Result | undefined {
  for (const { type, value } of rdn) {
    const attribute = attributeOf(entry, type)
    if (holds(attribute, value)) continue
    if (attribute && attributeType(type)?.single)
      return refused(
        Code.namingViolation,
        `value of single-valued naming attribute '${type}' conflicts with value present in entry`,
      )
    if (attribute) attribute.values.push(value)
    else entry.attributes.push({ type, values: [value] })
  }
  return undefined
}

export function removeEntry(ldap: Ldap, content: Buffer): Result {
  const name = content.toString('latin1')
  ldap.cx.record.command({ line: shown(`DELETE "${name}"`, 1024), verb: 'DELETE' })
  if (parseDn(name)?.length === 1 && normaliseDn(name) === 'cn=config' && ldap.as.key !== '')
    return refused(Code.notAllowedOnNonLeaf)
  const place = target(ldap, name, 'cannot delete the root DSE')
  if (isResult(place)) return place
  const { tree, rdns } = place
  const node = tree.nodes.get(keyOf(rdns))
  if (!node) return NOT_FOUND(nearest(tree, rdns))
  if (!isRoot(ldap)) return refused(Code.insufficientAccessRights, 'no write access to parent')
  if (node.children.size > 0) return refused(Code.notAllowedOnNonLeaf, 'subordinate objects must be deleted first')
  remove(tree, node)
  if (isAccount(node.entry)) ldap.cx.record.accountChange({ user: shown(userOf(rdns)), change: 'removed' })
  return ok
}

export function rename(ldap: Ldap, content: Buffer): Result {
  const reader = new Reader(content)
  const [name, newRdn, deleteOld] = [reader.text(), reader.text(), reader.boolean()]
  const superior = reader.tag === 0x80 ? reader.text(0x80) : undefined
  const line = `MODRDN "${name}" "${newRdn}"${deleteOld ? ' deleteoldrdn' : ''}${superior === undefined ? '' : ` "${superior}"`}`
  ldap.cx.record.command({ line: shown(line, 2048), verb: 'MODRDN' })
  if (!parseDn(name)) return refused(Code.invalidDNSyntax, 'invalid DN')
  const [rdn, ...more] = parseDn(newRdn) ?? []
  if (!rdn || more.length > 0) return refused(Code.invalidDNSyntax, 'invalid new RDN')
  const above = superior === undefined ? undefined : parseDn(superior)
  if (superior !== undefined && !above) return refused(Code.invalidDNSyntax, 'invalid newSuperior')
  const place = target(ldap, name, 'cannot rename the root DSE')
  if (isResult(place)) return place
  const { tree, rdns } = place
  const outside = keyOf(rdns) === tree.suffix || (above && !isOurs(tree, keyOf(above)))
  if (outside) return refused(Code.affectsMultipleDSAs, 'cannot rename between DSAs')
  const node = tree.nodes.get(keyOf(rdns))
  if (!node) return NOT_FOUND(nearest(tree, rdns))
  if (!isRoot(ldap)) return refused(Code.insufficientAccessRights, "no write access to parent's children")
  if (above && !tree.nodes.has(keyOf(above))) return refused(Code.noSuchObject, 'new superior not found')
  const to = [rdn, ...(above ?? rdns.slice(1))]
  const key = keyOf(to)
  if (above && (keyOf(above) === node.key || keyOf(above).endsWith(`,${node.key}`)))
    return refused(Code.unwillingToPerform, 'cannot place an entry below itself')
  if (key !== node.key && tree.nodes.has(key)) return refused(Code.entryAlreadyExists)
  const entry = structuredClone(node.entry)
  if (deleteOld) for (const { type, value } of rdns[0]!) without(entry, type, value)
  nameInto(entry, rdn)
  const wrong = checkEntry(entry, rdn)
  if (wrong) return wrong
  if (!afford(tree, content.length)) return FULL
  stamp(ldap, entry)
  node.entry = entry
  move(tree, node, to)
  return ok
}

/** Takes a value away; an attribute without values is none. */
export function without(entry: Entry, name: string, value: string): void {
  const attribute = attributeOf(entry, name)
  const type = attribute && attributeType(attribute.type)
  if (!type) return
  const gone = comparable(type, value)
  attribute.values = attribute.values.filter(one => comparable(type, one) !== gone)
  if (attribute.values.length === 0) entry.attributes.splice(entry.attributes.indexOf(attribute), 1)
}

/** Who changed an entry, and when. */
export function stamp(ldap: Ldap, entry: Entry): void {
  const kept = new Set(['entryCSN', 'modifiersName', 'modifyTimestamp'])
  entry.attributes = entry.attributes.filter(({ type }) => !kept.has(type))
  entry.attributes.push(
    { type: 'entryCSN', values: [newCsn(ldap)] },
    { type: 'modifiersName', values: [ldap.as.dn] },
    { type: 'modifyTimestamp', values: [generalizedTime(clock(ldap))] },
  )
}
