import { accessOf } from '#access/access.ts'
import type { Conn } from '#sensor/conn.ts'
import { Hangup } from '#sensor/endings.ts'
import type { Client } from './client.ts'
import { type Next, ofClient, openForClient } from './door.ts'
import { element } from './element.ts'
import { abandoned, type Door } from './login.ts'
import { CLIENT, SERVER, STREAMS } from './names.ts'
import { ofServer, openForServer } from './servers.ts'
import { type Cx, closeStream, complaintOf, recordStanza } from './stream.ts'
import { type StreamEvent, StreamReader } from './xml.ts'

/** Prosody 0.12 with Debian's configuration; wordings recorded from 0.12.3 (test/oracle/xmpp). */

/** Bytes of a stanza before the log-in and after it (c2s_unauthed_stanza_size_limit, c2s_stanza_size_limit). */
const SMALL = 10_000
const LARGE = 256 * 1024

export async function session(conn: Conn, cx: Cx): Promise<void> {
  const door: Door = {
    conn,
    cx,
    access: accessOf(cx, cx.options.access),
    space: cx.port === 5269 ? SERVER : CLIENT,
    id: '',
    version: 0,
    opened: false,
  }
  try {
    await converse(door)
  } catch (error) {
    if (error instanceof Hangup && error.reason === 'idle') await closeStream(door, 'connection-timeout')
    throw error
  } finally {
    abandoned(door)
  }
}

async function converse(door: Door): Promise<void> {
  const { conn, cx } = door
  const state: { client?: Client } = {}
  let reader = new StreamReader()
  for (;;) {
    let chunk = await conn.readSome()
    while (chunk.length > 0) {
      const before = reader.outstanding
      let next: Next = 'on'
      let taken = chunk.length
      const events = reader.feed(chunk)
      for (const event of events) {
        next = await heard(door, state, event)
        if (next === 'on') continue
        taken = reader.taken
        break
      }
      if (next === 'over') return
      if (next === 'on') {
        if (reader.outstanding > (door.user === undefined ? SMALL : LARGE) && reader.outstanding > before)
          return await tooBig(door)
        break
      }
      reader = new StreamReader()
      door.opened = false
      // What was said in plain before TLS is not of it.
      if (next === 'tls') {
        await cx.startTls()
        break
      }
      chunk = chunk.subarray(taken)
    }
  }
}

async function tooBig(door: Door): Promise<void> {
  door.cx.record.malformed({ why: 'A stanza over the limit' })
  await closeStream(door, 'policy-violation', 'XML stanza is too big', element('stanza-too-big', 'urn:xmpp:errors'))
}

async function heard(door: Door, state: { client?: Client }, event: StreamEvent): Promise<Next> {
  const { cx } = door
  if (event.kind === 'broken') {
    cx.record.malformed({ why: event.why })
    await closeStream(door, 'not-well-formed')
    return 'over'
  }
  if (event.kind === 'close') {
    await closeStream(door)
    return 'over'
  }
  const { element: said } = event
  recordStanza(door, event.kind === 'open' ? { ...said, name: 'stream:stream' } : said)
  if (event.kind === 'open') {
    if (said.name !== 'stream' || said.space !== STREAMS) {
      await closeStream(door, 'invalid-namespace')
      return 'over'
    }
    return (await (door.space === SERVER ? openForServer(door, said) : openForClient(door, said))) ? 'on' : 'over'
  }
  if (said.space === STREAMS && said.name === 'error') {
    cx.record.malformed({ why: `The peer gives up: ${complaintOf(said)}` })
    await closeStream(door)
    return 'over'
  }
  return await (door.space === SERVER ? ofServer(door, said) : ofClient(door, state, said))
}
