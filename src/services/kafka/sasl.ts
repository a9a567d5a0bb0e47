import { accessOf } from '#access/access.ts'
import { readPlain, readScramFinal, readScramFirst, type ScramFirst } from '#codec/sasl.ts'
import { scramExchange } from '#codec/scram.ts'
import { text } from '#events/text.ts'
import { Malformed } from '#sensor/endings.ts'
import type { TcpContext } from '#sensor/service.ts'
import type { Options } from './options.ts'

/** SASL behind SaslHandshake (KIP-43, KIP-152): PLAIN, and SCRAM (RFC 5802) whose proofs are kept to be cracked. */

/** A step's answer: more to come, in, or why not. */
export type Step = { bytes: Buffer; done: boolean } | { refused: string }
type Scram = { first: ScramFirst; challenge: string }
export type Exchange = { mechanism: string; scram: Scram | undefined }

/** kafka.security: the least that brokers take, and what their tools store. */
const ITERATIONS = 4096
const shown = (said: string): string => text(Buffer.from(said, 'latin1'), 512)

export function step(cx: TcpContext<Options>, exchange: Exchange, message: Buffer): Step {
  if (exchange.mechanism === 'PLAIN') return plain(cx, message)
  try {
    return scram(cx, exchange, message)
  } catch (problem) {
    if (problem instanceof Malformed)
      return {
        refused: `Authentication failed during authentication due to invalid credentials with SASL mechanism ${exchange.mechanism}`,
      }
    throw problem
  }
}

function plain(cx: TcpContext<Options>, message: Buffer): Step {
  const said = readPlain(message)
  if (!said) return { refused: 'Invalid SASL/PLAIN response: expected 3 tokens' }
  if (said.user === '') return { refused: 'Authentication failed: username not specified' }
  if (said.password === '') return { refused: 'Authentication failed: password not specified' }
  const allowed = accessOf(cx, cx.options.access).password(said.user, said.password)
  cx.record.login({
    method: 'PLAIN',
    user: shown(said.user),
    password: shown(said.password),
    outcome: allowed ? 'success' : 'failure',
  })
  return allowed
    ? { bytes: Buffer.alloc(0), done: true }
    : { refused: 'Authentication failed: Invalid username or password' }
}

/** The proof is told as `$scram-sha-N$rounds$salt$messages$proof`, salt and the last two in base64. */
function scram(cx: TcpContext<Options>, exchange: Exchange, message: Buffer): Step {
  const { mechanism } = exchange
  if (!exchange.scram) {
    const first = readScramFirst(message)
    const salt = cx.persona.derive(`kafka scram ${first.user}`, 20).toString('base64')
    const nonce = first.nonce + cx.random(20).toString('base64url')
    const challenge = `r=${nonce},s=${salt},i=${ITERATIONS}`
    exchange.scram = { first, challenge }
    return { bytes: Buffer.from(challenge), done: false }
  }
  const { first, challenge } = exchange.scram
  const final = readScramFinal(message)
  // Brokers of that time do not look whether the nonce is the one they sent (CVE-2024-56128), and librdkafka's is not.
  const about = Buffer.from(`${first.bare},${challenge},${final.withoutProof}`, 'latin1')
  const salt = Buffer.from(/s=([^,]+)/.exec(challenge)![1]!, 'base64')
  const kind = mechanism === 'SCRAM-SHA-512' ? 'sha512' : 'sha256'
  const hash = scramExchange(kind, ITERATIONS, salt, about, final.proof)
  cx.record.login({ method: mechanism, user: shown(first.user), hash, outcome: 'failure' })
  return {
    refused: `Authentication failed during authentication due to invalid credentials with SASL mechanism ${mechanism}`,
  }
}
