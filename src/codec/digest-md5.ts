/** DIGEST-MD5 (RFC 2831) as Cyrus SASL leads it. Strings are Latin-1. */

/** §2.1.1, with what Cyrus offers. */
export const digestChallenge = (realm: string, nonce: Buffer): string =>
  [
    `nonce="${nonce.toString('base64')}"`,
    `realm="${realm}"`,
    'qop="auth,auth-int,auth-conf"',
    'cipher="rc4-40,rc4-56,rc4,des,3des"',
    'maxbuf=65536',
    'charset=utf-8',
    'algorithm=md5-sess',
  ].join(',')

/** `name="value",name=value` as its pairs; `undefined` when it is none of that. */
export function digestPairs(text: string): Map<string, string> | undefined {
  const found = new Map<string, string>()
  const pair = /[\s,]{0,64}([a-z-]{1,32})=(?:"((?:[^"\\]|\\.){0,1024})"|([^\s",]{0,1024}))(?=[\s,]|$)/gy
  let end = 0
  for (const [whole, name, quoted, plain] of text.matchAll(pair)) {
    if (found.size >= 32) return undefined
    found.set(name!, quoted === undefined ? plain! : quoted.replace(/\\(.)/g, '$1'))
    end += whole.length
  }
  return found.size > 0 && end === text.length ? found : undefined
}

/**
 * All that is needed to try passwords (§2.1.2.1), in the form of John's `dmd5`, since hashcat has no mode for it:
 * `$DIGEST-MD5$user$realm$nonce$digest-uri$cnonce$nc$qop$response$authzid`.
 */
export function digestHash(pairs: ReadonlyMap<string, string>, challenge: string): string | undefined {
  const [, nonce = ''] = /nonce="([^"]*)"/.exec(challenge) ?? []
  const response = pairs.get('response') ?? ''
  if (!/^[0-9a-f]{32}$/i.test(response)) return undefined
  const of = (name: string, otherwise = '') => pairs.get(name) ?? otherwise
  const fields = [
    of('username'),
    of('realm'),
    nonce,
    of('digest-uri'),
    of('cnonce'),
    of('nc'),
    of('qop', 'auth'),
    response,
    of('authzid'),
  ]
  return `$DIGEST-MD5$${fields.join('$')}`
}
