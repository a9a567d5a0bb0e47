import PostalMime, { type Address, type Email } from 'postal-mime'
import { contentOf, fieldOf, type Part, parseMessage, parseParameters } from '#mailbox/mime.ts'

/** What a message says of itself, and the files in it. */
export type Found = {
  subject?: string
  messageId?: string
  from?: string
  attachments: { name?: string; type: string; content: Buffer }[]
}

/** Files of one message that are taken out, and bytes of a header that are decoded. */
const MOST = 32
const LONGEST_HEADER = 32 << 10

/**
 * Reads a message (RFC 5322, MIME), as far as it can be read. The library decodes headers alone, of which there are few and
 * short ones; over a body of a million lines it would hold up everybody else, so bodies are cut and decoded here.
 */
export async function parseLetter(whole: Buffer): Promise<Found> {
  const root = parseMessage(withCrlf(whole))
  const head = await headerOf(root)
  const attachments = []
  for (const part of leaves(root)) {
    if (attachments.length >= MOST) break
    const name = (await headerOf(part))?.attachments[0]?.filename ?? undefined
    const type = `${part.type}/${part.subtype}`.toLowerCase().slice(0, 127)
    attachments.push({ ...(name === undefined ? {} : { name: name.slice(0, 255) }), type, content: contentOf(part) })
  }
  return {
    ...(head?.subject === undefined ? {} : { subject: head.subject }),
    ...(head?.messageId === undefined ? {} : { messageId: head.messageId }),
    ...(head?.from === undefined ? {} : { from: shown(head.from) }),
    attachments,
  }
}

/** Some tools end lines in a line feed alone. */
const withCrlf = (whole: Buffer): Buffer =>
  whole.includes('\r\n\r\n') || !whole.includes('\n\n')
    ? whole
    : Buffer.from(whole.toString('latin1').replaceAll('\r\n', '\n').replaceAll('\n', '\r\n'), 'latin1')

/** Fields decoded; nothing where even that fails. */
async function headerOf({ header }: Part): Promise<Email | undefined> {
  try {
    return await PostalMime.parse(header.subarray(0, LONGEST_HEADER), { maxNestingDepth: 1, maxRfc822NestingDepth: 0 })
  } catch {
    return undefined
  }
}

/** Parts that are files: everything that is not the text of the message itself. */
function* leaves(part: Part): Generator<Part> {
  if (part.message) yield* leaves(part.message)
  else if (part.parts.length > 0) for (const inner of part.parts) yield* leaves(inner)
  else if (isFile(part)) yield part
}

function isFile({ type, fields, parameters }: Part): boolean {
  const disposition = parseParameters(fieldOf(fields, 'content-disposition') ?? '')
  if (/^attachment$/i.test(disposition.value) || disposition.parameters.some(([name]) => /^filename/i.test(name)))
    return true
  return !/^(?:text|multipart|message)$/i.test(type) || parameters.some(([name]) => /^name\*?/i.test(name))
}

const shown = (from: Address) => (from.address === undefined ? from.name : `${from.name} <${from.address}>`.trim())
