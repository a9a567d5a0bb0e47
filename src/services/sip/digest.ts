import { hash } from 'node:crypto'
import type { AccessOptions } from '#access/options.ts'
import { literalPasswords } from '#access/rule.ts'
import { candidates } from './words.ts'

/** Digest credentials as they came (RFC 2617 §3.2.2, RFC 8760), Latin-1. */
export type Credentials = {
  user: string
  realm: string
  nonce: string
  uri: string
  response: string
  algorithm: string
  qop: string
  nc: string
  cnonce: string
}

const md5 = (text: string): string => hash('md5', Buffer.from(text, 'latin1'))

/** `undefined` where it is another scheme, or lacks what a digest is made of. */
export function parseCredentials(value: string): Credentials | undefined {
  const [, text = ''] = /^Digest\s+(.*)$/is.exec(value) ?? []
  const found = new Map<string, string>()
  // A quoted string, in which commas may be, or a token: one after another.
  for (const [, name = '', quoted, bare = ''] of text.matchAll(/([a-z-]{1,32})\s*=\s*(?:"([^"]*)"|([^",\s]*))/gi))
    if (!found.has(name.toLowerCase()) && found.size < 16) found.set(name.toLowerCase(), quoted ?? bare)
  const of = (name: string) => found.get(name) ?? ''
  const response = of('response').toLowerCase()
  if (!found.has('username') || of('nonce') === '' || !/^[0-9a-f]{32}(?:[0-9a-f]{32})?$/.test(response))
    return undefined
  return {
    user: of('username'),
    realm: of('realm'),
    nonce: of('nonce'),
    uri: of('uri'),
    response,
    algorithm: of('algorithm'),
    qop: of('qop'),
    nc: of('nc'),
    cnonce: of('cnonce'),
  }
}

/** Users whose candidates are kept with their digests: who guesses goes on guessing. */
const MOST_KEPT = 24
type Candidate = { password: string; ha1: string }
const kept = new Map<string, readonly Candidate[]>()

/** Passwords with the first of the digest's parts (RFC 2617 §3.2.2.2): the operator's own, then those that people guess. */
function candidatesFor({ user, realm }: Credentials, { rules }: AccessOptions): readonly Candidate[] {
  const key = `${user}:${realm}`
  const made = (password: string) => ({ password, ha1: md5(`${key}:${password}`) })
  const usual = kept.get(key) ?? Array.from(candidates(user), made)
  kept.delete(key)
  kept.set(key, usual)
  if (kept.size > MOST_KEPT) kept.delete(kept.keys().next().value!)
  return rules.length === 0 ? usual : [...literalPasswords(rules).map(made), ...usual]
}

/** The password behind a response, if it is among those that people guess, or in the operator's rules. */
export function passwordBehind(given: Credentials, method: string, access: AccessOptions): string | undefined {
  const { response, algorithm, nonce, nc, cnonce, qop, uri } = given
  if (response.length !== 32 || (algorithm !== '' && algorithm.toLowerCase() !== 'md5')) return undefined
  if (given.user.length + given.realm.length > 256) return undefined
  // RFC 2617 §3.2.2.1.
  const rest = `:${qop === '' ? nonce : `${nonce}:${nc}:${cnonce}:${qop}`}:${md5(`${method}:${uri}`)}`
  return candidatesFor(given, access).find(({ ha1 }) => md5(ha1 + rest) === response)?.password
}

/**
 * Hashcat's form (mode 11400) of a response with all it was made from; `undefined` where a part has a `*`, which would
 * take the form apart, or another algorithm made it.
 */
export function hashOf(
  { user, realm, nonce, uri, response, algorithm, qop, nc, cnonce }: Credentials,
  method: string,
  server: string,
  client: string,
): string | undefined {
  if (response.length !== 32 || (algorithm !== '' && algorithm.toLowerCase() !== 'md5')) return undefined
  // The URI in up to three parts, which hashcat joins with colons again.
  const [prefix = '', resource = '', ...suffix] = uri.split(':')
  const parts = [server, client, user, realm, method, prefix, resource, suffix.join(':'), nonce, cnonce, nc, qop]
  if (parts.some(part => part.includes('*'))) return undefined
  return `$sip$*${parts.join('*')}*MD5*${response}`
}
