import type { SampleWriter } from '#artifacts/samples.ts'
import type { Sample } from '#events/actions.ts'
import { text } from '#events/text.ts'
import { noteAttempts } from './exploits.ts'
import { parseLetter } from './mime.ts'
import { latin, type Smtp } from './session.ts'

/** Bytes of a message that are looked into for its fields and the files in it. */
const LOOKED_INTO = 4 << 20

/** A message on its way in: all of it goes to a sample, its beginning is kept to be looked into. */
export type Letter = {
  writer: SampleWriter
  kept: Buffer[]
  keptBytes: number
  size: number
  /** The last two bytes, Latin-1: whether its last line has an end. */
  last: string
}

export const openLetter = ({ cx }: Smtp): Letter => ({ writer: cx.sample(), kept: [], keptBytes: 0, size: 0, last: '' })

export async function addToLetter({ conn }: Smtp, letter: Letter, bytes: Buffer): Promise<void> {
  letter.size += bytes.length
  letter.last = (letter.last + bytes.subarray(-2).toString('latin1')).slice(-2)
  const room = LOOKED_INTO - letter.keptBytes
  if (room > 0) {
    // A copy: what was read lies in the connection's buffer, which is larger.
    const piece = Buffer.from(bytes.subarray(0, room))
    letter.kept.push(piece)
    letter.keptBytes += piece.length
    conn.keep(piece.length)
  }
  await letter.writer.write(bytes)
}

/** The message ended, or never will. */
export async function dropLetter(smtp: Smtp): Promise<void> {
  const { letter } = smtp
  if (!letter) return
  smtp.letter = undefined
  smtp.conn.keep(-letter.keptBytes)
  await letter.writer.abort()
}

/** Closes the sample, looks into it, and records what was handed over. */
export async function recordLetter(smtp: Smtp, letter: Letter, fate: 'held' | 'refused'): Promise<void> {
  const { cx, conn, sender = '', recipients, foreign } = smtp
  const sample = await letter.writer.close()
  const whole = Buffer.concat(letter.kept)
  conn.keep(-letter.keptBytes)
  const found = await parseLetter(whole)
  const attachments = []
  for (const { name, type, content } of found.attachments)
    attachments.push({ ...(name === undefined ? {} : { name }), type, sample: await keep(smtp, content) })
  cx.record.mail({
    from: latin(sender, 320),
    to: recipients.map(to => latin(to, 320)),
    ...(found.subject === undefined ? {} : { subject: text(Buffer.from(found.subject), 1000) }),
    ...(found.messageId === undefined ? {} : { messageId: text(Buffer.from(found.messageId), 500) }),
    ...(found.from === undefined ? {} : { fromField: text(Buffer.from(found.from), 500) }),
    fate,
    relay: foreign,
    sample,
    attachments,
  })
  noteAttempts(smtp, whole)
}

async function keep({ cx }: Smtp, content: Buffer): Promise<Sample> {
  const writer = cx.sample()
  await writer.write(content)
  return await writer.close()
}
