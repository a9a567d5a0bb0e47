import type { SecureContextOptions } from 'node:tls'
import type * as v from 'valibot'
import type { Recording, RecordingAbout } from '#artifacts/recordings.ts'
import type { OpenSample } from '#artifacts/samples.ts'
import type { Recorder } from '#events/event.ts'
import type { Persona } from '#persona/persona.ts'
import type { Conn, Limits } from './conn.ts'

/** A port a service asks for. */
export type Endpoint = {
  transport: 'tcp' | 'udp'
  port: number
  tls?: true
  /** A port where proxies are looked for as much: who asks for one is led to it. */
  proxied?: true
  /** Carries no conversation of its own (FTP's passive data connections). */
  pool?: true
  /** Gives way to whoever else wants it; who comes is led to the service that their first words ask for. */
  spare?: true
  /** The firewall brings what was meant for other ports of this address here; led on in the same way. */
  redirected?: string
}
export const tcp = (port: number): Endpoint => ({ transport: 'tcp', port })
export const tls = (port: number): Endpoint => ({ transport: 'tcp', port, tls: true })
export const udp = (port: number): Endpoint => ({ transport: 'udp', port })
export const pool = (first: number, count: number): Endpoint[] =>
  Array.from({ length: count }, (_, i) => ({ transport: 'tcp', port: first + i, pool: true }))

type Address = { ip: string; port: number }

/** Where a peer believes to be: `host` is a name or an address as it gave it; `depth` 1 is a tunnel, 2 one inside a tunnel. */
export type Tunnel = { host: string; port: number; depth: number }

/** All that a conversation knows of the world. No ambient clock or randomness: a talk replays byte for byte. */
export type Context<O> = {
  options: O
  persona: Persona
  record: Recorder
  source: Address
  destination: Address
  /** The port of the endpoint as it is configured; where the sensor really listens may be set off from it. */
  port: number
  /** Milliseconds since the epoch. */
  now(): number
  random(bytes: number): Buffer
  /** Seconds pass, as they do on a real machine; throws `Hangup` when the peer leaves meanwhile. */
  pause(seconds: number): Promise<void>
  /**
   * State kept for this attacker (its address) and this service across connections, made at the first visit. Bounded in
   * number and age: what is forgotten is made anew. Services that name the same `room` share it.
   */
  attacker<T extends object>(make: (network?: string) => T, room?: string): T
  /** Opens a sample; what is written to it is hashed, capped and kept. */
  sample: OpenSample
}

export type TcpContext<O> = Context<O> & {
  /** Came in at a TLS port, or went over to TLS since. */
  encrypted: boolean
  /** The service that this peer's address speaks with over the connection between these ports (RFC 1413), if there is one. */
  serviceAt(ours: number, theirs: number): string | undefined
  /** Set where this conversation goes on inside a tunnel that another decoy pretends. */
  tunnel?: Tunnel
  /**
   * From here on the peer believes to be connected to `target`; nothing ever is. The decoy that its first words, or the port,
   * ask for goes on with it in the same session, as a host of that name. Returns when that is over, and at once where a
   * tunnel is too deep in others.
   */
  handOver(target: { host: string; port: number }): Promise<void>
  /** Goes over to TLS (STARTTLS and its like): records the ClientHello, throws `Malformed` if it is none. */
  startTls(): Promise<void>
  /**
   * Records a terminal session from here on, to be played back; closed at the end of the conversation at the latest.
   */
  recording(about: Omit<RecordingAbout, 'session'>): Recording
  /** A data port for this peer, of those bound in advance; `undefined` when all are in use. */
  passive(): PassivePort | undefined
}

export type PassivePort = {
  port: number
  /** The peer's data connection, which shares this session's identity; throws `Hangup('idle')` after `seconds`. */
  accept(seconds: number): Promise<DataConn>
  release(): void
}
export type DataConn = Conn & { startTls(): Promise<void> }

/** Instead of an answer that would have been too large: how many bytes it had at least, and what may be sent in its place. */
export type Withheld = { withheld: number; answer?: Buffer | undefined }

export type Service<O> = {
  /** The folder's name, the event's `skep.service`, the key in skep.yaml. */
  name: string
  /** What a person reads in tables: the product it pretends to be. */
  title: string
  /** Honeypots whose place it takes. */
  replaces: readonly string[]
  listen: readonly Endpoint[]
  options: v.GenericSchema<unknown, O>
  /** Limits that differ from the runtime's. */
  limits?: Partial<Limits>
  /** Certificate, key and protocol choices of the product; needed by `tls()` ports and `startTls`. */
  tls?(persona: Persona, options: O): SecureContextOptions & { ALPNProtocols?: string[] }
  /**
   * Loads the code that conversations need, which the definition leaves out so that whoever only wants to know of the
   * service stays small. `all`: what would be loaded even later as well, because it could not be read any more then.
   */
  load?(all: boolean): Promise<unknown>
  /** A conversation over TCP. Returns when done; `Hangup` and `Malformed` are normal ends. */
  session?(conn: Conn, cx: TcpContext<O>): Promise<void>
  /** What to do when a TLS port hears something else; without it the connection is closed. */
  plainOnTls?(conn: Conn, cx: TcpContext<O>): Promise<void>
  /**
   * The answer to a datagram. The runtime sends none that is larger than the question, and records per address what was
   * asked for beyond that: a service that knows says how much its product would have sent. `load` has been called.
   * `room`: bytes that the answer may have; one of several datagrams has as many together.
   */
  datagram?(packet: Buffer, cx: Context<O>, room: number): Buffer | readonly Buffer[] | Withheld | undefined
  /**
   * What an address sends and gets no answer to is saved for a minute for a larger answer, for clients that ask again when
   * nothing comes. It is never sent more bytes than came from it.
   */
  saves?: true
  /** An address and port, whose datagrams all came with this context, has fallen silent. */
  silent?(cx: Context<O>): void
}

/** Loads a module once, when first asked: what makes a service is light, what runs it is not. */
export function once<M>(load: () => Promise<M>): () => Promise<M> {
  let loaded: Promise<M> | undefined
  return () => {
    loaded ??= load()
    return loaded
  }
}

/** The same where datagrams need the code: they are answered at once, and `code` is there when `load` has been called. */
export function prepared<M>(load: () => Promise<M>) {
  let loaded: M | undefined
  return {
    load: async (): Promise<M> => {
      loaded ??= await load()
      return loaded
    },
    get code(): M {
      if (loaded === undefined) throw new Error('A datagram came before the code that answers it was loaded')
      return loaded
    },
  }
}

/** Identity; only for inference. */
export const service = <O>(definition: Service<O>): Service<O> => definition
