import type { Access } from '#access/access.ts'
import { text } from '#events/text.ts'
import type { Conn } from '#sensor/conn.ts'
import type { TcpContext } from '#sensor/service.ts'
import { element, escaped, textOf, written } from './element.ts'
import { type CLIENT, DIALBACK, SERVER, STREAM_ERRORS, STREAMS, uuidOf } from './names.ts'
import type { Options } from './options.ts'
import type { Element } from './xml.ts'

export type Cx = TcpContext<Options>

/** One side of a connection's stream, of a client's or a server's. Strings are Latin-1. */
export type Stream = {
  conn: Conn
  cx: Cx
  access: Access
  /** What its stanzas are of: `jabber:client` or `jabber:server`. */
  space: typeof CLIENT | typeof SERVER
  /** Our name and the other's, once it said them. */
  host?: string
  peer?: string
  id: string
  /** What it said of its version. */
  version: number
  opened: boolean
}

export const send = (stream: Stream, ...elements: Element[]): Promise<void> =>
  stream.conn.write(elements.map(one => written(one, stream.space)).join(''))

/** Our own header: the order of attributes is another with every Prosody that starts. */
export async function openStream(stream: Stream, from: string | undefined, to: string | undefined): Promise<void> {
  const server = stream.space === SERVER
  const attributes = [
    ['xmlns:stream', STREAMS],
    ['xml:lang', 'en'],
    ['from', from ?? (server ? '' : undefined)],
    ['xmlns:db', server && (from === undefined || serves(stream.cx, from)) ? DIALBACK : undefined],
    ['to', to ?? (server ? '' : undefined)],
    ['version', stream.version > 0 ? '1.0' : undefined],
    ['id', stream.id],
    ['xmlns', stream.space],
  ]
  const shown = attributes.flatMap(([name, value]) => (value === undefined ? [] : [` ${name}='${escaped(value)}'`]))
  stream.opened = true
  await stream.conn.write(`<?xml version='1.0'?><stream:stream${shown.join('')}>`)
}

/** The last words, with an error (RFC 6120 §4.9) or without. */
export async function closeStream(
  stream: Stream,
  condition?: string,
  words?: string,
  ...more: Element[]
): Promise<void> {
  if (!stream.opened) await openStream(stream, stream.host, stream.space === SERVER ? stream.peer : undefined)
  let said = ''
  if (condition !== undefined) {
    const inner = [element(condition, STREAM_ERRORS)]
    if (words !== undefined) inner.push(element('text', STREAM_ERRORS, {}, words))
    said = `<stream:error>${[...inner, ...more].map(one => written(one, stream.space)).join('')}</stream:error>`
  }
  await stream.conn.write(`${said}</stream:stream>`)
}

export const features = (stream: Stream, list: readonly Element[]): Promise<void> =>
  stream.conn.write(`<stream:features>${list.map(one => written(one, stream.space)).join('')}</stream:features>`)

/** Does it serve this name? */
export const serves = ({ persona, options, destination }: Cx, name: string): boolean =>
  [persona.domain, persona.fqdn, 'localhost', destination.ip, ...options.hosts].includes(name)

export const newId = ({ random }: Cx): string => uuidOf(random(16))

/** Words of an attacker's for an event. */
export const shown = (latin1: string, max = 512): string => text(Buffer.from(latin1, 'latin1'), max)

/** A stanza as an event: what it is, and all that it says. Secrets of log-ins are in the log-in's own. */
export function recordStanza(stream: Stream, stanza: Element): void {
  const inner = stanza.children.find(child => typeof child !== 'string')
  const kind = stanza.name === 'iq' && inner ? `iq ${inner.name}` : stanza.name
  const line = stanza.name === 'auth' || stanza.name === 'response' ? { ...stanza, children: [] } : stanza
  stream.cx.record.command({ line: shown(written(line, stream.space), 8192), verb: shown(kind, 64) })
}

/** Why a peer gives up, as it says itself. */
export const complaintOf = (stanza: Element): string =>
  shown(
    stanza.children.flatMap(child => (typeof child === 'string' ? [] : [child.name, textOf(child) ?? ''])).join(' '),
  )
