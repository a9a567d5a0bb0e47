import { text } from '#events/text.ts'
import type { Conn } from '#sensor/conn.ts'
import { Hangup } from '#sensor/endings.ts'
import type { TcpContext } from '#sensor/service.ts'
import type { Options } from './options.ts'

/** Seconds of silence after which what was sent is one payload: its answer is waited for in vain. */
const QUIET = 2
/** Bytes of one payload; what is sent beyond them is the next. */
const WHOLE = 1 << 20
/** Bytes of a payload that stand in its event. */
const START = 4096
/** Payloads of one conversation: whoever goes on talking to nobody is a flood. */
const PAYLOADS = 16

/** Listens, and says nothing: what would be said to words that nobody here knows would be a mark of its own. */
export async function session(conn: Conn, cx: TcpContext<Options>): Promise<void> {
  for (let n = 0; n < PAYLOADS; n++) {
    const { bytes, over } = await gather(conn)
    if (bytes.length > 0) await keep(bytes, cx)
    if (over) throw over
  }
  await conn.readSome(1)
}

/** What the peer sends before it falls silent; `over`: it will send no more. */
async function gather(conn: Conn): Promise<{ bytes: Buffer; over?: Hangup }> {
  const pieces: Buffer[] = []
  let length = 0
  try {
    do {
      const piece = await conn.readSome(WHOLE - length)
      pieces.push(piece)
      length += piece.length
      conn.keep(piece.length)
    } while (length < WHOLE && (await conn.glance(1, QUIET)).length > 0)
    return { bytes: Buffer.concat(pieces) }
  } catch (error) {
    if (!(error instanceof Hangup)) throw error
    return { bytes: Buffer.concat(pieces), over: error }
  } finally {
    conn.keep(-length)
  }
}

async function keep(bytes: Buffer, cx: TcpContext<Options>): Promise<void> {
  const writer = cx.sample()
  await writer.write(bytes)
  cx.record.payload({ sample: await writer.close(), start: text(bytes, START) })
}
