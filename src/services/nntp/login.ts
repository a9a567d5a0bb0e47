import { digestChallenge, digestHash, digestPairs } from '#codec/digest-md5.ts'
import { readBase64, readCramMd5, readPlain } from '#codec/sasl.ts'
import { clock, type Reader, shown } from './session.ts'

/** AUTHINFO (RFC 4643): names and passwords go to the house's policy, SASL to Cyrus, which knows nobody. */

export const AUTH_USAGE =
  'AUTHINFO USER name|PASS password|SASL mechanism [initial-response]|GENERIC program [argument ...]'
export const MECHANISMS =
  'SCRAM-SHA-512 SCRAM-SHA-384 SCRAM-SHA-256 SCRAM-SHA-224 SCRAM-SHA-1 DIGEST-MD5 CRAM-MD5 NTLM PLAIN LOGIN'
const offered = new Set(MECHANISMS.split(' '))

const NOBODY = '481 user not found\r\n'

export async function authenticate(reader: Reader, words: readonly string[]): Promise<string> {
  const [kind = '', word] = words
  if (word === undefined) return `501 Syntax is: ${AUTH_USAGE}\r\n`
  if (reader.in) return '502 Already authenticated\r\n'
  switch (kind.toUpperCase()) {
    case 'USER':
      reader.user = word
      return '381 Enter password\r\n'
    case 'PASS':
      return password(reader, word)
    case 'SASL':
      return await sasl(reader, word.toUpperCase(), words[2])
    case 'GENERIC':
      return '503 Generic authentication not supported\r\n'
    default:
      return '501 Bad AUTHINFO param\r\n'
  }
}

function password(reader: Reader, word: string): string {
  const { user, cx, access } = reader
  if (user === undefined) return '482 Authentication commands issued out of sequence\r\n'
  const right = access.password(user, word)
  cx.record.login({ method: 'USER', user: shown(user), password: shown(word), outcome: right ? 'success' : 'failure' })
  reader.in = right
  return right ? '281 Authentication succeeded\r\n' : '481 Authentication failed\r\n'
}

/** A challenge is sent, or an empty one (`=`), and answered by one line. */
async function ask({ conn }: Reader, challenge: string): Promise<string> {
  const words = challenge === '' ? '=' : Buffer.from(challenge, 'latin1').toString('base64')
  await conn.write(`383 ${words}\r\n`)
  return (await conn.readLine(8192)).toString('latin1')
}

class Over extends Error {}
function decoded(said: string): Buffer {
  if (said === '*') throw new Over('481 Client cancelled authentication\r\n')
  const bytes = said === '=' ? Buffer.alloc(0) : readBase64(said)
  if (!bytes) throw new Over('504 bad protocol / cancel\r\n')
  return bytes
}

async function sasl(reader: Reader, mechanism: string, initial: string | undefined): Promise<string> {
  if (!offered.has(mechanism)) return '503 no mechanism available\r\n'
  try {
    await exchange(reader, mechanism, initial)
    return NOBODY
  } catch (error) {
    if (error instanceof Over) return error.message
    throw error
  }
}

async function exchange(reader: Reader, mechanism: string, initial: string | undefined): Promise<void> {
  const { cx } = reader
  const { record, persona } = cx
  const answer = async (challenge: string) => decoded(await ask(reader, challenge))
  const first = async (challenge: string) => (initial === undefined ? await answer(challenge) : decoded(initial))
  const attempt = (user: string, secret: { password?: string; hash?: string }) =>
    record.login({ method: mechanism, user: shown(user), ...secret, outcome: 'failure' })
  if (mechanism === 'PLAIN') {
    const said = readPlain(await first(''))
    if (!said) throw new Over('504 bad protocol / cancel\r\n')
    attempt(said.user, { password: shown(said.password) })
  } else if (mechanism === 'LOGIN') {
    const user = (await first('Username:')).toString('latin1')
    attempt(user, { password: shown((await answer('Password:')).toString('latin1')) })
  } else if (mechanism === 'CRAM-MD5') {
    const number = cx.random(4).readUInt32BE()
    const challenge = `<${number}.${Math.floor(clock(reader) / 1000) % 1_000_000}@${persona.hostname}>`
    const said = readCramMd5(await answer(challenge), challenge)
    if (!said) throw new Over('504 bad protocol / cancel\r\n')
    attempt(said.user, { hash: shown(said.hash, 4096) })
  } else if (mechanism === 'DIGEST-MD5') {
    const challenge = digestChallenge(persona.hostname, cx.random(32))
    const pairs = digestPairs((await answer(challenge)).toString('latin1'))
    if (!pairs) throw new Over('481 authentication failure\r\n')
    const hash = digestHash(pairs, challenge)
    attempt(pairs.get('username') ?? '', hash === undefined ? {} : { hash: shown(hash, 4096) })
  } else {
    // SCRAM and NTLM name their user first, and nobody is known.
    const said = (await first('')).toString('latin1')
    const [, user] = /(?:^|,)n=([^,]{1,256})/.exec(said) ?? []
    if (user === undefined) throw new Over('504 bad protocol / cancel\r\n')
    attempt(user, {})
  }
}
