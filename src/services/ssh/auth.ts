import type { Access } from '#access/access.ts'
import type { Cursor } from '#codec/cursor.ts'
import type { Recorder } from '#events/event.ts'
import { text } from '#events/text.ts'
import type { Account } from '#machine/accounts.ts'
import type { Computer } from '#machine/computer.ts'
import { Malformed } from '#sensor/endings.ts'
import { installedAt } from './authorized-keys.ts'
import { pamDelay, pamSuccess, untilRefusal } from './delays.ts'
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
  access: Access
  /** The machine whose accounts are logged in to. */
  computer(): Computer
}

/** MaxAuthTries. */
const maxFailures = 6
const hostbound = 'publickey-hostbound-v00@openssh.com'
/** Answers to one question (auth2-chall.c). */
const mostAnswers = 100

/** Who got in; `keyOptions` is what sshd tells of the key's line. */
export type Entered = { account: Account; keyOptions?: string }

/** One USERAUTH_REQUEST (RFC 4252 §5) on its way to its answer. */
type Request = { user: string; service: string; method: string; body: Cursor }

/** Where PAM's dialogue stands: it asked for the password, or has it and says only that. */
type Dialogue = { user: string; entered?: Entered }

/**
 * The authentication protocol (RFC 4252) from sshd's side. Gives who got in, once they are told, or
 * nothing when sshd has had enough of the client. Every attempt is recorded before it is answered.
 */
export async function authenticate(how: Authentication): Promise<Entered | undefined> {
  const { transport } = how
  let mayAsk = false
  let first: { user: string; service: string } | undefined
  let attempts = 0
  let failures = 0
  /** Awaits the client's answer. */
  let asked: Dialogue | undefined

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
  const welcome = async (entered: Entered): Promise<Entered> => {
    how.access.letIn()
    transport.welcome()
    await transport.flush()
    return entered
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
      const answered = attempt(how, request)
      if (answered === 'asks') asked = { user: request.user }
      else if (answered !== 'postponed') {
        if (answered.entered) {
          await how.pause(answered.spent)
          return welcome(answered.entered)
        }
        await how.pause(untilRefusal(request.user, how.timingSecret, answered.spent))
        if (await refuse(request.method)) return undefined
      }
    } else if (received.type === Message.userauthInfoResponse && asked !== undefined) {
      const dialogue = asked
      asked = undefined
      const password = readResponse(received.body)
      if (dialogue.entered) return welcome(dialogue.entered)
      const account = password && tryAnswer(how, dialogue.user, password)
      await how.pause(account ? pamSuccess(how.random(4)) : pamDelay(how.random(12)))
      if (account) {
        // PAM is content, and sshd passes that on as a request without a question.
        askQuestions(transport, [])
        asked = { user: dialogue.user, entered: { account } }
      } else if (await refuse('keyboard-interactive')) return undefined
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

/** What became of a request: seconds that the answer has cost so far, and who got in when it was right. */
type Checked = { spent: number; entered?: Entered }
type Answered = Checked | 'asks' | 'postponed'
const atOnce: Answered = { spent: 0 }

function attempt(how: Authentication, request: Request): Answered {
  switch (request.method) {
    case 'none':
      readEnd(request.body)
      return atOnce
    case 'password':
      return tryPassword(how, request)
    case 'publickey':
    case hostbound:
      return tryPublicKey(how, request)
    case 'keyboard-interactive':
      if (!how.keyboardInteractive) return atOnce
      readText(request.body)
      readText(request.body)
      readEnd(request.body)
      askQuestions(how.transport, ['Password: '])
      return 'asks'
    default:
      return atOnce
  }
}

/** RFC 4256 §3.2, with PAM's questions and no echo. */
function askQuestions(transport: Transport, questions: string[]): void {
  const none = [string(''), string(''), string('')]
  const fields = questions.flatMap(question => [string(question), boolean(false)])
  transport.send(message(Message.userauthInfoRequest, ...none, uint32(questions.length), ...fields))
}

const asText = (latin1: string): string => text(Buffer.from(latin1, 'latin1'), 1024)

/** The account that this password opens; recorded either way. */
function open(how: Authentication, method: string, user: string, password: Buffer, inOrder: boolean) {
  // A C string: nothing behind a NUL, which only the last byte may be here.
  const secret = password.at(-1) === 0 ? password.subarray(0, -1) : password
  const account =
    inOrder && how.access.password(user, secret.toString('latin1')) ? how.computer().account(user) : undefined
  const outcome = account ? 'success' : 'failure'
  how.record.login({ method, user: asText(user), password: text(password, 1024), outcome })
  return account
}

/** RFC 4252 §8. */
function tryPassword(how: Authentication, { user, service, body }: Request): Checked {
  const change = body.u8() !== 0
  const password = body.lp32()
  const whole = !password.subarray(0, -1).includes(0) && (change || body.left === 0)
  // sshd changes no passwords here, and does not ask PAM about one that is longer than 1024 bytes.
  const asksPam = !change && password.length <= 1024
  const account = open(how, 'password', user, password, whole && asksPam && service === connection)
  if (account) return { spent: pamSuccess(how.random(4)), entered: { account } }
  if (password.subarray(0, -1).includes(0)) throw new Malformed('A NUL inside the password')
  if (change) body.lp32()
  readEnd(body)
  return { spent: asksPam ? pamDelay(how.random(12)) : 0 }
}
const connection = 'ssh-connection'

/** RFC 4256 §3.4: the answer to the one question; `undefined` where there is another number of them. */
function readResponse(body: Cursor): Buffer | undefined {
  const count = body.u32be()
  if (count > mostAnswers) throw new Malformed(`${count} answers`)
  const answers = Array.from({ length: count }, () => body.lp32())
  readEnd(body)
  return count === 1 ? answers[0] : undefined
}
const tryAnswer = (how: Authentication, user: string, password: Buffer): Account | undefined =>
  open(how, 'keyboard-interactive', user, password, !password.subarray(0, -1).includes(0))

/** RFC 4252 §7: a key is offered, or used to sign. */
function tryPublicKey(how: Authentication, { user, service, method, body }: Request): Answered {
  const signs = body.u8()
  const algorithm = readText(body).toString('latin1')
  const blob = body.lp32()
  const hostKey = method === hostbound ? body.lp32() : undefined
  const record = (account?: Account, verified?: boolean) =>
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
  // sshd looks at what follows only once it has accepted the key's form.
  if (!matches(algorithm, blob)) {
    record()
    return atOnce
  }
  if (hostKey && !hostKey.equals(how.transport.hostKeyBlob)) throw new Malformed('A request bound to another host key')
  if (!signs) {
    // That a good key was offered is told by the log-in that follows, or by nothing but this.
    record()
    readEnd(body)
    if (service !== connection || !holderOf(how, user, blob)) return atOnce
    how.transport.send(message(Message.userauthPkOk, string(algorithm), string(blob)))
    return 'postponed'
  }
  const signature = body.lp32()
  const signed = Buffer.concat([
    string(how.transport.sessionId),
    message(Message.userauthRequest, string(user), string(service), string(method), boolean(true)),
    string(algorithm),
    string(blob),
    ...(hostKey ? [string(hostKey)] : []),
  ])
  const verified = isSignature(algorithm, blob, signature, signed)
  const entered = verified && body.left === 0 && service === connection ? holderOf(how, user, blob) : undefined
  record(entered?.account, verified)
  readEnd(body)
  return entered ? { spent: 0, entered } : atOnce
}

/** Whose key this is, as far as it opens anything. */
export function holderOf({ access, computer }: Authentication, user: string, blob: Buffer): Entered | undefined {
  // Only who was let in before can have left a key.
  if (access.publicKeys === 'refuse' || (access.publicKeys === 'installed' && !access.known)) return undefined
  const place = access.publicKeys === 'accept' ? '.ssh/authorized_keys:1' : installedAt(computer(), user, blob)
  const account = place === undefined ? undefined : computer().account(user)
  return account && { account, keyOptions: `${account.home}/${place}: key options: ${allowed}` }
}
const allowed = 'agent-forwarding port-forwarding pty user-rc x11-forwarding'
