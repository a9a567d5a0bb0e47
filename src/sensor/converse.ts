import { constants } from 'node:crypto'
import { createSecureContext } from 'node:tls'
import { mostTerminals } from '#artifacts/recording-path.ts'
import type { OpenRecording, Recording } from '#artifacts/recordings.ts'
import type { OpenSample, SampleWriter } from '#artifacts/samples.ts'
import { type Identity, type Recorder, type RecorderOptions, recorder } from '#events/event.ts'
import { text } from '#events/text.ts'
import { uuid7 } from '#events/uuid7.ts'
import type { Persona } from '#persona/persona.ts'
import type { Attackers } from './attackers.ts'
import type { Conn } from './conn.ts'
import { Hangup, Malformed, type Reason } from './endings.ts'
import type { Context, PassivePort, Service, TcpContext, Tunnel } from './service.ts'
import { peekHello, startTls, type TlsServer } from './tls.ts'

/** What a sensor process has: one of each, shared by all its conversations. */
export type World = {
  persona: Persona
  /** Where events go, and under which sensor name. */
  recording: RecorderOptions
  attackers: Pick<Attackers, 'state'>
  sample: OpenSample
  terminal: OpenRecording
  random(bytes: number): Buffer
}
/** A service with its options as this sensor runs it. */
export type Running<O = unknown> = { service: Service<O>; options: O; tls: () => TlsServer }
/** `port`: the endpoint's as configured, if that is not the destination's. */
type Who = Omit<Identity, 'session' | 'service'> & { port?: number }

export function run<O>(service: Service<O>, options: O, persona: Persona): Running<O> {
  let server: TlsServer | undefined
  const tls = () => {
    if (!service.tls) throw new Error(`${service.name} has no TLS`)
    if (server) return server
    const { ALPNProtocols: alpn, ...secure } = service.tls(persona, options)
    // Each renegotiation costs us a signature and the peer next to nothing; nginx and Apache refuse it too.
    const secureOptions = (secure.secureOptions ?? 0) | constants.SSL_OP_NO_RENEGOTIATION
    server = { context: createSecureContext({ ...secure, secureOptions }), alpn }
    return server
  }
  return { service, options, tls }
}

/** The part of a context that TCP and UDP share. */
export function context<O>({ service, options }: Running<O>, who: Who, record: Recorder, world: World): Context<O> {
  const now = world.recording.now
  return {
    options,
    persona: world.persona,
    record,
    source: who.source,
    destination: who.destination,
    port: who.port ?? who.destination.port,
    now,
    random: world.random,
    pause: async () => {},
    attacker: (make, room = service.name) => world.attackers.state(room, who.source.ip, now(), make),
    sample: world.sample,
  }
}

/** Terminals of one conversation that are open at once, as many as sshd allows sessions (MaxSessions). */
const MAX_RECORDINGS = 10
const unrecorded: Recording = { output() {}, input() {}, resize() {}, close: () => undefined }

type Peer = Who & { tls: boolean; proxy?: string }
type Passive = (record: Recorder, tls: () => TlsServer) => PassivePort | undefined
/** Goes on with a peer who believes to be in `tunnel`: as whom, and in which world; `undefined` where nobody does. */
export type Lead = (
  conn: Conn,
  tunnel: Tunnel,
  world: World,
) => Promise<{ running: Running; world: World; tls: boolean } | undefined>
/** What all services that one conversation meets have in common. */
type Story = { session: string; record: Recorder; conn: Conn; passive: Passive; lead: Lead | undefined }

/** Connections that are open: which service has the one between these ports. As many as there are conversations. */
const under = new Map<string, string>()
const between = (ip: string, ours: number, theirs: number): string => `${ip} ${ours} ${theirs}`

/** Runs one conversation to its end and names the end. Only a bug of ours is an error, and it ends this one alone. */
export async function converse<O>(
  running: Running<O>,
  conn: Conn,
  who: Peer,
  world: World,
  passive: Passive,
  lead?: Lead,
): Promise<Reason> {
  const now = world.recording.now
  const began = now()
  const session = uuid7(began)
  const record = recorderFor(session, running, who, world)
  const own = between(who.source.ip, who.destination.port, who.source.port)
  under.set(own, running.service.name)
  record.connectionOpened(who.proxy === undefined ? {} : { proxy: who.proxy })
  const reason = await ending(conn, record, () => host(running, who, world, { session, record, conn, passive, lead }))
  under.delete(own)
  record.connectionClosed({ reason, milliseconds: now() - began, received: conn.received, sent: conn.sent })
  return reason
}

const recorderFor = <O>(
  session: string,
  { service }: Running<O>,
  { source, destination, transport }: Who,
  { recording }: World,
  before?: Recorder,
): Recorder => recorder({ session, service: service.name, source, destination, transport }, recording, before)

/** One service's part in a conversation. */
async function host<O>(running: Running<O>, who: Peer, world: World, story: Story, tunnel?: Tunnel): Promise<void> {
  const { service } = running
  const { session, conn } = story
  const record = tunnel ? recorderFor(session, running, who, world, story.record) : story.record
  const unfinished = new Set<SampleWriter>()
  const recordings = new Set<Recording>()
  let terminals = 0
  const cx: TcpContext<O> = {
    ...context(running, who, record, world),
    encrypted: false,
    serviceAt: (ours, theirs) => under.get(between(who.source.ip, ours, theirs)),
    ...(tunnel ? { tunnel } : {}),
    pause: seconds => conn.pause(seconds),
    sample: how => {
      const sample = world.sample(how)
      unfinished.add(sample)
      const close = () => {
        unfinished.delete(sample)
        return sample.close()
      }
      return { ...sample, close }
    },
    recording(about) {
      // Several terminals over one connection are recorded under numbers of their own.
      if (terminals >= mostTerminals || recordings.size >= MAX_RECORDINGS) return unrecorded
      const number = ++terminals === 1 ? '' : `-${terminals}`
      const recording = world.terminal({ session: `${session}${number}`, ...about })
      let over = false
      const close = () => {
        if (over) return undefined
        over = true
        recordings.delete(own)
        const kept = recording.close()
        if (kept) record.recording(kept)
        return kept
      }
      const own = { ...recording, close }
      recordings.add(own)
      return own
    },
    passive: () => story.passive(record, running.tls),
    async startTls() {
      await startTls(conn, running.tls(), record)
      cx.encrypted = true
    },
    async handOver(target) {
      const within: Tunnel = { ...target, depth: (tunnel?.depth ?? 0) + 1 }
      const led = within.depth <= DEEPEST ? await story.lead?.(conn, within, world) : undefined
      if (led) await host(led.running, { ...who, port: target.port, tls: led.tls }, led.world, story, within)
    },
  }
  try {
    if (who.tls) {
      if (service.plainOnTls && !(await peekHello(conn))) return await service.plainOnTls(conn, cx)
      await cx.startTls()
    }
    await service.session!(conn, cx)
  } finally {
    // A conversation that broke off in the middle of a file leaves its writer open.
    for (const sample of unfinished) void sample.abort()
    for (const recording of recordings) recording.close()
  }
}

/** Tunnels inside of tunnels. */
const DEEPEST = 3

async function ending(conn: Conn, record: Recorder, story: () => Promise<void>): Promise<Reason> {
  try {
    await story()
    await conn.end()
    return conn.over ?? 'done'
  } catch (error) {
    const reason = nameEnding(error, record)
    // What was said before the end still has to reach the peer; a broken-off peer is gone already.
    if (conn.over === undefined) await conn.end()
    return reason
  }
}

function nameEnding(error: unknown, record: Recorder): Reason {
  if (error instanceof Hangup) return error.reason
  if (error instanceof Malformed) {
    record.malformed({ why: error.message })
    return 'malformed'
  }
  record.serviceError({ stack: text(Buffer.from(String((error as Error)?.stack ?? error)), 2048) })
  return 'error'
}
