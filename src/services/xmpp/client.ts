import { type Account, accountOf } from './account.ts'
import { childrenOf, element } from './element.ts'
import { CLIENT, type Jid, jidOf, MANAGEMENT, STANZA_ERRORS } from './names.ts'
import { request } from './requests.ts'
import { type Cx, closeStream, type Stream, send } from './stream.ts'
import type { Element } from './xml.ts'

/** Somebody who is logged in. */
export type Client = Stream & {
  host: string
  user: string
  account: Account
  /** Its whole address, once it is bound. */
  jid?: string
  /** Asked for the list of contacts, and is told of changes. */
  interested?: boolean
  /** Stream management (XEP-0198): stanzas that came, and whether an answer to ours is due. */
  counted?: { came: number; asked: boolean }
}

export const clientOf = (stream: Stream, cx: Cx, user: string): Client => ({
  ...stream,
  host: stream.host!,
  user,
  account: accountOf(cx, `${user}@${stream.host}`),
})
export const ownBare = ({ user, host }: Client): string => `${user}@${host}`

/** Sends stanzas, and asks whether they came where the client wants that. */
export async function deliver(client: Client, ...stanzas: Element[]): Promise<void> {
  if (stanzas.length === 0) return
  const { counted } = client
  const ask = counted && !counted.asked ? [element('r', MANAGEMENT)] : []
  if (counted) counted.asked = true
  await send(client, ...stanzas, ...ask)
}

/** The error that answers a stanza (RFC 6120 §8.3); what is an answer itself gets none. */
export function refusal(
  stanza: Element,
  type: string,
  condition: string,
  words?: string,
  to?: string,
): Element | undefined {
  const said = stanza.attributes.get('type')
  if (said === 'error' || (stanza.name === 'iq' && said === 'result')) return undefined
  const text = words === undefined ? [] : [element('text', STANZA_ERRORS, {}, words)]
  return element(
    stanza.name,
    CLIENT,
    { type: 'error', id: stanza.attributes.get('id'), from: stanza.attributes.get('to'), to },
    element('error', CLIENT, { type }, element(condition, STANZA_ERRORS), ...text),
  )
}
export async function refuse(
  client: Client,
  stanza: Element,
  type: string,
  condition: string,
  words?: string,
): Promise<void> {
  const said = refusal(stanza, type, condition, words, client.jid)
  if (said) await deliver(client, said)
}

/** One stanza of somebody who is logged in; `false` ends the stream. */
export async function take(client: Client, stanza: Element): Promise<boolean> {
  if (stanza.space === MANAGEMENT && client.jid !== undefined && (await managed(client, stanza))) return true
  // Client state indication (XEP-0352) needs no answer.
  if (stanza.space === 'urn:xmpp:csi:0') return true
  if (stanza.space !== CLIENT || !/^(?:iq|message|presence)$/.test(stanza.name)) {
    await closeStream(client, 'unsupported-stanza-type')
    return false
  }
  if (client.counted) client.counted.came++
  const said = stanza.attributes.get('to')
  const wrong = stanza.name === 'iq' ? wrongRequest(stanza) : undefined
  const at = said === undefined ? undefined : jidOf(said)
  // Errors before anybody looks whose stanza it is have no address to go to.
  const unstamped = async (condition: string, words: string) => {
    const error = refusal(stanza, 'modify', condition, words)
    if (error) await deliver(client, error)
    return true
  }
  if (wrong !== undefined) return await unstamped('bad-request', wrong)
  if (said !== undefined && !at) {
    await refuse(client, stanza, 'modify', 'jid-malformed', `The destination address is invalid: ${said}`)
    return true
  }
  if (at && at.host !== client.host) return abroad(client, at, stanza)
  if (stanza.name === 'iq') await request(client, stanza, at)
  else if (client.jid === undefined) await refuse(client, stanza, 'cancel', 'service-unavailable')
  else if (stanza.name === 'message') await message(client, stanza, at)
  else await presence(client, stanza, at)
  return true
}

function wrongRequest(stanza: Element): string | undefined {
  const type = stanza.attributes.get('type') ?? ''
  if (!/^(?:get|set|result|error)$/.test(type)) return 'Invalid IQ type'
  if (!stanza.attributes.has('id')) return "Missing required 'id' attribute"
  const asks = type === 'get' || type === 'set'
  return asks && childrenOf(stanza).length !== 1 ? 'Incorrect number of children for IQ stanza' : undefined
}

/** Acknowledgements; what is none of them is left to others. */
async function managed(client: Client, { name }: Element): Promise<boolean> {
  if (name === 'enable') {
    if (client.counted)
      await send(client, element('failed', MANAGEMENT, {}, element('unexpected-request', STANZA_ERRORS)))
    else {
      client.counted = { came: 0, asked: false }
      await send(client, element('enabled', MANAGEMENT))
    }
    return true
  }
  if (!client.counted) return false
  if (name === 'r') await send(client, element('a', MANAGEMENT, { h: String(client.counted.came) }))
  else if (name === 'a') client.counted.asked = false
  else return false
  return true
}

/** To another server: never sent anywhere. */
function abroad({ cx }: Client, at: Jid, stanza: Element): true {
  if (stanza.attributes.get('type') !== 'error')
    cx.record.outboundAttempt({ host: at.host, port: 5269, tool: 'prosody' })
  return true
}

/** As it reaches somebody: with its sender, and the language of the stream. */
function stamped(client: Client, stanza: Element): Element {
  const attributes = new Map(stanza.attributes).set('from', client.jid!)
  if (!attributes.has('xml:lang')) attributes.set('xml:lang', 'en')
  return { ...stanza, attributes }
}

export const isColleague = ({ cx }: Client, node: string): boolean => cx.persona.users.some(({ name }) => name === node)

async function message(client: Client, stanza: Element, at: Jid | undefined): Promise<void> {
  const own = !at || at.node === client.user
  if (own) {
    const sent = stamped(client, stanza)
    // To the bare address: to every resource, without saying so.
    if (at?.resource === undefined) sent.attributes.delete('to')
    await deliver(client, sent)
  } else if (at.node === undefined || !isColleague(client, at.node))
    await refuse(client, stanza, 'cancel', 'service-unavailable')
}

async function presence(client: Client, stanza: Element, at: Jid | undefined): Promise<void> {
  const type = stanza.attributes.get('type')
  if (type !== undefined && !/^(?:unavailable|subscribed?|unsubscribed?|probe|error)$/.test(type))
    return await refuse(client, stanza, 'modify', 'bad-request', 'Invalid presence type')
  if (at) {
    const bare = { from: at.node === undefined ? at.host : `${at.node}@${at.host}`, to: ownBare(client) }
    if (type === 'subscribe' && !(at.node !== undefined && isColleague(client, at.node)))
      await deliver(client, element('presence', CLIENT, { ...bare, type: 'unavailable' }))
    return
  }
  const sent = stamped(client, stanza)
  if (type === undefined) {
    const update = 'vcard-temp:x:update'
    sent.children = [...sent.children, element('x', update, {}, element('photo', update))]
  }
  if (type === undefined || type === 'unavailable') await deliver(client, sent)
}
