import { hash } from 'node:crypto'
import type { AccessOptions } from '#access/options.ts'
import { candidates, wordsOf } from './words.ts'

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

/** What the response has to be for a password (RFC 2617 §3.2.2.1). */
const answerFor = ({ user, realm, nonce, uri, qop, nc, cnonce }: Credentials, method: string) => {
  const right = md5(`${method}:${uri}`)
  const middle = qop === '' ? nonce : `${nonce}:${nc}:${cnonce}:${qop}`
  return (password: string) => md5(`${md5(`${user}:${realm}:${password}`)}:${middle}:${right}`)
}

/** The password behind a response, if it is among those that people guess, or in the operator's rules. */
export function passwordBehind(given: Credentials, method: string, access: AccessOptions): string | undefined {
  if (given.response.length !== 32 || (given.algorithm !== '' && given.algorithm.toLowerCase() !== 'md5'))
    return undefined
  const answer = answerFor(given, method)
  for (const password of candidates(given.user, wordsOf(access.rules)))
    if (answer(password) === given.response) return password
  return undefined
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
