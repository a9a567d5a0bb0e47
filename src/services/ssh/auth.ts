import type { Cursor } from '#codec/cursor.ts'
import type { Recorder } from '#events/event.ts'
import { text } from '#events/text.ts'
import { Malformed } from '#sensor/endings.ts'
import { pamDelay, untilRefusal } from './delays.ts'
import { Message } from './messages.ts'
import { fingerprint, isSignature, keyType, matches } from './publickey.ts'
import type { Received, Transport } from './transport.ts'
import { boolean, message, readEnd, readText, string, uint32 } from './wire.ts'

export type Authentication = {
  transport: Transport
  record: Recorder
  random(bytes: number): Buffer
  pause(seconds: number): Promise<void>
  /** Makes the user-specific part of the delays this machine's own. */
  timingSecret: Buffer
  /** PAM's dialogue too, as on hosts with KbdInteractiveAuthentication; Debian turns it off. */
  keyboardInteractive: boolean
}

/** MaxAuthTries. */
const maxFailures = 6
const hostbound = 'publickey-hostbound-v00@openssh.com'

/** One USERAUTH_REQUEST (RFC 4252 §5) on its way to its answer. */
type Request = { user: string; service: string; method: string; body: Cursor }

/**
 * The authentication protocol (RFC 4252) from sshd's side. Nobody gets in: it returns when sshd has had enough of the
 * client. Every attempt is recorded before it is refused.
 */
export async function authenticate(how: Authentication): Promise<void> {
  const { transport } = how
  let mayAsk = false
  let first: { user: string; service: string } | undefined
  let attempts = 0
  let failures = 0
  /** The user whose answer to PAM's question is awaited. */
  let asked: string | undefined

  const methods = ['publickey', 'password', ...(how.keyboardInteractive ? ['keyboard-interactive'] : [])].join(',')
  /** Refuses; true when that was once too often. */
  const refuse = async (method: string): Promise<boolean> => {
    // The first request may be "none", to learn the methods, at no cost.
    if (attempts > 1 || method !== 'none') failures++
    if (failures >= maxFailures) {
      await transport.disconnect('Too many authentication failures')
      return true
    }
    transport.send(message(Message.userauthFailure, string(methods), boolean(false)))
    return false
  }

  for (;;) {
    await transport.flush()
    const received = await transport.receive()
    if (received.type === Message.serviceRequest) {
      await acceptService(transport, received)
      mayAsk = true
    } else if (received.type === Message.userauthRequest && mayAsk) {
      const request = readRequest(received.body)
      if (attempts++ === 0) first = request
      else if (request.user !== first!.user || request.service !== first!.service) {
        const change = `(${first!.user},${first!.service}) -> (${request.user},${request.service})`
        const why = `Change of username or service not allowed: ${change}`
        await transport.disconnect(why)
        throw new Malformed(why.slice(0, 300))
      }
      asked = undefined
      const answered = await attempt(how, request)
      if (answered.asks) asked = request.user
      else {
        await how.pause(untilRefusal(request.user, how.timingSecret, answered.spent))
        if (await refuse(request.method)) return
      }
    } else if (received.type === Message.userauthInfoResponse && asked !== undefined) {
      readResponse(how, asked, received.body)
      await how.pause(pamDelay(how.random(12)))
      asked = undefined
      if (await refuse('keyboard-interactive')) return
    } else transport.unimplemented(received)
  }
}

async function acceptService(transport: Transport, { body }: Received): Promise<void> {
  const service = readText(body).toString('latin1')
  readEnd(body)
  if (service !== 'ssh-userauth') {
    const why = `bad service request ${service}`
    await transport.disconnect(why)
    throw new Malformed(why.slice(0, 300))
  }
  transport.send(message(Message.serviceAccept, string(service)))
}

function readRequest(body: Cursor): Request {
  const [user, service, method] = [readText(body), readText(body), readText(body)].map(b => b.toString('latin1'))
  // "user/role" and "user:style" are taken apart before anything else (auth2.c; the role is Debian's).
  return { user: user!.split('/')[0]!.split(':')[0]!, service: service!, method: method!, body }
}

/** What became of a request: the seconds that a refusal has cost so far, or that the answer is a question. */
type Answered = { asks: boolean; spent: number }
const atOnce: Answered = { asks: false, spent: 0 }

async function attempt(how: Authentication, request: Request): Promise<Answered> {
  switch (request.method) {
    case 'none':
      readEnd(request.body)
      return atOnce
    case 'password':
      return { asks: false, spent: tryPassword(how, request) }
    case 'publickey':
    case hostbound:
      tryPublicKey(how, request)
      return atOnce
    case 'keyboard-interactive':
      if (!how.keyboardInteractive) return atOnce
      readText(request.body)
      readText(request.body)
      readEnd(request.body)
      // RFC 4256 §3.2, with PAM's one question and no echo.
      how.transport.send(
        message(
          Message.userauthInfoRequest,
          string(''),
          string(''),
          string(''),
          uint32(1),
          string('Password: '),
          boolean(false),
        ),
      )
      return { asks: true, spent: 0 }
    default:
      return atOnce
  }
}

const asText = (latin1: string): string => text(Buffer.from(latin1, 'latin1'), 1024)

/** RFC 4252 §8. The seconds that checking it takes. */
function tryPassword(how: Authentication, { user, body }: Request): number {
  const change = body.u8() !== 0
  const password = body.lp32()
  how.record.login({ method: 'password', user: asText(user), password: text(password, 1024), outcome: 'failure' })
  if (password.subarray(0, -1).includes(0)) throw new Malformed('A NUL inside the password')
  if (change) body.lp32()
  readEnd(body)
  // sshd changes no passwords here, and does not ask PAM about one that is longer than 1024 bytes.
  return change || password.length > 1024 ? 0 : pamDelay(how.random(12))
}

/** RFC 4256 §3.4: the answer to the one question. */
function readResponse(how: Authentication, user: string, body: Cursor): void {
  const count = body.u32be()
  if (count !== 1) throw new Malformed(`${count} answers to one question`)
  const password = body.lp32()
  how.record.login({
    method: 'keyboard-interactive',
    user: asText(user),
    password: text(password, 1024),
    outcome: 'failure',
  })
  readEnd(body)
}

/** RFC 4252 §7: a key is offered, or used to sign. No key is on any list. */
function tryPublicKey(how: Authentication, { user, service, method, body }: Request): void {
  const signs = body.u8()
  const algorithm = readText(body).toString('latin1')
  const blob = body.lp32()
  const hostKey = method === hostbound ? body.lp32() : undefined
  const record = (verified?: boolean) =>
    how.record.login({
      method: 'publickey',
      user: asText(user),
      publicKey: {
        type: asText(keyType(blob)),
        fingerprint: fingerprint(blob),
        blob: blob.toString('base64', 0, 16384),
        ...(verified === undefined ? {} : { verified }),
      },
      outcome: 'failure',
    })
  // sshd looks at what follows only once it has accepted the key's form.
  if (!matches(algorithm, blob)) {
    record()
    return
  }
  if (hostKey && !hostKey.equals(how.transport.hostKeyBlob)) throw new Malformed('A request bound to another host key')
  if (!signs) record()
  else {
    const signature = body.lp32()
    const signed = Buffer.concat([
      string(how.transport.sessionId),
      message(Message.userauthRequest, string(user), string(service), string(method), boolean(true)),
      string(algorithm),
      string(blob),
      ...(hostKey ? [string(hostKey)] : []),
    ])
    record(isSignature(algorithm, blob, signature, signed))
  }
  readEnd(body)
}
