import type { SampleWriter } from '#artifacts/samples.ts'
import type { Cursor } from '#codec/cursor.ts'
import { helloLength, parseClientHello } from '#codec/tls-hello.ts'
import type { Recorder } from '#events/event.ts'
import { text } from '#events/text.ts'
import { internetOf, lineTo } from '#machine/internet/outside.ts'
import { connectTexts } from '#machine/internet/reach.ts'
import { Broken } from '#machine/system.ts'
import { protocolOf } from '#payload/identify.ts'
import type { Persona } from '#persona/persona.ts'
import { Hangup, Malformed } from '#sensor/endings.ts'
import type { Channel, Opening } from './channel.ts'
import type { Channels } from './channels.ts'
import { type FarEnd, farEndOf, type Reply } from './far-end.ts'
import { readEnd, readText } from './wire.ts'

export type TunnelSetting = {
  record: Recorder
  persona: Persona
  channels: Channels
  now(): number
  pause(seconds: number): Promise<void>
  sample(): SampleWriter
  /** The address that the attacker reached us by. */
  destination: { ip: string }
  /** CHANNEL_OPEN_FAILURE with this code and text. */
  refuse(code: number, text: string): void
  /** What was answered late is to leave. */
  answered(): void
}
/** A channel into a network that is not there. `done`: all that was sent is recorded. */
export type Tunnel = { channel: Channel; done: Promise<void> }

/** First bytes that go into the event. */
const startMax = 1024
/** Bytes of one tunnel that are kept. */
const keptMax = 8 << 20
const failed = 2
const prohibited = 1
/** Ports of our own that somebody answers on. */
const ownPorts = new Set([22])

/**
 * A `direct-tcpip` or `direct-streamlocal@openssh.com` channel (RFC 4254 §7.2): recorded, and answered by a far end that
 * is made up. Nothing is ever connected. Gives the channel where it is there at once or is waited for.
 */
export function openTunnel(type: string, body: Cursor, opening: Opening, setting: TunnelSetting): Tunnel | undefined {
  if (type !== 'direct-tcpip') {
    const path = readText(body)
    readText(body)
    body.u32be()
    readEnd(body)
    setting.record.tunnelRequest({ kind: 'direct-streamlocal', host: text(path, 256), port: 0 })
    return void setting.refuse(failed, 'open failed')
  }
  const host = readText(body)
  const port = body.u32be()
  const origin = { host: text(readText(body), 256), port: body.u32be() }
  readEnd(body)
  const target = { host: text(host, 256), port }
  setting.record.tunnelRequest({ kind: 'direct-tcpip', ...target, origin })
  if (port > 65_535) return void setting.refuse(prohibited, 'open failed')
  const channel = setting.channels.open(opening, true)
  if (!channel) return void setting.refuse(failed, 'open failed')
  const done = carry(channel, { ...target, address: host.toString('latin1') }, setting)
    .catch(error => {
      // The conversation's reader names its end.
      if (!(error instanceof Hangup || error instanceof Broken)) throw error
    })
    .finally(() => setting.answered())
  return { channel, done }
}

type Where = { host: string; port: number; address: string }

async function carry(channel: Channel, where: Where, setting: TunnelSetting): Promise<void> {
  const internet = internetOf(setting.persona)
  const line = reached(where, setting)
  await setting.pause(Math.min(line.seconds, 150))
  if ('failure' in line) {
    channel.gone = true
    return setting.refuse(failed, line.failure)
  }
  channel.confirm()
  setting.answered()
  const { persona, now, destination } = setting
  const farEnd = farEndOf({ ...where, persona, internet, now, here: destination.ip })
  const kept = keeping(where, setting)
  try {
    await talk(channel, farEnd, kept, setting)
  } finally {
    await channel.drained()
    channel.sendEof()
    channel.sendClose()
    await kept.close()
  }
}

/** Until either side has enough. */
async function talk(channel: Channel, farEnd: FarEnd, kept: Kept, setting: TunnelSetting): Promise<void> {
  if (farEnd.greeting !== undefined) await channel.write(farEnd.greeting)
  for (let data = await channel.read(); data; data = await channel.read()) {
    await kept.write(data)
    for (const { say, close, seconds = 0 } of farEnd.hear(data) satisfies Reply[]) {
      await setting.pause(seconds)
      if (say !== undefined) await channel.write(say)
      if (close) return
    }
  }
}

/** How far it is, and why nobody is there. */
function reached({ address, port }: Where, { persona, destination }: TunnelSetting) {
  const { seconds, failure } = lineTo(persona, address, port, destination.ip)
  if (failure === undefined) return { seconds }
  if (failure === 'ENOTFOUND') return { seconds, failure: 'Name or service not known' }
  if (failure !== 'own') return { seconds, failure: connectTexts[failure] }
  return ownPorts.has(port) ? { seconds } : { seconds, failure: connectTexts.ECONNREFUSED }
}

type Kept = { write(data: Buffer): Promise<void>; close(): Promise<void> }

/** Keeps what the attacker sends through a tunnel, and tells of it when that is over. */
function keeping({ host, port }: Where, { record, sample }: TunnelSetting): Kept {
  let writer: SampleWriter | undefined
  let start: Buffer = Buffer.alloc(0)
  let bytes = 0
  return {
    async write(data) {
      writer ??= sample()
      // A view of the packet: whole, it would stay for as long as the tunnel.
      if (start.length < startMax) start = Buffer.concat([start, data.subarray(0, startMax - start.length)])
      bytes += data.length
      if (bytes <= keptMax) await writer.write(Buffer.from(data))
    },
    async close() {
      if (!writer) return
      const protocol = protocolOf(start, port)?.protocol
      if (protocol === 'tls') tellHello(record, start)
      const about = { host, port, ...(protocol === undefined ? {} : { protocol }) }
      record.tunnelData({ ...about, start: text(start, startMax * 4), sample: await writer.close() })
    },
  }
}

/** What the client behind the tunnel gives away in its ClientHello. */
function tellHello(record: Recorder, start: Buffer): void {
  try {
    const length = helloLength(start)
    if (length !== undefined && length <= start.length) record.tlsHello(parseClientHello(start.subarray(0, length)))
  } catch (error) {
    if (!(error instanceof Malformed)) throw error
  }
}
