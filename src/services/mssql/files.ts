import { text } from '#events/text.ts'
import { placed } from './shell.ts'
import { MOST_TEXT, MOST_THINGS, type Session } from './state.ts'

/** A file that statements wrote: kept as a sample, and there for who asks again. `content` is Latin-1. */
export async function writeFile(session: Session, path: string, content: string): Promise<void> {
  const { cx, server } = session
  const bytes = Buffer.from(content, 'latin1')
  const writer = cx.sample()
  await writer.write(bytes)
  cx.record.fileUpload({ path: text(Buffer.from(path, 'utf8'), 512), sample: await writer.close() })
  if (server.files.size < MOST_THINGS && server.weight() + content.length < MOST_TEXT * 2)
    server.files.set(placed(path), content)
}
