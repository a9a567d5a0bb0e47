import { accessOf } from '#access/access.ts'
import { readScramFinal, readScramFirst } from '#codec/sasl.ts'
import { text as readable } from '#events/text.ts'
import { badValue, MongoError } from './errors.ts'
import { kinds, proved, saltOf } from './scram.ts'
import type { Scram, Session } from './state.ts'
import { binary, type Doc, doc, int, isA, isDoc, numberOf, truthy, type Value } from './value.ts'

const said = (latin1: string): string => readable(Buffer.from(latin1, 'latin1'), 256)
const failed = (): MongoError => new MongoError('AuthenticationFailed', 'Authentication failed.')
const payloadOf = (value: Value | undefined): Buffer =>
  isA(value, 'binary')
    ? value.bytes.subarray(0, 4096)
    : Buffer.from(typeof value === 'string' ? value.slice(0, 4096) : '', 'base64')
/** What a message of SCRAM holds, or the answer to one that is none. */
function parsed<T>(read: () => T, which: 'first' | 'second', payload: Buffer): T {
  try {
    return read()
  } catch {
    const got = payload.toString('latin1').split(',').length
    throw badValue(`Incorrect number of arguments for ${which} SCRAM client message, got ${got} expected at least 3`)
  }
}
const step = (id: number, done: boolean, payload: string): Doc =>
  doc({ conversationId: int(id), done, payload: binary(Buffer.from(payload, 'latin1')), ok: 1 })

/** saslStart: a mechanism and the client's first message. */
export function saslStart(session: Session, command: Doc, db: string): Doc {
  const mechanism = command.get('mechanism')
  const payload = payloadOf(command.get('payload'))
  if (mechanism !== 'SCRAM-SHA-1' && mechanism !== 'SCRAM-SHA-256') return unknownMechanism(session, mechanism, payload)
  const { user, nonce: theirs, bare } = parsed(() => readScramFirst(payload), 'first', payload)
  const { cx } = session
  const salt = saltOf(cx, mechanism, db, user)
  const nonce = theirs + cx.random(24).toString('base64')
  const challenge = `r=${nonce},s=${salt.toString('base64')},i=${kinds[mechanism].iterations}`
  const options = command.get('options')
  session.scram = {
    id: ++session.conversations,
    mechanism,
    db,
    user,
    bare,
    challenge,
    nonce,
    salt,
    skipEmpty: isDoc(options) && truthy(options.get('skipEmptyExchange')),
    proved: false,
  }
  return step(session.scram.id, false, challenge)
}

function unknownMechanism(session: Session, mechanism: Value | undefined, payload: Buffer): never {
  if (mechanism === 'PLAIN') {
    const [, user = '', password = ''] = payload.toString('latin1').split('\0', 3)
    session.cx.record.login({ method: 'plain', user: said(user), password: said(password), outcome: 'failure' })
  }
  const name = typeof mechanism === 'string' ? mechanism.slice(0, 128) : ''
  if (mechanism === undefined) throw new MongoError('NoSuchKey', 'Missing expected field "mechanism"')
  throw new MongoError(
    'MechanismUnavailable',
    `Received authentication for mechanism ${name} which is ${/^(?:PLAIN|GSSAPI|MONGODB-(?:X509|AWS|CR|OIDC))$/.test(name) ? 'not enabled' : 'unknown or not enabled'}`,
  )
}

/** saslContinue: the proof, then perhaps an empty message. */
export async function saslContinue(session: Session, command: Doc): Promise<Doc> {
  const { scram, cx } = session
  if (!scram) throw new MongoError('ProtocolError', 'No SASL session state found')
  if (numberOf(command.get('conversationId')) !== scram.id)
    throw new MongoError('ProtocolError', 'sasl: Mismatched conversation id')
  const payload = payloadOf(command.get('payload'))
  if (scram.proved) {
    session.scram = undefined
    session.user = { name: scram.user, db: scram.db }
    return step(scram.id, true, '')
  }
  session.scram = undefined
  const { nonce, proof, withoutProof } = parsed(() => readScramFinal(payload), 'second', payload)
  if (nonce !== scram.nonce || proof.length !== kinds[scram.mechanism].bytes) {
    record(session, scram, {}, false)
    throw failed()
  }
  const own = session.server.passwords.get(`${scram.db}.${scram.user}`)
  const { password, hash, signature } = await proved(cx, scram, withoutProof, proof, own)
  const access = accessOf(cx, cx.options.access)
  // Without the password there is no signature of our own to answer with: such a guess counts, and fails.
  const good =
    own !== undefined
      ? password === own
      : password === undefined
        ? access.password(scram.user, `\0${hash}`) && false
        : access.password(scram.user, password)
  record(session, scram, { hash, ...(password === undefined ? {} : { password }) }, good)
  if (!good || signature === undefined) throw failed()
  if (scram.skipEmpty) {
    session.user = { name: scram.user, db: scram.db }
    return step(scram.id, true, `v=${signature}`)
  }
  session.scram = { ...scram, proved: true }
  return step(scram.id, false, `v=${signature}`)
}
function record(
  { cx }: Session,
  scram: Scram,
  { password, hash }: { password?: string; hash?: string },
  good: boolean,
): void {
  cx.record.login({
    method: scram.mechanism.toLowerCase(),
    user: said(scram.user),
    ...(password === undefined ? {} : { password: said(password) }),
    ...(hash === undefined ? {} : { hash }),
    outcome: good ? 'success' : 'failure',
  })
}

/** Clients that leave when they have seen the challenge tried all the same. */
export function abandoned(session: Session): void {
  const { scram } = session
  if (scram && !scram.proved) record(session, scram, {}, false)
  session.scram = undefined
}

/** getnonce: of MONGODB-CR, which went with 4.0; the command stayed some time longer. */
export const getNonce = ({ cx }: Session): Doc => doc({ nonce: cx.random(8).toString('hex'), ok: 1 })

/** authenticate with MONGODB-CR: recorded in John's form (`mongodb`), as hashcat has none; no server since 4.0 takes it. */
export function authenticate(session: Session, command: Doc): Doc {
  const [user, nonce, key] = ['user', 'nonce', 'key'].map(name => command.get(name))
  const mechanism = command.get('mechanism') ?? 'MONGODB-CR'
  if (typeof user === 'string')
    session.cx.record.login({
      method: said(String(typeof mechanism === 'string' ? mechanism : '').toLowerCase()),
      user: said(user),
      ...(typeof nonce === 'string' &&
      typeof key === 'string' &&
      /^[\da-f]{1,32}$/i.test(nonce) &&
      /^[\da-f]{32}$/i.test(key)
        ? { hash: `$mongodb$0$${said(user)}$${nonce}$${key}` }
        : {}),
      outcome: 'failure',
    })
  throw badValue(`Unsupported mechanism: ${typeof mechanism === 'string' ? mechanism.slice(0, 128) : ''}`)
}
