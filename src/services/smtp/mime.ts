import PostalMime, { type Address } from 'postal-mime'

/** What a message says of itself, and the files in it. */
export type Found = {
  subject?: string
  messageId?: string
  from?: string
  attachments: { name?: string; type: string; content: Buffer }[]
}

/** Files of one message that are taken out. */
const MOST = 32

/** Reads a message (RFC 5322, MIME), as far as it can be read: a broken one has no files. */
export async function parseLetter(whole: Buffer): Promise<Found> {
  try {
    const mail = await PostalMime.parse(whole, {
      maxNestingDepth: 32,
      maxHeadersSize: 256 << 10,
      maxRfc822NestingDepth: 3,
      attachmentEncoding: 'arraybuffer',
    })
    return {
      ...(mail.subject === undefined ? {} : { subject: mail.subject }),
      ...(mail.messageId === undefined ? {} : { messageId: mail.messageId }),
      ...(mail.from === undefined ? {} : { from: shown(mail.from) }),
      attachments: mail.attachments.slice(0, MOST).map(({ filename, mimeType, content }) => ({
        ...(filename === null ? {} : { name: filename.slice(0, 255) }),
        type: mimeType.slice(0, 127),
        content: bytesOf(content),
      })),
    }
  } catch {
    // Its limits on nesting and fields end it by an error; the sample has all there is.
    return { attachments: [] }
  }
}

const shown = (from: Address) => (from.address === undefined ? from.name : `${from.name} <${from.address}>`.trim())

const bytesOf = (content: ArrayBuffer | Uint8Array | string): Buffer =>
  typeof content === 'string'
    ? Buffer.from(content)
    : content instanceof ArrayBuffer
      ? Buffer.from(content)
      : Buffer.from(content.buffer, content.byteOffset, content.byteLength)
