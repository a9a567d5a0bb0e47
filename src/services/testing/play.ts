import { createHash } from 'node:crypto'
import { duplexPair } from 'node:stream'
import * as v from 'valibot'
import type { SampleWriter } from '#artifacts/samples.ts'
import { type ActionName, actions } from '#events/actions.ts'
import type { Recorder } from '#events/event.ts'
import { Conn, defaultLimits } from '#sensor/conn.ts'
import { Hangup, Malformed } from '#sensor/endings.ts'
import type { PassivePort, Service, TcpContext } from '#sensor/service.ts'
import { testPersona } from './persona.ts'

/** 2026-01-15 03:04:05.678 UTC: every talk happens at this moment. */
export const TALK_TIME = Date.UTC(2026, 0, 15, 3, 4, 5, 678)

export type Played = {
  heard: Buffer
  events: { name: string; details: unknown }[]
  ending: string
  /** What was heard by the time each of the client's pieces had been answered. */
  marks: number[]
}
export type PlayOptions = {
  options?: unknown
  /** The client closes its side after its last piece; otherwise the conversation must end by itself. */
  passive?: () => PassivePort | undefined
  /** Port that the client came to, if not the service's first. */
  port?: number
  /** State kept between plays, as the runtime keeps it for one attacker. */
  memory?: Map<string, object>
}

/** Plays `pieces` at a service in memory: no port, no clock, no chance. */
export async function play<O>(service: Service<O>, pieces: Buffer[], how: PlayOptions = {}): Promise<Played> {
  const [client, server] = duplexPair()
  const heard: Buffer[] = []
  let bytes = 0
  let ended = false
  client.on('data', (chunk: Buffer) => {
    heard.push(chunk)
    bytes += chunk.length
  })
  client.on('error', () => {})
  server.on('error', () => {})
  const { record, events } = listeningRecorder()
  const conn = new Conn(server, { ...defaultLimits, ...service.limits })
  const conversation = converse(service, conn, testContext(service, record, how)).finally(() => {
    ended = true
  })
  const marks: number[] = []
  await settle(
    () => bytes,
    () => ended,
  )
  for (const piece of pieces) {
    if (!ended) client.write(piece)
    await settle(
      () => bytes,
      () => ended,
    )
    marks.push(bytes)
  }
  client.end()
  const ending = await conversation
  await settle(
    () => bytes,
    () => true,
  )
  client.destroy()
  server.destroy()
  return { heard: Buffer.concat(heard), events, ending, marks }
}

/** Sends `datagrams` to a service in memory, all from one address and port. */
export function playDatagrams<O>(service: Service<O>, datagrams: Buffer[], how: PlayOptions = {}): Played {
  const { record, events } = listeningRecorder()
  const cx = testContext(service, record, how)
  const heard: Buffer[] = []
  const marks: number[] = []
  let ending = 'done'
  let saved = 0
  for (const packet of datagrams) {
    const room = packet.length + (service.saves ? saved : 0)
    saved = room
    try {
      const said = service.datagram!(packet, cx, room)
      const answer = said && 'withheld' in said ? said.answer : said
      // As the runtime does.
      let left = room
      for (const one of Buffer.isBuffer(answer) ? [answer] : (answer ?? [])) {
        if (one.length > left) break
        heard.push(one)
        left -= one.length
        saved -= one.length
      }
    } catch (error) {
      // A fault of ours is not forgotten over what comes after it.
      if (!ending.startsWith('error')) ending = endingOf(error, record)
    }
    marks.push(heard.reduce((sum, { length }) => sum + length, 0))
  }
  return { heard: Buffer.concat(heard), events, ending, marks }
}

async function converse<O>(service: Service<O>, conn: Conn, cx: TcpContext<O>): Promise<string> {
  try {
    await service.session!(conn, cx)
    return 'done'
  } catch (error) {
    return endingOf(error, cx.record)
  } finally {
    await conn.end()
  }
}

function endingOf(error: unknown, record: Recorder): string {
  if (error instanceof Hangup) return error.reason
  if (error instanceof Malformed) {
    record.malformed({ why: error.message })
    return 'malformed'
  }
  return `error: ${(error as Error).stack}`
}

/** Until nothing more is said: a few turns of the event loop without a new byte. */
async function settle(bytes: () => number, ended: () => boolean) {
  for (let quiet = 0, before = bytes(); quiet < 4; quiet++) {
    await new Promise(setImmediate)
    if (bytes() !== before) [quiet, before] = [0, bytes()]
    if (ended() && quiet > 1) return
  }
}

export function listeningRecorder() {
  const events: { name: string; details: unknown }[] = []
  const record = Object.fromEntries(
    (Object.keys(actions) as ActionName[]).map(name => [
      name,
      (details: never) => {
        actions[name].fields(details)
        events.push({ name, details: JSON.parse(JSON.stringify(details)) })
      },
    ]),
  ) as unknown as Recorder
  return { record, events }
}

/** A context in which nothing is left to chance: fixed time, counted "randomness", one persona, pauses of no length. */
export function testContext<O>(service: Service<O>, record: Recorder, how: PlayOptions = {}): TcpContext<O> {
  const memory = how.memory ?? new Map<string, object>()
  let drawn = 0
  const cx: TcpContext<O> = {
    options: v.parse(service.options, how.options ?? {}),
    persona: testPersona,
    record,
    source: { ip: '198.51.100.23', port: 40312 },
    destination: { ip: '203.0.113.80', port: how.port ?? service.listen[0]!.port },
    port: how.port ?? service.listen[0]!.port,
    now: () => TALK_TIME,
    random: n => {
      const block = () => createHash('sha256').update(`talk ${drawn++}`).digest()
      return Buffer.concat(Array.from({ length: Math.ceil(n / 32) }, block)).subarray(0, n)
    },
    pause: async () => {},
    attacker: (make, room = service.name) => {
      const state = memory.get(room) ?? make()
      memory.set(room, state)
      return state as never
    },
    sample: testSample,
    recording: () => ({ output() {}, input() {}, resize() {}, close: () => undefined }),
    encrypted: false,
    serviceAt: (ours, theirs) => (ours === cx.destination.port && theirs === cx.source.port ? service.name : undefined),
    startTls: async () => {
      throw new Malformed('No TLS in a talk')
    },
    passive: how.passive ?? (() => undefined),
    // In a talk nobody is at the far end of a tunnel.
    handOver: async () => {},
  }
  return cx
}

function testSample(): SampleWriter {
  const hashes = ['sha256', 'sha1', 'md5'].map(name => createHash(name))
  let size = 0
  return {
    async write(bytes) {
      size += bytes.length
      for (const hash of hashes) hash.update(bytes)
    },
    async close() {
      const [sha256, sha1, md5] = hashes.map(hash => hash.digest('hex')) as [string, string, string]
      return { sha256, sha1, md5, size, kept: size }
    },
    async abort() {},
  }
}
