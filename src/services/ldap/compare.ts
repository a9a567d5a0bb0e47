import { isResult, NOT_FOUND } from './change.ts'
import { parseDn } from './dn.ts'
import { isOfClass } from './filter.ts'
import { rootDse } from './root-dse.ts'
import { attributeType, comparable } from './schema.ts'
import { type Ldap, mayRead, shown, treeOf } from './session.ts'
import { attributeOf, isOurs, keyOf, nearest } from './tree.ts'
import { Code, Reader, type Result, refused } from './wire.ts'

/** CompareRequest (RFC 4511 §4.10). */
export function compare(ldap: Ldap, content: Buffer): Result {
  const reader = new Reader(content)
  const name = reader.text()
  const assertion = new Reader(reader.expect(0x30))
  const [description, value] = [assertion.text(), assertion.text()]
  ldap.cx.record.command({ line: shown(`COMPARE "${name}" ${description}=${value}`, 2048), verb: 'COMPARE' })
  const rdns = parseDn(name)
  if (!rdns) return refused(Code.invalidDNSyntax, 'invalid DN')
  const type = attributeType(description)
  if (!type) return refused(Code.undefinedAttributeType)
  if (type.equality === undefined) return refused(Code.inappropriateMatching, 'inappropriate matching request')
  const wanted = comparable(type, value)
  if (wanted === undefined) return refused(Code.invalidAttributeSyntax, 'value does not conform to assertion syntax')
  const found = entryOf(ldap, keyOf(rdns), rdns)
  if (isResult(found)) return found
  if (!mayRead(ldap, found.key, type)) return refused(Code.insufficientAccessRights)
  const attribute = attributeOf(found.entry, type.name)
  if (!attribute) return refused(Code.noSuchAttribute)
  const isEqual = attribute.values.some(one =>
    type.equality === 'objectIdentifierMatch' ? isOfClass(one, wanted) : comparable(type, one) === wanted,
  )
  return { code: isEqual ? Code.compareTrue : Code.compareFalse }
}

function entryOf(ldap: Ldap, key: string, rdns: Parameters<typeof nearest>[1]) {
  if (key === '') return { key, entry: rootDse(ldap.cx.persona, ldap.cx.encrypted, ldap.cx.options.ntlm) }
  const tree = treeOf(ldap)
  if (!isOurs(tree, key)) return refused(Code.noSuchObject)
  return tree.nodes.get(key) ?? NOT_FOUND(nearest(tree, rdns))
}
