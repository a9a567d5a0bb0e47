/**
 * Reads packets: tcpdump's stream comes in as standard input, events go into a journal of its own. Started by the
 * supervisor in the data directory, without any right to the network, and as a user of its own.
 */
import { openSamples } from '#artifacts/samples.ts'
import { recorder } from '#events/event.ts'
import { openJournal } from '#events/journal/writer.ts'
import { text } from '#events/text.ts'
import { decode } from '#packets/decode.ts'
import { Packet } from '#packets/packet.ts'
import { pcapReader } from '#packets/pcap.ts'
import { probe } from '#sensor/sandbox.ts'
import { giveUp, keepCompiled } from '#supervisor/give-up.ts'
import { openFlows } from './flows.ts'
import { losses } from './losses.ts'
import type { FromCapture, ToCapture } from './messages.ts'
import { observer } from './observe.ts'
import { records } from './records.ts'
import { stories } from './stories.ts'
import { streams } from './streams.ts'

const say = (message: FromCapture) => process.send?.(message)

/** Exit code when tcpdump's stream ends by itself: the supervisor starts both anew. */
const streamEnded = 3
/** Faults that are told each with its place; more are only counted. */
const faultsTold = 100
/** Milliseconds that the rest of the stream, and samples being written, may take at the end. */
const patience = 1000

function start({ settings, passive, established }: Extract<ToCapture, { kind: 'start' }>) {
  const journal = openJournal({
    directory: 'journal',
    writer: 'capture',
    sensor: settings.sensor,
    quotaBytes: settings.journal.quota,
    floorBytes: settings.journal.floor,
    segmentBytes: settings.journal.segment,
  })
  const recording = { sensor: settings.sensor, sink: journal.append, now: Date.now }
  const sample = openSamples({
    directory: 'artifacts',
    capBytes: settings.samples.cap,
    quotaBytes: settings.samples.quota,
    floorBytes: settings.journal.floor,
  })
  const lost = losses()
  const told = records({ recording, sample, losses: lost, everything: passive })
  const flows = openFlows()
  for (const key of established) flows.set(key, 'accepted')
  const seen = observer({
    stories: stories({ tell: told.chapter }),
    records: told,
    flows,
    ...(passive ? { streams: streams({ recording, keep: told.keep }) } : {}),
  })

  const record = recorder({ service: 'capture' }, recording)
  const packet = new Packet()
  const reader = pcapReader((bytes, start, end, at, link) => {
    const came = decode(packet, bytes, start, end, at, link)
    if (came === 'packet') look()
    else if (came !== 'other')
      lost.add('capture', came === 'short' ? 'packets cut short' : 'headers that no standard knows')
  })
  let faults = 0
  /** A fault of ours costs the packet, not the stories of all others. */
  function look() {
    try {
      seen.see(packet)
    } catch (error) {
      lost.add('capture', 'a fault of ours')
      if (faults++ < faultsTold)
        record.serviceError({ stack: text(Buffer.from(String((error as Error)?.stack ?? error)), 2048) })
    }
  }
  keepCompiled()
  giveUp({ user: settings.users.capture, group: settings.users.group, keepNetwork: true })
  void probe({ network: true }).then(attempts => say({ kind: 'probed', attempts }))

  record.health({ part: 'capture', state: 'started' })
  const input = new Promise<void>(resolve => {
    process.stdin.once('data', () => say({ kind: 'capturing' }))
    process.stdin.on('data', (chunk: Buffer) => reader.push(chunk))
    process.stdin.once('end', resolve)
    process.stdin.once('error', () => resolve())
  })
  const sweeping = setInterval(() => seen.sweep(Date.now()), 1000)
  const tellLosses = () => {
    for (const loss of lost.take()) record.packetsLost(loss)
  }
  const telling = setInterval(() => {
    tellLosses()
    const { pending, lagMs, written, lost: unwritten } = journal.stats()
    say({
      kind: 'stats',
      stats: { journal: { pending, lagMs, written, lost: unwritten } },
    })
  }, 2000)

  async function stop() {
    await within(patience, input)
    clearInterval(sweeping)
    clearInterval(telling)
    seen.close()
    for (const until = Date.now() + patience; told.stats().busy > 0 && Date.now() < until; )
      await new Promise(resolve => setTimeout(resolve, 10))
    // Events of samples just kept are recorded in the turn that follows.
    await new Promise(resolve => setTimeout(resolve, 10))
    tellLosses()
    record.health({ part: 'capture', state: 'stopped' })
    await journal.close()
  }
  return {
    serve: seen.serve,
    dropped: (count: number) => lost.add('kernel', 'tcpdump did not keep up', count),
    input,
    stop,
  }
}

const within = (ms: number, what: Promise<void>) =>
  Promise.race([what, new Promise<void>(resolve => setTimeout(resolve, ms))])

let capture: ReturnType<typeof start> | undefined
let leaving = false

async function leave(code: number) {
  if (leaving) return
  leaving = true
  await capture?.stop()
  process.exit(code)
}

process.on('message', (message: ToCapture) => {
  if (message.kind === 'start') {
    capture = start(message)
    void capture.input.then(() => leave(streamEnded))
  } else if (message.kind === 'served') capture?.serve(message.udp)
  else if (message.kind === 'dropped') capture?.dropped(message.count)
  else void leave(0)
})
process.on('disconnect', () => void leave(0))
process.on('SIGINT', () => {})
process.on('SIGTERM', () => {})
