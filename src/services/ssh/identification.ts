import { text } from '#events/text.ts'
import type { Conn } from '#sensor/conn.ts'
import { Malformed } from '#sensor/endings.ts'

/** OpenSSH's SSH_MAX_BANNER_LEN. */
const maxLine = 8192

/**
 * The version exchange (RFC 4253 §4.2) as sshd does it: it speaks first, and what it does not like it answers with a
 * line of plain text. `heard` gets what begins like an identification, good or bad. Returns the client's string without
 * its line end.
 */
export async function exchangeIdentification(
  conn: Conn,
  ours: string,
  heard: (theirs: string) => void,
): Promise<string> {
  await conn.write(`${ours}\r\n`)
  const refuse = async (answer: string, why: string): Promise<never> => {
    await conn.write(`${answer}\r\n`)
    throw new Malformed(why)
  }
  const line = await readIdentification(conn)
  if (line.bad !== undefined) {
    if (line.read.toString('latin1', 0, 4) === 'SSH-') heard(text(line.read, 255))
    return refuse('Invalid SSH identification string.', line.bad)
  }
  const theirs = line.read.toString('latin1')
  heard(text(line.read, 255))
  // sscanf "SSH-%d.%d-%[^\n]": blanks and a sign before a number are taken, the rest may not be empty.
  const [, major, minor] = /^SSH-\s*([+-]?\d+)\.\s*([+-]?\d+)-./s.exec(theirs) ?? []
  if (major === undefined || minor === undefined)
    return refuse('Invalid SSH identification string.', `Identification "${text(line.read, 100)}"`)
  if (Number(major) !== 2 && !(Number(major) === 1 && Number(minor) === 99))
    return refuse('Protocol major versions differ.', `Protocol version ${major}.${minor}`)
  // compat.c: these two are told nothing.
  const software = theirs.slice(theirs.indexOf('-', 4) + 1)
  if (software.startsWith('Probe-') || software.includes('SSH_Version_Mapper'))
    throw new Malformed(`A scanner: "${text(line.read, 100)}"`)
  return theirs
}

type Line = { read: Buffer; bad?: string }

/** One line as sshd takes it: CR only before LF, no NUL, and nothing that is no identification. */
async function readIdentification(conn: Conn): Promise<Line> {
  let scanned = 0
  let cr = false
  for (;;) {
    const more = await conn.peek(scanned + 1)
    // The peer went: this read says how.
    if (more.length <= scanned) await conn.read(scanned + 1)
    const seen = await conn.peek(conn.held)
    for (; scanned < seen.length; scanned++) {
      const byte = seen[scanned]!
      const read = seen.subarray(0, scanned)
      if (byte === 0x0a) {
        await conn.read(scanned + 1)
        const line = read.subarray(0, read.indexOf(0x0d) < 0 ? read.length : read.indexOf(0x0d))
        if (line.length > 4 && line.toString('latin1', 0, 4) === 'SSH-') return { read: line }
        return { read: line, bad: `Not an identification: "${text(line, 100)}"` }
      }
      if (byte === 0x0d) cr = true
      else if (cr || byte === 0) return { read, bad: 'Invalid characters in the identification' }
      else if (scanned >= maxLine) return { read, bad: `No end of line within ${maxLine} bytes` }
    }
  }
}
