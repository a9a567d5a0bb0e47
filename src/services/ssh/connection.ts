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
/** SSH_OPEN_UNKNOWN_CHANNEL_TYPE, which Dropbear says where it is true. */
const unknownType = 3

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
  const connection = new Connection(how)
  const software = how.client.slice(how.client.indexOf('-', 4) + 1)
  if (how.server.starts.extensions && !shy.test(software)) transport.send(hostKeysOffer(how.server))
  if (how.keyOptions !== undefined) connection.debug(how.keyOptions)
  try {
    for (;;) {
      await transport.flush()
      // Numbers become free between two looks at the network.
      if (how.conn.held === 0) connection.sweep()
      const received = await transport.receive()
      const handle = handlers.get(received.type)
      if (handle) handle(connection, received.body)
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

const nothing = () => undefined
const notOpening =
  (what: string) =>
  (connection: Connection, body: Cursor): void => {
    const { channel } = connection.find(what, body.u32be())
    throw new Violation(`Received ${what} for non-opening channel ${channel.id}.`)
  }

/** What is done with each kind of message. */
const handlers: ReadonlyMap<number, (connection: Connection, body: Cursor) => void> = new Map<
  number,
  (connection: Connection, body: Cursor) => void
>([
  [Message.globalRequest, (connection, body) => answerGlobal(connection.global, body)],
  [Message.channelOpen, (connection, body) => connection.open(body)],
  [Message.channelRequest, (connection, body) => connection.request(body)],
  [Message.channelData, (connection, body) => connection.data(body)],
  // For a server there is no data but the plain.
  [Message.channelExtendedData, (connection, body) => void connection.find('extended data', body.u32be())],
  [Message.channelWindowAdjust, (connection, body) => connection.adjust(body)],
  [
    Message.channelEof,
    (connection, body) => {
      const { channel } = connection.find('ieof', body.u32be())
      readEnd(body)
      channel.finish()
    },
  ],
  [Message.channelClose, (connection, body) => connection.close(body)],
  [Message.channelOpenConfirmation, notOpening('open confirmation')],
  [Message.channelOpenFailure, notOpening('open failure')],
  // Answers to a keep-alive, asked for or not.
  [Message.channelSuccess, nothing],
  [Message.channelFailure, nothing],
  [Message.requestSuccess, nothing],
  [Message.requestFailure, nothing],
])

/** Channels of one connection and what is behind them. */
class Connection {
  #global: GlobalSetting | undefined
  #how: Serving
  #setting: SessionSetting
  #channels: Channels
  #behind = new Map<number, Behind>()
  #sessionsForbidden = false
  #agent = false

  constructor(how: Serving) {
    this.#how = how
    this.#channels = new Channels(how)
    this.#setting = {
      ...how,
      debug: text => this.debug(text),
      openssh: how.server.starts.extensions && how.client.slice(how.client.indexOf('-', 4) + 1).startsWith('OpenSSH_'),
      // One for the connection, of whichever session asks first.
      listen: () => {
        if (this.#agent || this.#channels.reserve() === undefined) return false
        this.#agent = true
        return true
      },
    }
  }

  /** What global requests need, of which most clients make none. */
  get global(): GlobalSetting {
    this.#global ??= {
      ...this.#how,
      debug: text => this.debug(text),
      forwards: new Forwards(this.#how, this.#channels),
      sessionId: this.#how.transport.sessionId,
      forbidSessions: () => {
        this.#sessionsForbidden = true
      },
    }
    return this.#global
  }
  /** Sends a debug message that a client shows when asked to be verbose. */
  debug(text: string): void {
    this.#how.transport.send(message(Message.debug, boolean(false), string(text), string('')))
  }
  /** Numbers of channels that both sides have closed are free. */
  sweep(): void {
    for (const { channel } of this.#behind.values()) {
      if (!channel.gone) continue
      this.#channels.release(channel.id)
      this.#behind.delete(channel.id)
    }
  }
  /** Something was said outside of the reader's turn. */
  #said = (): void => {
    this.sweep()
    void this.#how.transport.flush().catch(() => undefined)
  }
  /** What a message is about; `what` is how sshd calls it. */
  find(what: string, id: number): Behind {
    if (id > 0x7fffffff) throw new Violation(`Invalid ${what} channel id`)
    const found = this.#behind.get(id)
    if (!found) throw new Violation(`${what} packet referred to nonexistent channel ${id}`)
    return found
  }

  /** RFC 4254 §5.1. */
  open(body: Cursor): void {
    const type = readText(body).toString('latin1')
    const opening = { remote: body.u32be(), window: body.u32be(), most: body.u32be() }
    const refuse = (code: number, text: string) =>
      this.#how.transport.send(
        message(Message.channelOpenFailure, uint32(opening.remote), uint32(code), string(text), string('')),
      )
    if (type === 'session') this.#openSession(body, opening, refuse)
    else if (type === 'direct-tcpip' || type === 'direct-streamlocal@openssh.com') {
      const tunnel = openTunnel(type, body, opening, {
        ...this.#how,
        channels: this.#channels,
        refuse,
        answered: this.#said,
      })
      if (tunnel) this.#behind.set(tunnel.channel.id, { channel: tunnel.channel, tunnel })
    } else {
      // PermitTunnel no.
      if (type === 'tun@openssh.com') this.debug('Server has rejected tunnel device forwarding')
      if (this.#how.server.starts.extensions) refuse(connectFailed, 'open failed')
      else refuse(unknownType, '')
    }
  }

  #openSession(body: Cursor, opening: Opening, refuse: (code: number, text: string) => void): void {
    readEnd(body)
    if (this.#sessionsForbidden)
      throw new Violation('Possible attack: attempt to open a session after additional sessions disabled')
    let open = 0
    for (const one of this.#behind.values()) if ('session' in one) open++
    const channel = open < mostSessions ? this.#channels.open(opening, false) : undefined
    if (channel) {
      this.#behind.set(channel.id, { channel, session: new Session(channel, this.#setting) })
      channel.confirm()
    } else refuse(connectFailed, 'open failed')
  }

  /** RFC 4254 §5.4. */
  request(body: Cursor): void {
    const id = body.u32be()
    const type = readText(body).toString('latin1')
    const wantsReply = body.u8() !== 0
    const found = this.#behind.get(id)
    if (!found) throw new Violation(`server_input_channel_req: unknown channel ${id | 0}`)
    const { channel } = found
    const good = 'session' in found && found.session.request(type, body)
    if (wantsReply && !channel.broken)
      this.#how.transport.send(message(good ? Message.channelSuccess : Message.channelFailure, uint32(channel.remote)))
    if ('session' in found) found.session.begin(this.#said)
  }

  data(body: Cursor): void {
    const { channel } = this.find('data', body.u32be())
    // Before there is a program, and behind its end, sshd does not even look at it.
    if (!channel.started || channel.broken || channel.eof) return
    const problem = channel.take(body.lp32())
    if (problem !== undefined) throw new Violation(problem)
    readEnd(body)
  }

  adjust(body: Cursor): void {
    const found = this.#behind.get(body.u32be())
    // This one alone may come late.
    if (!found) return
    const bytes = body.u32be()
    readEnd(body)
    if (!found.channel.widen(bytes)) throw new Malformed('A window beyond 2^32')
  }

  close(body: Cursor): void {
    const found = this.find('oclose', body.u32be())
    readEnd(body)
    found.channel.closed()
    if ('session' in found) found.session.closed()
    else found.channel.sendClose()
  }

  /** Everything that is still open ends; done when all of it is recorded. */
  async end(): Promise<void> {
    const open = [...this.#behind.values()]
    for (const { channel } of open) channel.lose()
    await Promise.all(open.map(one => ('session' in one ? one.session.abandon() : one.tunnel.done)))
  }
}
