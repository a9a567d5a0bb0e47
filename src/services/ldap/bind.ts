import { rootDnOf } from './directory.ts'
import { formatDn, normaliseDn, normaliseRdns, parseDn, type Rdn } from './dn.ts'
import { isPlanted, verify } from './passwords.ts'
import { saslStep } from './sasl.ts'
import { type Ldap, shown, treeOf, userOf } from './session.ts'
import { isOurs, valuesOf } from './tree.ts'
import { Code, ok, Reader, type Result, refused } from './wire.ts'

/** BindRequest (RFC 4511 §4.2). */
export async function bind(ldap: Ldap, content: Buffer): Promise<Result> {
  const reader = new Reader(content)
  const version = reader.integer()
  const name = reader.text()
  const { tag, content: credentials } = reader.next()
  // Whatever comes of it: who was bound is no longer.
  ldap.as = { dn: '', key: '' }
  const password = tag === 0x80 ? credentials.toString('latin1') : undefined
  const sasl = tag === 0xa3 ? readSasl(credentials) : undefined
  const note = () => {
    if (password !== undefined) attempt(ldap, name, password, false)
    return undefined
  }
  if (version !== 3) {
    note()
    const why =
      version === 2
        ? 'historical protocol version requested, use LDAPv3 instead'
        : 'requested protocol version not supported'
    return refused(Code.protocolError, why)
  }
  const rdns = parseDn(name)
  if (!rdns) {
    note()
    return refused(Code.invalidDNSyntax, 'invalid DN')
  }
  if (sasl) return saslStep(ldap, sasl)
  ldap.sasl = undefined
  if (password === undefined) return refused(Code.authMethodNotSupported, 'unknown authentication method')
  return simple(ldap, rdns, name, password)
}

function readSasl(content: Buffer): { mechanism: string; credentials: Buffer | undefined } {
  const reader = new Reader(content)
  return { mechanism: reader.text(), credentials: reader.left > 0 ? reader.expect(0x04) : undefined }
}

/** Name and password (§5.1 of RFC 4513). */
function simple(ldap: Ldap, rdns: readonly Rdn[], name: string, password: string): Result {
  if (name === '' && password === '') {
    ldap.cx.record.login({ method: 'anonymous', outcome: 'success' })
    return ok
  }
  if (password === '' && rdns.length > 0) {
    attempt(ldap, name, password, false)
    return refused(Code.unwillingToPerform, 'unauthenticated bind (DN with no password) disallowed')
  }
  const key = normaliseRdns(rdns)
  const right = exists(ldap, key) && isRight(ldap, key, userOf(rdns), password)
  attempt(ldap, name, password, right)
  if (!right) return refused(Code.invalidCredentials)
  ldap.as = { dn: formatDn(rdns), key }
  return ok
}

/** The administrator, or an entry with a password of its own. */
function exists(ldap: Ldap, key: string): boolean {
  if (key === normaliseDn(rootDnOf(ldap.cx.persona))) return true
  const tree = treeOf(ldap)
  const node = isOurs(tree, key) ? tree.nodes.get(key) : undefined
  return node !== undefined && valuesOf(node.entry, 'userPassword').length > 0
}

/**
 * What was there from the beginning is nobody's to know: who is let in is decided as for every log-in of the house. A
 * password that this attacker set is the only one that is good.
 */
function isRight(ldap: Ldap, key: string, user: string, password: string): boolean {
  const node = treeOf(ldap).nodes.get(key)
  const stored = node ? valuesOf(node.entry, 'userPassword') : []
  if (stored.every(value => isPlanted(ldap.cx.persona, value))) return ldap.access.password(user, password)
  return stored.some(value => verify(value, password))
}

function attempt({ cx }: Ldap, name: string, password: string, right: boolean): void {
  if (name === '' && password === '') return
  cx.record.login({
    method: 'simple',
    user: shown(name),
    password: shown(password),
    outcome: right ? 'success' : 'failure',
  })
}
