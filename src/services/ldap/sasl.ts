import { tlv } from '#codec/der.ts'
import { Malformed } from '#codec/malformed.ts'
import { ntlmAnswer, ntlmChallenge, ntlmType } from '#codec/ntlm.ts'
import { readCramMd5, readPlain } from '#codec/sasl.ts'
import { digestHash, digestPairs } from './digest.ts'
import { mechanismsOf } from './mechanisms.ts'
import { clock, type Ldap, shown } from './session.ts'
import { Code, type Result, refused } from './wire.ts'

/**
 * SASL binds as slapd leads them with Cyrus SASL (RFC 4513 §5.2). It has no passwords to compare with, since no
 * authz-regexp maps SASL's names to entries: whatever is answered fails, and is written down to be cracked.
 */
export type SaslBind = { mechanism: string; credentials: Buffer | undefined }

const failed = (ldap: Ldap, code: number, detail: string): Result => {
  ldap.saslDetail = detail
  ldap.sasl = undefined
  return refused(code, detail)
}
const noUser = (ldap: Ldap) => failed(ldap, Code.invalidCredentials, 'SASL(-13): user not found: no secret in database')

export function saslStep(ldap: Ldap, { mechanism, credentials }: SaslBind): Result {
  if (mechanism === '') return refused(Code.authMethodNotSupported, 'no SASL mechanism provided')
  const name = mechanism.toUpperCase()
  const running = ldap.sasl
  ldap.sasl = undefined
  if (running?.mechanism === name && credentials !== undefined)
    return finish(ldap, name, running.challenge, credentials)
  const { persona, encrypted } = ldap.cx
  if (name === 'GSS-SPNEGO' && ldap.cx.options.ntlm) return beginNtlm(ldap, name, credentials)
  if (name === 'EXTERNAL' || name === 'ANONYMOUS')
    return failed(
      ldap,
      Code.authMethodNotSupported,
      'SASL(-4): no mechanism available: security flags do not match required',
    )
  if (name === 'PLAIN' || name === 'LOGIN') {
    notePlain(ldap, name, credentials)
    if (!encrypted)
      return failed(
        ldap,
        Code.inappropriateAuthentication,
        'SASL(-16): encryption needed to use mechanism: security flags do not match required',
      )
    if (name === 'LOGIN' && credentials === undefined) return challenge(ldap, name, 'Username:')
    return noUser(ldap)
  }
  if (!mechanismsOf(persona, encrypted).includes(name))
    return failed(
      ldap,
      Code.authMethodNotSupported,
      `SASL(-4): no mechanism available: Couldn't find mech ${mechanism.slice(0, 200)}`,
    )
  if (name === 'NTLM') return beginNtlm(ldap, name, credentials)
  if (name === 'CRAM-MD5') return challenge(ldap, name, cramChallenge(ldap))
  if (name === 'DIGEST-MD5') return challenge(ldap, name, digestChallenge(ldap))
  return scramFirst(ldap, credentials)
}

function challenge(ldap: Ldap, mechanism: string, words: string | Buffer): Result {
  ldap.sasl = { mechanism, challenge: words }
  const bytes = typeof words === 'string' ? Buffer.from(words, 'latin1') : words
  return { code: Code.saslBindInProgress, text: ldap.saslDetail, more: [tlv(0x87, bytes)] }
}

function cramChallenge(ldap: Ldap): string {
  const number = ldap.cx.random(4).readUInt32BE()
  return `<${number}.${Math.floor(clock(ldap) / 1000) % 1_000_000}@${ldap.cx.persona.fqdn}>`
}

/** RFC 2831 §2.1.1, with what Cyrus offers. */
function digestChallenge({ cx }: Ldap): string {
  const nonce = cx.random(32).toString('base64')
  return [
    `nonce="${nonce}"`,
    `realm="${cx.persona.fqdn}"`,
    'qop="auth,auth-int,auth-conf"',
    'cipher="rc4-40,rc4-56,rc4,des,3des"',
    'maxbuf=65536',
    'charset=utf-8',
    'algorithm=md5-sess',
  ].join(',')
}

function finish(ldap: Ldap, mechanism: string, asked: string | Buffer, answer: Buffer): Result {
  const { record } = ldap.cx
  const attempt = (user: string, hash?: string) =>
    record.login({
      method: mechanism,
      user: shown(user),
      ...(hash === undefined ? {} : { hash: shown(hash, 4096) }),
      outcome: 'failure',
    })
  if (mechanism === 'NTLM' || mechanism === 'GSS-SPNEGO') return finishNtlm(ldap, mechanism, asked as Buffer, answer)
  if (mechanism === 'LOGIN') {
    attempt(answer.toString('latin1'))
    return noUser(ldap)
  }
  if (mechanism === 'CRAM-MD5') {
    const said = readCramMd5(answer, asked as string)
    if (!said)
      return failed(ldap, Code.invalidCredentials, 'SASL(-13): authentication failure: need authentication name')
    attempt(said.user, said.hash)
    return noUser(ldap)
  }
  if (answer.length === 0)
    return failed(
      ldap,
      Code.invalidCredentials,
      'SASL(-13): authentication failure: input expected in DIGEST-MD5, step 2',
    )
  const pairs = digestPairs(answer.toString('latin1'))
  if (!pairs) return failed(ldap, Code.invalidCredentials, 'SASL(-13): authentication failure: Parse error')
  attempt(pairs.get('username') ?? '', digestHash(pairs, asked as string))
  return noUser(ldap)
}

/** NTLM (MS-NLMP) inside of SASL; Windows' clients wrap it into SPNEGO, where its signature is looked for. */
function beginNtlm(ldap: Ldap, mechanism: string, credentials: Buffer | undefined): Result {
  const { cx } = ldap
  const message = credentials && bare(credentials)
  if (!message || ntlmType(message) !== 1)
    return failed(
      ldap,
      Code.invalidCredentials,
      "SASL(-5): bad protocol / cancel: client didn't issue valid NTLM request",
    )
  const own = cx.random(8)
  const name = cx.persona.hostname.toUpperCase().slice(0, 15)
  const { domain, fqdn } = cx.persona
  const target = { domain: name, computer: name, dnsDomain: domain, dnsComputer: fqdn, now: clock(ldap) }
  const answer = challenge(ldap, mechanism, ntlmChallenge(target, own))
  ldap.sasl = { mechanism, challenge: own }
  return answer
}
function finishNtlm(ldap: Ldap, mechanism: string, asked: Buffer, answer: Buffer): Result {
  try {
    const { user, domain, hash } = ntlmAnswer(bare(answer) ?? answer, asked)
    const name = domain === '' ? user : `${domain}\\${user}`
    ldap.cx.record.login({
      method: mechanism,
      user: shown(Buffer.from(name, 'utf8').toString('latin1')),
      ...(hash === undefined ? {} : { hash: hash.slice(0, 8192) }),
      outcome: 'failure',
    })
  } catch (error) {
    if (!(error instanceof Malformed)) throw error
    return failed(
      ldap,
      Code.invalidCredentials,
      "SASL(-5): bad protocol / cancel: client didn't issue valid NTLM response",
    )
  }
  return noUser(ldap)
}
const bare = (bytes: Buffer): Buffer | undefined => {
  const at = bytes.indexOf('NTLMSSP\0', 0, 'latin1')
  return at < 0 ? undefined : bytes.subarray(at)
}

/** The client's first message of SCRAM names its user; Cyrus ends it there, since it knows none. */
function scramFirst(ldap: Ldap, credentials: Buffer | undefined): Result {
  const [, user] = /(?:^|,)n=([^,]{0,256})/.exec(credentials?.toString('latin1') ?? '') ?? []
  if (user === undefined)
    return failed(ldap, Code.invalidCredentials, 'SASL(-5): bad protocol / cancel: Invalid SCRAM input')
  ldap.cx.record.login({ method: 'SCRAM', user: shown(user), outcome: 'failure' })
  return noUser(ldap)
}

function notePlain(ldap: Ldap, mechanism: string, credentials: Buffer | undefined): void {
  const said = mechanism === 'PLAIN' && credentials ? readPlain(credentials) : undefined
  if (!said) return
  const { user, password } = said
  ldap.cx.record.login({ method: mechanism, user: shown(user), password: shown(password), outcome: 'failure' })
}
