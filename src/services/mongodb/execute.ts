import { text } from '#events/text.ts'
import { sizeOf } from './bson.ts'
import { catalog } from './commands/catalog.ts'
import type { Request, Run } from './commands/command.ts'
import { reading } from './commands/read.ts'
import { server } from './commands/server.ts'
import { users } from './commands/users.ts'
import { writing } from './commands/write.ts'
import { failure, MongoError } from './errors.ts'
import { recognised } from './exploits.ts'
import { jsonOf } from './json.ts'
import type { Session } from './state.ts'
import { type Doc, isArray, isDoc } from './value.ts'
import { Work } from './work.ts'

const commands = new Map<string, Run>(
  [...server, ...reading, ...writing, ...catalog, ...users].flatMap(([names, run]) =>
    names.split('|').map(name => [name, run] as const),
  ),
)
/** What nobody has to be logged in for (Command::requiresAuth). */
const free = new Set(
  'hello isMaster ismaster ping buildInfo buildinfo whatsmyuri connectionStatus saslStart saslContinue authenticate getnonce logout getLastError getlasterror features endSessions'.split(
    ' ',
  ),
)
/** What drivers say by themselves, which is no news; a log-in has its own event. */
const unheard = new Set('hello isMaster ismaster saslStart saslContinue endSessions getnonce authenticate'.split(' '))
/** Characters of a command that its event shows. */
const SHOWN = 8192
/** Bytes of a command from which it is kept as a sample too. */
const LARGE = 64 << 10

const lineOf = (command: Doc): string => text(Buffer.from(jsonOf(command, SHOWN), 'latin1'), SHOWN + 8)

/** One command of the database `db`, and its answer. */
export async function execute(session: Session, db: string, command: Doc): Promise<Doc> {
  const [name = ''] = command.keys()
  const request: Request = { session, db, name, command, work: new Work() }
  await note(request)
  try {
    const run = commands.get(name)
    if (!run) throw new MongoError('CommandNotFound', `no such command: '${name.slice(0, 256)}'`)
    check(request)
    return await run(request)
  } catch (error) {
    if (error instanceof MongoError) return failure(error)
    throw error
  } finally {
    const wait = session.server.pace.spend(Math.min(request.work.used, MUCH), session.cx.now())
    if (wait > 0) await session.cx.pause(wait)
  }
}
/** More than any command is let do. */
const MUCH = 4_000_000

function check({ session, db, name }: Request): void {
  if (db === '' || db.length > 63 || /[ "$\\/.\0]/.test(db === '$external' ? '' : db))
    throw new MongoError('InvalidNamespace', `Invalid database name: '${db.slice(0, 128)}'`)
  if (session.cx.options.authorization && !session.user && !free.has(name))
    throw new MongoError('Unauthorized', `command ${name} requires authentication`)
}

async function note(request: Request): Promise<void> {
  const { session, db, name, command } = request
  if (unheard.has(name)) return
  const { record } = session.cx
  const line = lineOf(command)
  record.command({
    line: text(Buffer.from(`${db.slice(0, 64)} `, 'latin1')) + line,
    verb: text(Buffer.from(name.slice(0, 64), 'latin1')),
  })
  recognised(request, name.toLowerCase(), line)
  const from = command.get('fromhost')
  if (typeof from === 'string') {
    const [host = '', port = '27017'] = from.slice(0, 256).split(':', 2)
    record.outboundAttempt({
      host: text(Buffer.from(host, 'latin1')),
      port: /^\d{1,5}$/.test(port) ? Number(port) : 27_017,
      tool: name.slice(0, 32),
    })
  }
  const documents = command.get('documents')
  if (isArray(documents) && sizeOf(documents) > LARGE) await keep(request, documents.filter(isDoc))
}
/** Documents of a large insert, as a file of one JSON document a line. */
async function keep({ session, db, command, name }: Request, docs: readonly Doc[]): Promise<void> {
  const writer = session.cx.sample()
  for (const one of docs) await writer.write(Buffer.from(`${jsonOf(one, 1 << 20)}\n`, 'latin1'))
  const target = command.get(name)
  const path = text(Buffer.from(`${db}/${typeof target === 'string' ? target.slice(0, 128) : ''}.json`, 'latin1'))
  session.cx.record.fileUpload({ path, sample: await writer.close() })
}
