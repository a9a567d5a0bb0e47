import { createHash } from 'node:crypto'
import { isIP, isIPv4 } from 'node:net'
import { Code, Perm, Refusal } from './codes.ts'
import type { Acl } from './jute.ts'

/** Who may do what with a node: the schemes world, auth, digest and ip. */

export type Identity = { scheme: string; id: string }

/** DigestAuthenticationProvider.generateDigest: the name, and SHA-1 of name and password in base64. */
export const digestOf = (said: Buffer): string => {
  const name = said.toString().split(':', 1)[0]!
  return `${name}:${createHash('sha1').update(said.toString()).digest('base64')}`
}

export function demand(acl: readonly Acl[], perm: number, identities: readonly Identity[]): void {
  if (acl.length === 0) return
  for (const entry of acl) {
    if ((entry.perms & perm) === 0) continue
    if (entry.scheme === 'world' && entry.id === 'anyone') return
    if (identities.some(({ scheme, id }) => scheme === entry.scheme && matches(entry, id))) return
  }
  throw new Refusal(Code.noAuth)
}
const matches = ({ scheme, id }: Acl, given: string): boolean => (scheme === 'ip' ? within(id, given) : id === given)

/** Is an IPv4 or IPv6 address in `ADDRESS` or `ADDRESS/BITS`? */
function within(range: string, address: string): boolean {
  const [base = '', bits] = range.split('/', 2)
  const [ours, theirs] = [octets(base), octets(address)]
  if (!ours || !theirs || ours.length !== theirs.length) return false
  let left = bits === undefined ? ours.length * 8 : Number(bits)
  for (let i = 0; i < ours.length && left > 0; i++, left -= 8) {
    const mask = left >= 8 ? 0xff : (0xff << (8 - left)) & 0xff
    if (((ours[i]! ^ theirs[i]!) & mask) !== 0) return false
  }
  return true
}
/** As its v4addr2Bytes reads them: of IPv6 it knows only addresses that are alike. */
const octets = (address: string): number[] | undefined =>
  isIPv4(address) ? address.split('.').map(Number) : isIP(address) ? [...Buffer.from(address)] : undefined

/** PrepRequestProcessor.fixupACL: `auth` becomes whoever the client is; what is no rule is refused. */
export function settled(list: readonly Acl[], identities: readonly Identity[]): Acl[] {
  const found = new Map<string, Acl>()
  for (const entry of list) {
    if (entry.scheme === 'auth') {
      const own = identities.filter(({ scheme }) => scheme === 'digest')
      if (own.length === 0) throw new Refusal(Code.invalidAcl)
      for (const { scheme, id } of own) put(found, { perms: entry.perms, scheme, id })
    } else if (isRule(entry)) put(found, entry)
    else throw new Refusal(Code.invalidAcl)
  }
  if (found.size === 0) throw new Refusal(Code.invalidAcl)
  return [...found.values()]
}
const put = (found: Map<string, Acl>, entry: Acl) => found.set(`${entry.perms} ${entry.scheme} ${entry.id}`, entry)

function isRule({ scheme, id }: Acl): boolean {
  if (scheme === 'world') return id === 'anyone'
  if (scheme === 'digest') return id.split(':').length === 2
  if (scheme !== 'ip') return false
  const [base = '', bits] = id.split('/', 2)
  return isIP(base) > 0 && (bits === undefined || (/^\d{1,3}$/.test(bits) && Number(bits) <= (isIPv4(base) ? 32 : 128)))
}

/** A digest is shown in full only to who may administer the node. */
export const shownTo = (acl: readonly Acl[], identities: readonly Identity[]): readonly Acl[] => {
  try {
    demand(acl, Perm.admin, identities)
    return acl
  } catch {
    return acl.map(entry => (entry.scheme === 'digest' ? { ...entry, id: entry.id.replace(/:.*/s, ':x') } : entry))
  }
}
