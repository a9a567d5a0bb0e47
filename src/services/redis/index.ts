import { downloadsIn } from '#codec/downloads.ts'
import { text } from '#events/text.ts'
import type { Conn } from '#sensor/conn.ts'
import { service, type TcpContext, tcp } from '#sensor/service.ts'
import { execute } from './execute.ts'
import { type Options, options } from './options.ts'
import { newClient, newServer, type Redis } from './state.ts'
import { error, ok, ProtocolError, readCommand } from './wire.ts'

/** Bytes of one argument that are held in memory; more is kept as a sample. */
const KEEP = 256 << 10

/** A Redis left open to the world: the target of cron, SSH-key, web-shell and rogue-master takeovers. */
export default service({
  name: 'redis',
  title: 'Redis open to the world',
  replaces: ['redishoneypot', 'qeeqbox redis', 'opencanary redis'],
  listen: [tcp(6379)],
  options,
  limits: { idle: 600, inbox: 512 << 10, total: 600 << 20 },
  async session(conn, cx) {
    const server = cx.attacker(() => newServer(cx))
    const redis: Redis = { cx, server, client: newClient(server, cx.now(), Boolean(server.config.get('requirepass'))) }
    try {
      while (await answerOne(conn, cx, redis));
    } catch (problem) {
      if (problem instanceof ProtocolError) await conn.write(error(`ERR Protocol error: ${problem.message}`))
      throw problem
    }
  },
})

/** One command and its answer; false when the conversation is over. */
async function answerOne(conn: Conn, cx: TcpContext<Options>, redis: Redis): Promise<boolean> {
  const args = await readCommand(conn, KEEP, pieces => keepLarge(pieces, cx))
  const [verb] = args
  if (verb === undefined) return true
  const name = verb.toLowerCase()
  const line = text(Buffer.from(args.map(quote).join(' '), 'latin1'))
  cx.record.command({ line, verb: text(Buffer.from(verb.slice(0, 64), 'latin1')) })
  for (const download of name === 'get' ? [] : downloadsIn(line)) cx.record.fileDownload(download)
  // networking.c: a web page made somebody's browser speak to us; close without a word.
  if (name === 'post' || name === 'host:') return false
  if (name === 'quit') {
    await conn.write(ok)
    return false
  }
  if (name === 'shutdown' && redis.client.authenticated) return false
  await conn.write(await execute(args, redis))
  return true
}

/** Files that come in one argument, as a whole. */
async function keepLarge(pieces: AsyncGenerator<Buffer>, cx: TcpContext<Options>) {
  const writer = cx.sample()
  for await (const piece of pieces) await writer.write(piece)
  cx.record.fileUpload({ path: 'redis-argument', sample: await writer.close() })
}

/** As redis-cli and MONITOR show an argument: bare where that is unambiguous. */
const quote = (arg: string) => (/^[!-~]+$/.test(arg) && !/["'\\]/.test(arg) ? arg : JSON.stringify(arg.slice(0, 4096)))
