import { tlv } from '#codec/der.ts'
import { digestChallenge, digestHash, digestPairs } from '#codec/digest-md5.ts'
import { Malformed } from '#codec/malformed.ts'
import { ntlmAnswer, ntlmChallenge, ntlmType } from '#codec/ntlm.ts'
import { readCramMd5, readPlain } from '#codec/sasl.ts'
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
  const running = ldap.sasl
  ldap.sasl = undefined
  // Whatever is named now: what is under way goes on.
  if (running) return finish(ldap, running.mechanism, running.challenge, credentials ?? Buffer.alloc(0))
  if (mechanism === '') return refused(Code.authMethodNotSupported, 'no SASL mechanism provided')
  const name = mechanism.toUpperCase()
  const { persona, encrypted, options } = ldap.cx
  if (name === 'EXTERNAL' || name === 'ANONYMOUS')
    return failed(
      ldap,
      Code.authMethodNotSupported,
      'SASL(-4): no mechanism available: security flags do not match required',
    )
  if (name === 'PLAIN' || name === 'LOGIN') return plain(ldap, name, credentials)
  if (!mechanismsOf(persona, encrypted, options.ntlm).includes(name))
    return failed(
      ldap,
      Code.authMethodNotSupported,
      `SASL(-4): no mechanism available: Couldn't find mech ${mechanism.slice(0, 200)}`,
    )
  if (name === 'CRAM-MD5' || name === 'DIGEST-MD5') {
    if (credentials !== undefined && credentials.length > 0)
      return badProtocol(ldap, 'Remote sent first but mech does not allow it.')
    return challenge(
      ldap,
      name,
      name === 'CRAM-MD5' ? cramChallenge(ldap) : digestChallenge(ldap.cx.persona.fqdn, ldap.cx.random(32)),
    )
  }
  // These begin with the client's words.
  return credentials === undefined ? challenge(ldap, name, '') : first(ldap, name, credentials)
}
const first = (ldap: Ldap, name: string, credentials: Buffer): Result =>
  name.startsWith('SCRAM') ? scramFirst(ldap, name, credentials) : beginNtlm(ldap, name, credentials)
const badProtocol = (ldap: Ldap, why: string): Result =>
  failed(ldap, Code.other, `SASL(-5): bad protocol / cancel: ${why}`)

/** Passwords in plain text are for encrypted connections only, and are written down all the same. */
function plain(ldap: Ldap, name: string, credentials: Buffer | undefined): Result {
  notePlain(ldap, name, credentials)
  if (!ldap.cx.encrypted)
    return failed(
      ldap,
      Code.inappropriateAuthentication,
      'SASL(-16): encryption needed to use mechanism: security flags do not match required',
    )
  return name === 'LOGIN' && credentials === undefined ? challenge(ldap, name, 'Username:') : noUser(ldap)
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

function finish(ldap: Ldap, mechanism: string, asked: string | Buffer, answer: Buffer): Result {
  const { record } = ldap.cx
  const attempt = (user: string, hash?: string) =>
    record.login({
      method: mechanism,
      user: shown(user),
      ...(hash === undefined ? {} : { hash: shown(hash, 4096) }),
      outcome: 'failure',
    })
  if (asked === '') return first(ldap, mechanism, answer)
  if (typeof asked !== 'string') return finishNtlm(ldap, mechanism, asked, answer)
  if (mechanism === 'LOGIN') {
    attempt(answer.toString('latin1'))
    return noUser(ldap)
  }
  if (mechanism === 'CRAM-MD5') {
    const said = readCramMd5(answer, asked)
    if (!said) return badProtocol(ldap, 'need authentication name')
    attempt(said.user, said.hash)
    return noUser(ldap)
  }
  const wrong = (why: string) => failed(ldap, Code.invalidCredentials, `SASL(-13): authentication failure: ${why}`)
  if (answer.length === 0) return wrong('input expected in DIGEST-MD5, step 2')
  const pairs = digestPairs(answer.toString('latin1'))
  if (!pairs) return wrong('Parse error')
  attempt(pairs.get('username') ?? '', digestHash(pairs, asked))
  return noUser(ldap)
}

/** NTLM (MS-NLMP) inside of SASL; Windows' clients wrap it into SPNEGO, where its signature is looked for. */
function beginNtlm(ldap: Ldap, mechanism: string, credentials: Buffer): Result {
  const { cx } = ldap
  const message = bare(credentials)
  if (!message || ntlmType(message) !== 1 || message.length < 16)
    return badProtocol(ldap, "client didn't issue valid NTLM request")
  const own = cx.random(8)
  const answer = challenge(
    ldap,
    mechanism,
    mechanism === 'NTLM' ? cyrusChallenge(cx.persona.fqdn, message.readUInt32LE(12), own) : windowsChallenge(ldap, own),
  )
  ldap.sasl = { mechanism, challenge: own }
  return answer
}
function windowsChallenge(ldap: Ldap, own: Buffer): Buffer {
  const { hostname, domain, fqdn } = ldap.cx.persona
  const name = hostname.toUpperCase().slice(0, 15)
  const target = { domain: name, computer: name, dnsDomain: domain, dnsComputer: fqdn, now: clock(ldap) }
  return ntlmChallenge(target, own)
}
/** The challenge of Cyrus SASL's own NTLM, which has no target information (recorded from 2.1.28). */
function cyrusChallenge(fqdn: string, asked: number, own: Buffer): Buffer {
  const UNICODE = 1
  const unicode = (asked & UNICODE) !== 0
  const target = Buffer.from(fqdn.toUpperCase(), unicode ? 'utf16le' : 'latin1')
  const head = Buffer.alloc(48)
  head.write('NTLMSSP\0', 'latin1')
  head.writeUInt32LE(2, 8)
  head.writeUInt16LE(target.length, 12)
  head.writeUInt16LE(target.length, 14)
  head.writeUInt32LE(head.length, 16)
  // Target requested, NTLM, always sign, target is a server; Unicode or OEM.
  head.writeUInt32LE(0x2_8204 | (unicode ? UNICODE : 2), 20)
  own.copy(head, 24, 0, 8)
  return Buffer.concat([head, target])
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
    return badProtocol(ldap, "client didn't issue valid NTLM response")
  }
  return noUser(ldap)
}
const bare = (bytes: Buffer): Buffer | undefined => {
  const at = bytes.indexOf('NTLMSSP\0', 0, 'latin1')
  return at < 0 ? undefined : bytes.subarray(at)
}

/** The client's first message of SCRAM names its user; Cyrus ends it there, since it knows none. */
function scramFirst(ldap: Ldap, mechanism: string, credentials: Buffer): Result {
  const [, user] = /^[nyp](?:=[^,]{1,64})?,[^,]{0,256},n=([^,]{1,256}),r=/.exec(credentials.toString('latin1')) ?? []
  if (user === undefined) return badProtocol(ldap, `Invalid ${mechanism} input`)
  ldap.cx.record.login({ method: mechanism, user: shown(user), outcome: 'failure' })
  return noUser(ldap)
}

function notePlain(ldap: Ldap, mechanism: string, credentials: Buffer | undefined): void {
  const said = mechanism === 'PLAIN' && credentials ? readPlain(credentials) : undefined
  if (!said) return
  const { user, password } = said
  ldap.cx.record.login({ method: mechanism, user: shown(user), password: shown(password), outcome: 'failure' })
}
