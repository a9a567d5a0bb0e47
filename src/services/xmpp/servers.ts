import type { Next } from './door.ts'
import { element, textOf, written } from './element.ts'
import { DIALBACK, hostOf, SERVER, TLS } from './names.ts'
import { closeStream, features, newId, openStream, type Stream, send, serves, shown } from './stream.ts'
import type { Element } from './xml.ts'

/** Another server at 5269. Who it is would have to be asked of the server of that name (XEP-0220): nobody ever is asked. */

/** Its header; `false` where nothing more is read. */
export async function openForServer(stream: Stream, header: Element): Promise<boolean> {
  const { cx } = stream
  const to = header.attributes.get('to')
  const from = header.attributes.get('from')
  const [host, peer] = [to, from].map(said => (said === undefined ? undefined : hostOf(said)))
  stream.version = Number(header.attributes.get('version')) || 0
  const over = async (condition: string, words: string) => {
    await closeStream(stream, condition, words)
    return false
  }
  if (to !== undefined && host === undefined) return await over('improper-addressing', "Invalid 'to' address")
  if (from !== undefined && peer === undefined) return await over('improper-addressing', "Invalid 'from' address")
  if (stream.peer !== undefined && stream.peer !== peer)
    return await over('improper-addressing', "New stream 'from' attribute does not match original")
  if (stream.host !== undefined && stream.host !== host)
    return await over('improper-addressing', "New stream 'to' attribute does not match original")
  if (peer !== undefined) stream.peer = peer
  if (host !== undefined) stream.host = host
  stream.id = newId(cx)
  if (host !== undefined && !serves(cx, host)) return await over('host-unknown', `This host does not serve ${host}`)
  if (peer !== undefined && serves(cx, peer))
    return await over('undefined-condition', 'Attempt to connect from a host we serve')
  if (host === undefined) return await over('undefined-condition', 'No stream features to offer')
  await openStream(stream, host, peer)
  if (stream.version < 1) return true
  const tls = cx.encrypted ? [] : [element('starttls', TLS, {}, element('required', TLS))]
  await features(stream, [...tls, element('dialback', 'urn:xmpp:features:dialback')])
  return true
}

/** What a server that nobody knows yet may say. */
export async function ofServer(stream: Stream, stanza: Element): Promise<Next> {
  const { name, space, attributes } = stanza
  if (space === TLS && name === 'starttls' && !stream.cx.encrypted) {
    await send(stream, element('proceed', TLS))
    return 'tls'
  }
  if (space === DIALBACK && name === 'verify') {
    await verify(stream, stanza)
    return 'on'
  }
  if (space === DIALBACK && name === 'result') {
    const [to, from] = [attributes.get('to'), attributes.get('from')]
    if (to === undefined || from === undefined) return await close(stream, 'improper-addressing')
    const host = hostOf(to)
    if (host === undefined || !serves(stream.cx, host)) return await close(stream, 'unsupported-stanza-type')
    const peer = hostOf(from)
    if (peer === undefined) return await close(stream, 'improper-addressing')
    stream.cx.record.outboundAttempt({ host: shown(peer, 255), port: 5269, tool: 'prosody' })
    return 'on'
  }
  // Stanzas of a server that is not verified are taken, and go nowhere.
  return space === SERVER ? 'on' : await close(stream, 'unsupported-stanza-type')
}

async function close(stream: Stream, condition: string): Promise<Next> {
  await closeStream(stream, condition)
  return 'over'
}

/** A key that is said to be of ours: none is, since we never connected to anybody. */
async function verify(stream: Stream, stanza: Element): Promise<void> {
  const { attributes } = stanza
  if (attributes.has('type')) return
  const key = textOf(stanza)
  const said = { type: 'invalid', to: attributes.get('from'), from: attributes.get('to'), id: attributes.get('id') }
  const text = Object.entries(said).flatMap(([name, value]) => (value === undefined ? [] : [[name, value] as const]))
  const answer = { ...stanza, attributes: new Map(text), children: key === undefined ? [] : [key] }
  await stream.conn.write(prefixed(answer))
}

/** With the prefix that both headers declared. */
function prefixed({ name, attributes, children }: Element): string {
  const plain = element(`db:${name}`, SERVER, Object.fromEntries(attributes), ...children)
  return written(plain, SERVER)
}
