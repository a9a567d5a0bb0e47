import type { Cursor } from '#codec/cursor.ts'
import { text } from '#events/text.ts'
import type { Account } from '#machine/accounts.ts'
import { Malformed } from '#sensor/endings.ts'
import type { Authentication, Entered } from '../auth.ts'
import { holderOf } from '../auth.ts'
import { Message } from '../messages.ts'
import { fingerprint, isSignature, keyType, matches } from '../publickey.ts'
import { boolean, message, string } from '../wire.ts'

/** MAX_AUTH_TRIES, and the highest message that has a place before a log-in (MAX_UNAUTH_PACKET_TYPE). */
const mostTries = 10
const lastEarly = 60
const methods = 'publickey,password'

/** 300 ms, give or take 50 (svr-auth.c, send_msg_userauth_failure). `random` gives four bytes. */
const failDelay = (random: Buffer): number => 0.25 + (random.readUInt32LE() / 0xffffffff) * 0.1

type Request = { user: string; service: string; method: string; body: Cursor }
/** `counts`: it was a try. */
type Answer = { entered?: Entered; counts: boolean } | 'asked'

/**
 * The authentication protocol (RFC 4252) from Dropbear's side (svr-auth.c). Gives who got in, or nothing when it has had
 * enough. It says why to nobody, and looks at no more of a message than it needs. Every attempt is recorded before it is
 * answered.
 */
export async function authenticate(how: Authentication): Promise<Entered | undefined> {
  const { transport } = how
  let first: string | undefined
  let tries = 0
  for (;;) {
    await transport.flush()
    const received = await transport.receive()
    if (received.type > lastEarly) throw new Malformed(`Message ${received.type} before the log-in`)
    if (received.type === Message.serviceRequest) {
      const service = received.body.lp32().toString('latin1')
      if (service !== 'ssh-userauth') throw new Malformed(`Service "${service.slice(0, 100)}"`)
      transport.send(message(Message.serviceAccept, string(service)))
      continue
    }
    if (received.type === Message.newKeys) throw new Malformed('New keys out of turn')
    if (received.type !== Message.userauthRequest) {
      transport.unimplemented(received)
      continue
    }
    const request = readRequest(received.body)
    if (request.service !== 'ssh-connection') throw new Malformed('A log-in for another service')
    first ??= request.user
    if (request.user !== first) throw new Malformed('Client trying multiple usernames')
    const answer = attempt(how, request)
    if (answer === 'asked') continue
    if (answer.entered) {
      how.access.letIn()
      transport.welcome()
      await transport.flush()
      return answer.entered
    }
    if (answer.counts) {
      await how.pause(failDelay(how.random(4)))
      // The last of them is not even answered.
      if (++tries >= mostTries) return undefined
    }
    transport.send(message(Message.userauthFailure, string(methods), boolean(false)))
  }
}

function readRequest(body: Cursor): Request {
  const [user, service, method] = [body.lp32(), body.lp32(), body.lp32()].map(bytes => bytes.toString('latin1'))
  // Text of C: a NUL in it makes it another's.
  if (user!.includes('\0') || service!.includes('\0') || method!.includes('\0')) throw new Malformed('A NUL in a name')
  return { user: user!, service: service!, method: method!, body }
}

function attempt(how: Authentication, request: Request): Answer {
  if (request.method === 'password') return tryPassword(how, request)
  if (request.method === 'publickey') return tryPublicKey(how, request)
  how.record.login({ method: asText(request.method), user: asText(request.user), outcome: 'failure' })
  return { counts: request.method !== 'none' }
}

const asText = (latin1: string): string => text(Buffer.from(latin1, 'latin1'), 256)

function tryPassword(how: Authentication, { user, body }: Request): Answer {
  const changes = body.u8() !== 0
  const secret = body.lp32()
  const password = secret.toString('latin1')
  const right = !changes && !secret.includes(0) && how.access.password(user, password)
  const account: Account | undefined = right ? how.computer().account(user) : undefined
  how.record.login({
    method: 'password',
    user: asText(user),
    password: text(secret, 1024),
    outcome: account ? 'success' : 'failure',
  })
  return account ? { entered: { account }, counts: true } : { counts: true }
}

/** RFC 4252 §7: a key is offered, or used to sign. */
function tryPublicKey(how: Authentication, { user, service, body }: Request): Answer {
  const signs = body.u8() !== 0
  const algorithm = body.lp32().toString('latin1')
  const blob = body.lp32()
  const record = (account?: Account, verified?: boolean): void =>
    how.record.login({
      method: 'publickey',
      user: asText(user),
      publicKey: {
        type: asText(keyType(blob)),
        fingerprint: fingerprint(blob),
        blob: blob.toString('base64', 0, 16384),
        ...(verified === undefined ? {} : { verified }),
      },
      outcome: account ? 'success' : 'failure',
    })
  const holder = matches(algorithm, blob) ? holderOf(how, user, blob) : undefined
  if (!signs || !holder) {
    record()
    // Asking costs nothing.
    if (!holder) return { counts: false }
    how.transport.send(message(Message.userauthPkOk, string(algorithm), string(blob)))
    return 'asked'
  }
  const signature = body.left > 0 ? body.lp32() : Buffer.alloc(0)
  const signed = Buffer.concat([
    string(how.transport.sessionId),
    message(Message.userauthRequest, string(user), string(service), string('publickey'), boolean(true)),
    string(algorithm),
    string(blob),
  ])
  const verified = isSignature(algorithm, blob, signature, signed)
  record(verified ? holder.account : undefined, verified)
  // It says nothing of the key's line.
  return verified ? { entered: { account: holder.account }, counts: true } : { counts: true }
}
