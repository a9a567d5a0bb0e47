import { sequence, tlv } from '#codec/der.ts'
import { Malformed } from '#codec/malformed.ts'
import { stamp } from './change.ts'
import { parseDn } from './dn.ts'
import { storedPassword, verify } from './passwords.ts'
import {
  CANCEL,
  END_TRANSACTION,
  extensionsOf,
  PASSWORD_MODIFY,
  START_TLS,
  START_TRANSACTION,
  WHO_AM_I,
} from './root-dse.ts'
import { attributeType } from './schema.ts'
import { type Ldap, mayWrite, ownTreeOf, shown, userOf } from './session.ts'
import { afford, keyOf, valuesOf } from './tree.ts'
import { Code, ok, Reader, type Result, refused } from './wire.ts'

/** ExtendedRequest (RFC 4511 §4.12). */

/** Who it is that asks again in TLS comes after the result is sent. */
export type Extended = Result & { startTls?: true }

export function extended(ldap: Ldap, id: number, content: Buffer): Extended {
  const reader = new Reader(content)
  const oid = reader.text(0x80)
  const value = reader.tag === 0x81 ? reader.expect(0x81) : undefined
  const { cx } = ldap
  cx.record.command({ line: shown(`EXTENDED ${names.get(oid) ?? oid}`), verb: 'EXTENDED' })
  if (!extensionsOf(cx.persona).includes(oid)) return refused(Code.protocolError, 'unsupported extended operation')
  const unexpected = refused(Code.protocolError, 'no request data expected')
  switch (oid) {
    case START_TLS:
      if (value !== undefined) return unexpected
      if (cx.encrypted) return refused(Code.operationsError, 'TLS already started')
      return { ...ok, startTls: true }
    case WHO_AM_I: {
      if (value !== undefined) return unexpected
      const { dn } = ldap.as
      return { ...ok, more: [tlv(0x8b, Buffer.from(dn === '' ? '' : `dn:${dn}`, 'latin1'))] }
    }
    case CANCEL: {
      if (value === undefined) return refused(Code.protocolError, 'no message ID supplied')
      // Nothing is ever under way here but the request itself.
      return cancelled(value) === id ? ok : refused(Code.noSuchOperation, 'message ID not found')
    }
    case PASSWORD_MODIFY:
      return changePassword(ldap, value)
    default:
      return transaction(ldap, oid, value)
  }
}
const names = new Map([
  [START_TLS, 'StartTLS'],
  [WHO_AM_I, 'WhoAmI'],
  [CANCEL, 'Cancel'],
  [PASSWORD_MODIFY, 'PasswordModify'],
  [START_TRANSACTION, 'StartTransaction'],
  [END_TRANSACTION, 'EndTransaction'],
])

function cancelled(value: Buffer): number | undefined {
  try {
    return new Reader(new Reader(value).expect(0x30)).integer()
  } catch (error) {
    if (error instanceof Malformed) return undefined
    throw error
  }
}

/** RFC 5805: what would be in one transaction is done at once here. */
function transaction(ldap: Ldap, oid: string, value: Buffer | undefined): Result {
  if (ldap.as.key === '') return refused(Code.strongerAuthRequired, 'modifications require authentication')
  if (oid === START_TRANSACTION)
    return value === undefined
      ? { ...ok, more: [tlv(0x8b, Buffer.alloc(0))] }
      : refused(Code.protocolError, 'no request data expected')
  return value === undefined
    ? refused(Code.protocolError, 'request data expected')
    : refused(Code.protocolError, 'invalid transaction identifier')
}

type PasswordChange = { identity: string | undefined; old: string | undefined; next: string | undefined }
function readChange(value: Buffer | undefined): PasswordChange {
  const found: PasswordChange = { identity: undefined, old: undefined, next: undefined }
  if (!value) return found
  const reader = new Reader(new Reader(value).expect(0x30))
  for (const { tag, content } of reader.rest())
    if (tag === 0x80) found.identity = content.toString('latin1')
    else if (tag === 0x81) found.old = content.toString('latin1')
    else if (tag === 0x82) found.next = content.toString('latin1')
  return found
}

/** RFC 3062. */
function changePassword(ldap: Ldap, value: Buffer | undefined): Result {
  const { cx, as } = ldap
  const { identity, old, next } = readChange(value)
  const rdns = parseDn(identity ?? as.dn)
  const user = rdns ? userOf(rdns) : (identity ?? '')
  if (next !== undefined)
    cx.record.accountChange({ user: shown(user), change: 'password asked for', password: shown(next) })
  if (as.key === '') return refused(Code.strongerAuthRequired, 'only authenticated users may change passwords')
  if (!rdns) return refused(Code.invalidAttributeSyntax, 'Invalid DN')
  const tree = ownTreeOf(ldap)
  const node = tree.nodes.get(keyOf(rdns))
  if (!node) return refused(Code.noSuchObject)
  if (old !== undefined && !isOld(ldap, node.key, valuesOf(node.entry, 'userPassword'), userOf(rdns), old))
    return refused(Code.unwillingToPerform, 'unwilling to verify old password')
  if (!mayWrite(ldap, node, attributeType('userPassword')!)) return refused(Code.insufficientAccessRights)
  if (!afford(tree, 64)) return refused(Code.other, 'entry store failed')
  // Who says no new one is given one (slap_passwd_generate).
  const made = next ?? cx.random(6).toString('base64').replaceAll('/', 'a').replaceAll('+', 'b').slice(0, 8)
  const { entry } = node
  entry.attributes = entry.attributes.filter(({ type }) => type !== 'userPassword')
  entry.attributes.push({ type: 'userPassword', values: [storedPassword(made, cx.random(4))] })
  stamp(ldap, entry)
  return next === undefined ? { ...ok, more: [tlv(0x8b, sequence(tlv(0x80, Buffer.from(made))))] } : ok
}

/** The password that somebody is bound with is right, whatever is stored. */
const isOld = (ldap: Ldap, key: string, stored: readonly string[], user: string, old: string): boolean =>
  stored.some(one => verify(one, old)) || (ldap.as.key === key && ldap.access.password(user, old))
