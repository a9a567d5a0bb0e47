import { hash } from 'node:crypto'
import { text } from '#events/text.ts'
import { type Described, type Description, describePayload } from '#payload/describe.ts'
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

/** Payloads of one shape that are stored; of more like them the hash is enough. */
const ALIKE = 32
/** What is remembered of payloads, by hash and by shape. */
const MOST = 1024
const described = new Map<string, Described>()
const alike = new Map<string, number>()

async function keep(bytes: Buffer, cx: TcpContext<Options>): Promise<void> {
  const { description, exploits } = describe(bytes, cx.destination.port)
  const times = (alike.get(description.shape) ?? 0) + 1
  remember(alike, description.shape, times)
  const writer = cx.sample({ keep: times <= ALIKE })
  await writer.write(bytes)
  cx.record.payload({ sample: await writer.close(), start: text(bytes, START), ...description })
  for (const exploit of exploits) cx.record.exploit(exploit)
  for (const download of told(description)) cx.record.fileDownload(download)
}

/** URLs that a command in the payload would have fetched. */
function told({ indicators }: Description): { url: string; tool: string; commandLine: string }[] {
  const commands = indicators.filter(({ kind }) => kind === 'command').map(({ value }) => value)
  return indicators.flatMap(({ kind, value: url }) => {
    const commandLine = kind === 'url' ? commands.find(command => command.includes(url)) : undefined
    return commandLine === undefined ? [] : [{ url, tool: commandLine.split(/\s/, 1)[0]!, commandLine }]
  })
}

/** A worm says the same a thousand times: it is looked at once. */
function describe(bytes: Buffer, port: number): Described {
  const key = `${port} ${hash('sha1', bytes, 'base64')}`
  const found = described.get(key) ?? describePayload(bytes, { port })
  remember(described, key, found)
  return found
}

/** The newest stand at the end; the oldest make room. */
function remember<V>(map: Map<string, V>, key: string, value: V): void {
  map.delete(key)
  map.set(key, value)
  if (map.size > MOST) map.delete(map.keys().next().value!)
}
