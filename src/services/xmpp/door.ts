import { type Client, clientOf, refusal, take } from './client.ts'
import { childOf, element, textOf } from './element.ts'
import { featuresAfter, featuresBefore, hasInvitations, isStanza } from './features.ts'
import { type Door, sasl } from './login.ts'
import { hostOf, SASL, STANZA_ERRORS, TLS } from './names.ts'
import { closeStream, features, newId, openStream, send, serves, shown } from './stream.ts'
import type { Element } from './xml.ts'

/** What becomes of a stream after a stanza: it goes on, begins anew (in TLS or not), or is over. */
export type Next = 'on' | 'anew' | 'tls' | 'over'

/** A client's header (RFC 6120 §4.7). */
export async function openForClient(door: Door, header: Element): Promise<boolean> {
  const { cx } = door
  const said = header.attributes.get('to')
  const over = async (condition: string, words: string) => {
    await closeStream(door, condition, words)
    return false
  }
  if (said === undefined) return await over('improper-addressing', "A 'to' attribute is required on stream headers")
  const host = hostOf(said)
  if (host === undefined)
    return await over('improper-addressing', "A valid 'to' attribute is required on stream headers")
  if (door.host !== undefined && door.host !== host) {
    // The id is the one of the stream before.
    return await over('not-authorized', "The 'to' attribute must remain the same across stream restarts")
  }
  door.host = host
  door.version = Number(header.attributes.get('version')) || 0
  door.id = newId(cx)
  if (!serves(cx, host)) return await over('host-unknown', `This server does not serve ${host}`)
  await openStream(door, host, header.attributes.get('from'))
  await features(door, door.user === undefined ? featuresBefore(cx) : featuresAfter(cx))
  return true
}

/** A stanza of somebody who is not logged in. */
export async function atTheDoor(door: Door, stanza: Element): Promise<Next> {
  if (stanza.space === TLS && stanza.name === 'starttls') return await startTls(door)
  if (stanza.space === SASL && /^(?:auth|response|abort)$/.test(stanza.name))
    return (await sasl(door, stanza)) ? 'anew' : 'on'
  if (!isStanza(stanza)) {
    await closeStream(door, 'unsupported-stanza-type')
    return 'over'
  }
  const query = childOf(stanza, 'query', 'jabber:iq:register')
  const answer = query && stanza.name === 'iq' && hasInvitations(door.cx) ? register(door, stanza, query) : undefined
  const said = answer ?? refusal(stanza, 'cancel', 'service-unavailable')
  if (said) await send(door, said)
  return 'on'
}

async function startTls(door: Door): Promise<Next> {
  if (door.cx.encrypted) {
    await send(door, element('failure', TLS))
    await closeStream(door)
    return 'over'
  }
  await send(door, element('proceed', TLS))
  return 'tls'
}

const REGISTER = 'jabber:iq:register'
const INSTRUCTIONS = 'Choose a username and password for use with this service.'

/** An account by oneself (XEP-0077): with Debian's settings only who is invited gets one. */
function register(door: Door, stanza: Element, query: Element): Element | undefined {
  const id = stanza.attributes.get('id')
  const from = stanza.attributes.get('to')
  if (stanza.attributes.get('type') === 'get') return element('iq', stanza.space, { from, type: 'result', id }, form())
  if (stanza.attributes.get('type') !== 'set') return undefined
  const user = textOf(childOf(query, 'username')) ?? ''
  const password = textOf(childOf(query, 'password')) ?? ''
  if (user !== '')
    door.cx.record.login({ method: 'register', user: shown(user), password: shown(password), outcome: 'failure' })
  const words = 'Registration on this server is through invitation only'
  return element(
    'iq',
    stanza.space,
    { from, type: 'error', id },
    element(
      'error',
      stanza.space,
      { type: 'modify' },
      element('not-acceptable', STANZA_ERRORS),
      element('text', STANZA_ERRORS, {}, words),
    ),
  )
}

function form(): Element {
  const data = 'jabber:x:data'
  const field = (label: string | undefined, type: string, name: string, inner: Element) =>
    element('field', data, { label, type, var: name }, inner)
  const required = element('required', data)
  return element(
    'query',
    REGISTER,
    {},
    element('instructions', REGISTER, {}, INSTRUCTIONS),
    element('username', REGISTER),
    element('password', REGISTER),
    element(
      'x',
      data,
      { type: 'form' },
      element('title', data, {}, 'Creating a new account'),
      element('instructions', data, {}, INSTRUCTIONS),
      field(undefined, 'hidden', 'FORM_TYPE', element('value', data, {}, REGISTER)),
      field('Username', 'text-single', 'username', required),
      field('Password', 'text-private', 'password', required),
    ),
  )
}

/** A stanza of somebody who may be logged in. */
export async function ofClient(door: Door, state: { client?: Client }, stanza: Element): Promise<Next> {
  if (door.user === undefined) return await atTheDoor(door, stanza)
  state.client ??= clientOf(door, door.cx, door.user)
  return (await take(state.client, stanza)) ? 'on' : 'over'
}
