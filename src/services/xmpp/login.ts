import { readPlain, readScramFirst } from '#codec/sasl.ts'
import { Malformed } from '#sensor/endings.ts'
import { element, textOf } from './element.ts'
import { nodeOf, SASL } from './names.ts'
import { challenged, proved, type Scram } from './scram.ts'
import { type Cx, type Stream, send, shown } from './stream.ts'
import type { Element } from './xml.ts'

/** A client's stream before and after its log-in. */
export type Door = Stream & { user?: string; scram?: Scram | undefined; mechanism?: string }

export const mechanismsOf = ({ options }: Cx): string[] => ['PLAIN', `SCRAM-${options.hash}`]
/** Prosody takes it wherever it knows the hash, offered or not. */
const taken = (cx: Cx, mechanism: string): boolean =>
  mechanismsOf(cx).includes(mechanism) || mechanism === `SCRAM-${cx.options.hash}-PLUS`

const failure = (door: Door, condition: string, words?: string): Promise<void> =>
  send(
    door,
    element(
      'failure',
      SASL,
      {},
      element(condition, SASL),
      ...(words === undefined ? [] : [element('text', SASL, {}, words)]),
    ),
  )
const wrong = "Unable to authorize you with the authentication credentials you've sent."

/** auth, response and abort (RFC 6120 §6); `true` once somebody is logged in. */
export async function sasl(door: Door, stanza: Element): Promise<boolean> {
  const { cx } = door
  if (stanza.name === 'abort') {
    abandoned(door)
    await failure(door, 'aborted')
    return false
  }
  if (stanza.name === 'auth') {
    abandoned(door)
    const mechanism = stanza.attributes.get('mechanism') ?? ''
    if (!cx.encrypted && cx.options.encryption === 'required') {
      // What was said before it may be is worth as much.
      if (mechanism === 'PLAIN') tried(door, textOf(stanza))
      await failure(door, 'encryption-required')
      return false
    }
    if (!taken(cx, mechanism)) {
      await failure(door, 'invalid-mechanism')
      return false
    }
    door.mechanism = mechanism
    if (textOf(stanza) === undefined) {
      // Prosody refuses a mechanism without its first message; hydra sends none, and its password only when asked.
      await send(door, element('challenge', SASL, {}, '='))
      return false
    }
  } else if (door.mechanism === undefined) {
    await failure(door, 'not-authorized', 'Out of order SASL element')
    return false
  }
  const said = decoded(textOf(stanza))
  if (said === undefined) {
    abandoned(door)
    await failure(door, 'incorrect-encoding')
    return false
  }
  if (door.mechanism === 'PLAIN') {
    delete door.mechanism
    return await plain(door, said)
  }
  try {
    return await scram(door, said)
  } catch (error) {
    if (!(error instanceof Malformed)) throw error
    abandoned(door)
    await failure(door, 'malformed-request')
    return false
  }
}

/** Who leaves over a challenge tried all the same. */
export function abandoned(door: Door): void {
  if (door.scram) record(door, door.scram.user, {}, false, door.mechanism)
  ended(door)
}
function ended(door: Door): void {
  door.scram = undefined
  delete door.mechanism
}

/** Base64 without a check of its length, as Prosody reads it. */
const decoded = (said = ''): Buffer | undefined =>
  /^[A-Za-z0-9+/=]*$/.test(said.replaceAll(/\s/g, '')) ? Buffer.from(said, 'base64') : undefined

function tried(door: Door, said: string | undefined): void {
  const found = readPlain(decoded(said) ?? Buffer.alloc(0))
  if (found) record(door, found.user, { password: found.password }, false)
}
function record(
  door: Door,
  user: string,
  what: { password?: string; hash?: string },
  good: boolean,
  method = 'PLAIN',
): void {
  door.cx.record.login({
    method,
    user: shown(user),
    ...(what.password === undefined ? {} : { password: shown(what.password) }),
    ...(what.hash === undefined ? {} : { hash: what.hash }),
    outcome: good ? 'success' : 'failure',
  })
}

async function plain(door: Door, message: Buffer): Promise<boolean> {
  // What comes behind a third zero is nobody's.
  const [, user = '', password = ''] = message.toString('latin1').split('\0')
  if (user === '' || password === '') {
    if (user !== '') record(door, user, { password }, false)
    await failure(door, 'malformed-request')
    return false
  }
  const node = nodeOf(user)
  if (node === undefined) {
    record(door, user, { password }, false)
    await failure(door, 'malformed-request', 'Invalid username or password.')
    return false
  }
  const good = door.access.password(node, password)
  record(door, user, { password }, good)
  if (!good) {
    await failure(door, 'not-authorized', wrong)
    return false
  }
  door.user = node
  await send(door, element('success', SASL))
  return true
}

async function scram(door: Door, message: Buffer): Promise<boolean> {
  const { cx, mechanism = '' } = door
  if (!door.scram) {
    const first = readScramFirst(message)
    const started = challenged(cx, mechanism, first)
    if (!started) {
      record(door, first.user, {}, false, mechanism)
      ended(door)
      await failure(door, 'not-authorized')
      return false
    }
    door.scram = started
    await send(door, element('challenge', SASL, {}, Buffer.from(started.challenge, 'latin1').toString('base64')))
    return false
  }
  const begun = door.scram
  const found = await proved(cx, begun, message)
  if (!found) {
    abandoned(door)
    await failure(door, 'malformed-request', 'Wrong nonce in client-final-message.')
    return false
  }
  ended(door)
  // Without the password there is no signature of our own to answer with: such a guess counts, and fails.
  const good = door.access.password(begun.user, found.password ?? `\0${found.hash}`) && found.signature !== undefined
  record(door, begun.user, found, good, mechanism)
  if (!good) {
    await failure(door, 'not-authorized', "The response provided by the client doesn't match the one we calculated.")
    return false
  }
  door.user = begun.user
  await send(door, element('success', SASL, {}, Buffer.from(`v=${found.signature}`, 'latin1').toString('base64')))
  return true
}
