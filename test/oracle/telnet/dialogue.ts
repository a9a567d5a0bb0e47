import type { Duplex } from 'node:stream'

/** What the client sends next, as Latin-1, and a mark to wait for; without one, until nothing more comes. */
export type Move = { send: string; until?: string; seconds?: number }
export type Heard = { send: string; heard: string; milliseconds: number; closed?: true }

/** Plays a client's part: sends, then listens until the mark has come or `quiet` milliseconds were silent. */
export async function converse(wire: Duplex, moves: readonly Move[], quiet = 700): Promise<Heard[]> {
  const all: Heard[] = []
  let held = ''
  let over = false
  let wake = () => {}
  wire.on('data', (chunk: Buffer) => {
    held += chunk.toString('latin1')
    wake()
  })
  for (const name of ['end', 'close', 'error'])
    wire.on(name, () => {
      over = true
      wake()
    })
  const more = (milliseconds: number) =>
    new Promise<void>(resolve => {
      const timer = setTimeout(resolve, over ? 0 : milliseconds)
      wake = () => {
        clearTimeout(timer)
        resolve()
      }
    })
  for (const { send, until, seconds = 8 } of moves) {
    const began = Date.now()
    let last = began
    if (send !== '') wire.write(Buffer.from(send, 'latin1'))
    for (let before = -1; held.length > before && !over; ) {
      before = held.length
      await more(until !== undefined && !held.includes(until) ? seconds * 1000 : quiet)
      if (held.length > before) last = Date.now()
    }
    all.push({ send, heard: held, milliseconds: last - began, ...(over ? { closed: true } : {}) })
    held = ''
    if (over) break
  }
  return all
}
