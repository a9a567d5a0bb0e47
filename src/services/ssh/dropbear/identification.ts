import { text } from '#events/text.ts'
import type { Conn } from '#sensor/conn.ts'
import { Malformed } from '#sensor/endings.ts'

/** As many bytes of a line as Dropbear looks at. */
const mostLine = 255
const LF = 10

/**
 * The client's identification as Dropbear reads it (common-session.c, read_session_identification): one line, of which
 * the first bytes count, and no word to whom it does not like. Without its line end.
 */
export async function readIdentification(conn: Conn, heard: (theirs: string) => void): Promise<string> {
  let end = -1
  let seen: Buffer = Buffer.alloc(0)
  while (end < 0 && seen.length < mostLine) {
    const wanted = seen.length + 1
    const more = await conn.peek(wanted)
    // The peer went: this read says how.
    if (more.length < wanted) await conn.read(wanted)
    seen = await conn.peek(Math.min(conn.held, mostLine))
    end = seen.indexOf(LF)
  }
  await conn.read(end < 0 ? mostLine : end + 1)
  const line = seen.subarray(0, end < 0 ? mostLine : end)
  const whole = line.toString('latin1').replaceAll('\r', '')
  const nul = whole.indexOf('\0')
  const theirs = nul < 0 ? whole : whole.slice(0, nul)
  if (theirs.startsWith('SSH-')) heard(text(Buffer.from(theirs, 'latin1'), 255))
  if (!theirs.startsWith('SSH-2.') && !theirs.startsWith('SSH-1.99-'))
    throw new Malformed(`Identification "${text(line, 100)}"`)
  return theirs
}
