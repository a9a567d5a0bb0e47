import type { Conn } from '#sensor/conn.ts'

/** A line (Latin-1, a byte a character) without its end; `cut` when it was longer. */
export type Line = { text: string; cut: boolean }

/** Bytes looked at in one go: fewer than a connection gives out at once. */
const WINDOW = 32 << 10

const look = async (conn: Conn) => (await conn.peek(Math.max(1, conn.held))).subarray(0, WINDOW)

/** The next line; beyond `max` bytes it is cut, and what is cut off is passed over. */
export async function readLine(conn: Conn, max: number): Promise<Line> {
  let kept = ''
  let cut = false
  for (;;) {
    const view = await look(conn)
    const end = view.indexOf(10)
    if (end >= 0) {
      const text = kept + (await conn.read(end + 1)).toString('latin1', 0, end)
      let length = text.length
      while (text[length - 1] === '\r') length--
      return { text: text.slice(0, Math.min(length, max)), cut: cut || length > max }
    }
    // Nothing at all: the peer is gone, which the next read tells. So does one that stops in the middle of a line.
    if (view.length === 0) await conn.read(1)
    else if (cut || kept.length + view.length > max) {
      kept = (kept + (await conn.read(view.length)).toString('latin1')).slice(0, max)
      cut = true
    } else if ((await conn.peek(view.length + 1)).length === view.length) await conn.read(view.length + 1)
  }
}

/**
 * How a message ended: as RFC 5321 has it; by a dot between bare line feeds, as all its lines end; or so though other lines
 * end in CRLF, which hides what follows from servers that go by the book.
 */
export type End = 'crlf' | 'bare' | 'mixed'

/**
 * The message after DATA: pieces of it go to `take`, dots doubled by the sender single again (RFC 5321 §4.5.2), up to a
 * dot on a line of its own, whatever ends its lines: a line feed with at most `returns` carriage returns before it.
 */
export async function readMessage(conn: Conn, take: (bytes: Buffer) => Promise<void>, returns = 1): Promise<End> {
  let fresh = true
  // Whether the line before ended in CRLF, and whether any did.
  let before = true
  let any = false
  let last = 0
  for (;;) {
    const view = await look(conn)
    if (view.length === 0) await conn.read(1)
    let at = 0
    const pieces: Buffer[] = []
    while (at < view.length) {
      const feed = view.indexOf(10, at)
      if (fresh && view[at] === 46) {
        // A dot that begins a line: is it alone?
        let behind = at + 1
        while (behind < view.length && behind - at <= returns && view[behind] === 13) behind++
        if (behind === view.length) break
        if (behind === feed) {
          await conn.read(feed + 1)
          if (pieces.length > 0) await take(Buffer.concat(pieces))
          const crlf = feed === at + 2
          return before && crlf ? 'crlf' : any || crlf ? 'mixed' : 'bare'
        }
        at++
      }
      const end = feed < 0 ? view.length : feed + 1
      pieces.push(view.subarray(at, end))
      fresh = feed >= 0
      if (feed >= 0) {
        before = feed > 0 ? view[feed - 1] === 13 : last === 13
        any ||= before
      }
      at = end
    }
    if (at > 0) {
      last = view[at - 1]!
      await conn.read(at)
      await take(Buffer.concat(pieces))
    }
    // A dot whose line is not whole yet waits for the rest.
    if (at < view.length) {
      const held = view.length - at
      if ((await conn.peek(held + 1)).length === held) await conn.read(held + 1)
    }
  }
}

/** `n` bytes in pieces (BDAT). */
export async function readChunk(conn: Conn, n: number, take: (bytes: Buffer) => Promise<void>): Promise<void> {
  for (let left = n; left > 0; ) {
    const piece = await conn.readSome(Math.min(left, 64 << 10))
    left -= piece.length
    await take(piece)
  }
}
