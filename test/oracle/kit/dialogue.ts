import type { Duplex } from 'node:stream'

/** What a client sends at once, and what came back before the server fell silent or closed. All bytes as Latin-1. */
export type Exchange = { sent: string; heard: string; closed?: true }
/** Dialogues by name: each meets a server of its own; a step is what the client sends at once. */
export type Script = Readonly<Record<string, readonly string[]>>
export type Recorded = Record<string, Exchange[]>

/** Long pieces are kept by their beginning and length. */
const SHOWN = 4096

/**
 * Plays the client's part; an answer is over when nothing came between two looks that `quiet` sets apart. An empty step
 * only listens: it is how a server that speaks first is heard.
 */
export async function converse(
  wire: Duplex,
  steps: readonly string[],
  quiet: () => Promise<void>,
): Promise<Exchange[]> {
  let heard = ''
  let closed = false
  wire.on('data', (chunk: Buffer) => (heard += chunk.toString('latin1')))
  wire.on('end', () => (closed = true))
  wire.on('close', () => (closed = true))
  wire.on('error', () => (closed = true))
  const exchanges: Exchange[] = []
  for (const sent of steps) {
    if (sent !== '') wire.write(sent, 'latin1')
    // Some requests are answered by silence: that takes a few looks to tell from slowness.
    for (let before = -1, looks = 0; (before !== heard.length || (heard === '' && looks < 4)) && !closed; looks++) {
      before = heard.length
      await quiet()
    }
    exchanges.push({
      sent: sent.length > SHOWN ? `${sent.slice(0, 64)}… ${sent.length}` : sent,
      heard,
      ...(closed ? { closed } : {}),
    })
    heard = ''
    if (closed) break
  }
  wire.destroy()
  return exchanges
}
