import type { Cursor } from '#codec/cursor.ts'
import { Malformed } from '#sensor/endings.ts'
import type { Channel, Link, Opening } from './channel.ts'
import { Channels } from './channels.ts'
import { type ForwardSetting, Forwards } from './forwards.ts'
import { answerGlobal, type GlobalSetting, hostKeysOffer } from './global.ts'
import { Message } from './messages.ts'
import { Session, type SessionSetting, Violation } from './session.ts'
import { openTunnel, type Tunnel, type TunnelSetting } from './tunnel.ts'
import { boolean, message, readEnd, readText, string, uint32 } from './wire.ts'

/** MaxSessions. */
const mostSessions = 10
/** SSH2_OPEN_CONNECT_FAILED, which sshd says for nearly everything. */
const connectFailed = 2

export type Serving = Link &
  ForwardSetting &
  Omit<SessionSetting, 'listen' | 'debug' | 'openssh'> &
  Pick<GlobalSetting, 'server'> &
  Pick<TunnelSetting, 'sample' | 'pause' | 'now'> & {
    /** The client's identification without its line end. */
    client: string
    /** What an `authorized_keys` allowed, which sshd tells in a debug message; of a log-in by key. */
    keyOptions?: string
  }

/** What a number of this connection stands for. */
type Behind = { channel: Channel; session: Session } | { channel: Channel; tunnel: Tunnel }

/** Clients that take a global request for an attack (compat.c, SSH_BUG_HOSTKEYS). */
const shy = /^(?:TTSSH\/(?:1\.5\.|2\.[1-6]|2\.70|2\.71|2\.72)|Cisco-1\.)/

/**
 * The connection protocol (RFC 4254) as sshd speaks it after a log-in, until the client goes. What runs for it then ends
 * too.
 */
export async function serve(how: Serving): Promise<void> {
  const { transport } = how
  const connection = connectionOf(how)
  const software = how.client.slice(how.client.indexOf('-', 4) + 1)
  if (!shy.test(software)) transport.send(hostKeysOffer(how.server))
  if (how.keyOptions !== undefined) connection.debug(how.keyOptions)
  try {
    for (;;) {
      await transport.flush()
      // Numbers become free between two looks at the network.
      if (how.conn.held === 0) connection.sweep()
      const received = await transport.receive()
      const handle = connection.handlers.get(received.type)
      if (handle) handle(received.body)
      else transport.unimplemented(received)
    }
  } catch (error) {
    if (error instanceof Violation) await transport.disconnect(error.message)
    throw error
  } finally {
    transport.close()
    await connection.end()
  }
}

type Connection = {
  /** What is done with each kind of message. */
  handlers: ReadonlyMap<number, (body: Cursor) => void>
  debug(text: string): void
  /** Numbers of channels that both sides have closed are free. */
  sweep(): void
  /** Everything that is still open ends; done when all of it is recorded. */
  end(): Promise<void>
}

function connectionOf(how: Serving): Connection {
  const { transport } = how
  const channels = new Channels(how)
  const behind = new Map<number, Behind>()
  let sessionsForbidden = false
  let agent = false

  const debug = (text: string) => transport.send(message(Message.debug, boolean(false), string(text), string('')))
  const global: GlobalSetting = {
    ...how,
    debug,
    forwards: new Forwards(how, channels),
    sessionId: transport.sessionId,
    forbidSessions: () => {
      sessionsForbidden = true
    },
  }
  const setting: SessionSetting = {
    ...how,
    debug,
    openssh: how.client.slice(how.client.indexOf('-', 4) + 1).startsWith('OpenSSH_'),
    // One for the connection, of whichever session asks first.
    listen: () => {
      if (agent || channels.reserve() === undefined) return false
      agent = true
      return true
    },
  }
  const sweep = () => {
    for (const { channel } of behind.values()) {
      if (!channel.gone) continue
      channels.release(channel.id)
      behind.delete(channel.id)
    }
  }
  /** Something was said outside of the reader's turn. */
  const said = () => {
    sweep()
    void transport.flush().catch(() => undefined)
  }
  /** What a message is about; `what` is how sshd calls it. */
  const find = (what: string, id: number): Behind => {
    if (id > 0x7fffffff) throw new Violation(`Invalid ${what} channel id`)
    const found = behind.get(id)
    if (!found) throw new Violation(`${what} packet referred to nonexistent channel ${id}`)
    return found
  }

  /** RFC 4254 §5.1. */
  function open(body: Cursor): void {
    const type = readText(body).toString('latin1')
    const opening = { remote: body.u32be(), window: body.u32be(), most: body.u32be() }
    const refuse = (code: number, text: string) =>
      transport.send(
        message(Message.channelOpenFailure, uint32(opening.remote), uint32(code), string(text), string('')),
      )
    if (type === 'session') openSession(body, opening, refuse)
    else if (type === 'direct-tcpip' || type === 'direct-streamlocal@openssh.com') {
      const tunnel = openTunnel(type, body, opening, { ...how, channels, refuse, answered: said })
      if (tunnel) behind.set(tunnel.channel.id, { channel: tunnel.channel, tunnel })
    } else {
      // PermitTunnel no.
      if (type === 'tun@openssh.com') debug('Server has rejected tunnel device forwarding')
      refuse(connectFailed, 'open failed')
    }
  }

  function openSession(body: Cursor, opening: Opening, refuse: (code: number, text: string) => void): void {
    readEnd(body)
    if (sessionsForbidden)
      throw new Violation('Possible attack: attempt to open a session after additional sessions disabled')
    let open = 0
    for (const one of behind.values()) if ('session' in one) open++
    const channel = open < mostSessions ? channels.open(opening, false) : undefined
    if (channel) {
      behind.set(channel.id, { channel, session: new Session(channel, setting) })
      channel.confirm()
    } else refuse(connectFailed, 'open failed')
  }

  /** RFC 4254 §5.4. */
  function request(body: Cursor): void {
    const id = body.u32be()
    const type = readText(body).toString('latin1')
    const wantsReply = body.u8() !== 0
    const found = behind.get(id)
    if (!found) throw new Violation(`server_input_channel_req: unknown channel ${id | 0}`)
    const { channel } = found
    const good = 'session' in found && found.session.request(type, body)
    if (wantsReply && !channel.broken)
      transport.send(message(good ? Message.channelSuccess : Message.channelFailure, uint32(channel.remote)))
    if ('session' in found) found.session.begin(said)
  }

  function data(body: Cursor): void {
    const { channel } = find('data', body.u32be())
    // Before there is a program, and behind its end, sshd does not even look at it.
    if (!channel.started || channel.broken || channel.eof) return
    const problem = channel.take(body.lp32())
    if (problem !== undefined) throw new Violation(problem)
    readEnd(body)
  }

  function adjust(body: Cursor): void {
    const found = behind.get(body.u32be())
    // This one alone may come late.
    if (!found) return
    const bytes = body.u32be()
    readEnd(body)
    if (!found.channel.widen(bytes)) throw new Malformed('A window beyond 2^32')
  }

  function close(body: Cursor): void {
    const found = find('oclose', body.u32be())
    readEnd(body)
    found.channel.closed()
    if ('session' in found) found.session.closed()
    else found.channel.sendClose()
  }

  const notOpening = (what: string) => (body: Cursor) => {
    const { channel } = find(what, body.u32be())
    throw new Violation(`Received ${what} for non-opening channel ${channel.id}.`)
  }
  const nothing = () => undefined

  return {
    debug,
    sweep,
    handlers: new Map<number, (body: Cursor) => void>([
      [Message.globalRequest, body => answerGlobal(global, body)],
      [Message.channelOpen, open],
      [Message.channelRequest, request],
      [Message.channelData, data],
      // For a server there is no data but the plain.
      [Message.channelExtendedData, body => void find('extended data', body.u32be())],
      [Message.channelWindowAdjust, adjust],
      [
        Message.channelEof,
        body => {
          const { channel } = find('ieof', body.u32be())
          readEnd(body)
          channel.finish()
        },
      ],
      [Message.channelClose, close],
      [Message.channelOpenConfirmation, notOpening('open confirmation')],
      [Message.channelOpenFailure, notOpening('open failure')],
      // Answers to a keep-alive, asked for or not.
      [Message.channelSuccess, nothing],
      [Message.channelFailure, nothing],
      [Message.requestSuccess, nothing],
      [Message.requestFailure, nothing],
    ]),
    async end() {
      const open = [...behind.values()]
      for (const { channel } of open) channel.lose()
      await Promise.all(open.map(one => ('session' in one ? one.session.abandon() : one.tunnel.done)))
    },
  }
}
