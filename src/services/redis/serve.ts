import { downloadsIn } from '#codec/downloads.ts'
import { text } from '#events/text.ts'
import type { Conn } from '#sensor/conn.ts'
import type { TcpContext } from '#sensor/service.ts'
import { execute } from './execute.ts'
import { quote } from './inline.ts'
import { noteCallHome } from './modules.ts'
import { monitored } from './monitor.ts'
import type { Options } from './options.ts'
import { newClient, newServer, type Redis } from './state.ts'
import { asksForPassword } from './users.ts'
import { error, ok, ProtocolError, readCommand, TooMuch } from './wire.ts'

/** Bytes of one argument that are held in memory; more is kept as a sample. */
const KEEP = 256 << 10
/** Characters of a command that its event shows. */
const SHOWN = 4096

/** One client, until it has had enough. */
export async function session(conn: Conn, cx: TcpContext<Options>): Promise<void> {
  const server = cx.attacker(() => newServer(cx))
  const client = newClient(server, cx.now(), asksForPassword(server))
  try {
    while (await answerOne(conn, cx, { cx, server, client }));
  } catch (problem) {
    if (problem instanceof ProtocolError) await conn.write(error(`ERR Protocol error: ${problem.message}`))
    throw problem instanceof TooMuch ? conn.hangup('flooded') : problem
  }
}

/** One command and its answer; false when the conversation is over. */
async function answerOne(conn: Conn, cx: TcpContext<Options>, redis: Redis): Promise<boolean> {
  const { client } = redis
  const { args, weight, inline } = await readCommand(conn, {
    keep: KEEP,
    large: pieces => keepLarge(pieces, cx),
    authenticated: client.authenticated,
  })
  const [verb] = args
  if (verb === undefined) return true
  const name = verb.toLowerCase()
  note(cx, name, args)
  // networking.c: a web page made somebody's browser speak to us; close without a word, even to what came before it.
  if (forgery.test(name) || (inline && forgery.test(String(await conn.peek(Math.min(5, conn.held)))))) return false
  const before = client.transaction?.weight ?? 0
  const answer = name === 'quit' ? ok : await execute(args, redis, weight)
  // What waits in a transaction stays with the connection; what does not, or no longer, goes.
  conn.keep((client.transaction?.weight ?? 0) - before - weight)
  if (answer === undefined) return false
  const said = spoken(client, answer) + monitored(args, redis)
  if (said) await conn.write(said)
  return name !== 'quit'
}
const forgery = /^(?:post|host:)$/i

/** CLIENT REPLY OFF and SKIP; the command that switches answers is itself answered by ON alone. */
function spoken(client: Redis['client'], answer: string): string {
  if (client.replies === 'on') return answer
  if (client.replies === 'skipping') client.replies = 'on'
  else if (client.replies === 'skip') client.replies = 'skipping'
  return ''
}

function note(cx: TcpContext<Options>, name: string, args: string[]) {
  const { record } = cx
  let line = ''
  for (const arg of args) {
    if (line.length > SHOWN) break
    line += `${line === '' ? '' : ' '}${bare.test(arg) ? arg.slice(0, SHOWN) : quote(arg, SHOWN)}`
  }
  record.command({
    line: text(Buffer.from(line, 'latin1'), SHOWN),
    verb: text(Buffer.from(args[0]!.slice(0, 64), 'latin1')),
  })
  noteCallHome(args, cx)
  if (name !== 'get') for (const download of downloadsIn(line)) record.fileDownload(download)
}
/** Shown without quotes: what redis-cli would take back as one word. */
const bare = /^[!#-&(-[\]-~]+$/

/** Files that come in one argument, as a whole. */
async function keepLarge(pieces: AsyncGenerator<Buffer>, cx: TcpContext<Options>) {
  const writer = cx.sample()
  for await (const piece of pieces) await writer.write(piece)
  cx.record.fileUpload({ path: 'redis-argument', sample: await writer.close() })
}
