import { text } from '#events/text.ts'
import { witnessOf } from '#machine/witness.ts'
import type { Conn } from '#sensor/conn.ts'
import { Malformed } from '#sensor/endings.ts'
import type { TcpContext } from '#sensor/service.ts'
import { answerTo, challengeFrom, digestFor, digests, hashOf } from './auth.ts'
import { agree } from './compat.ts'
import { fail } from './failure.ts'
import { disk, type Module, modulesOf } from './modules.ts'
import type { Options } from './options.ts'
import { receive } from './receiver.ts'
import { type Request, readRequest } from './request.ts'
import { send } from './sender.ts'
import type { Transfer } from './transfer.ts'
import { GivenUp, Wire } from './wire.ts'

/** io.c: MAXPATHLEN, which bounds a line; words of a command line, and their bytes in all. */
const LINE = 1024
const WORDS = 500
/** clientserver.c: BIGPATHBUFLEN, which bounds early input. */
const EARLY = 5120
const COMMAND = 64 << 10

type Greeted = { protocol: number; digests: readonly string[] }

/** The daemon's part from the greeting on (clientserver.c). */
export async function session(conn: Conn, cx: TcpContext<Options>): Promise<void> {
  const client = await greet(conn, cx)
  if (client === undefined) return
  const asked = await request(conn, cx)
  const modules = modulesOf(cx.persona)
  cx.record.command({ line: `module ${shown(asked)}`.trimEnd(), verb: 'module' })
  if (asked === '' || asked === '#list') return list(conn, modules, client)
  if (asked.startsWith('#')) return conn.write(`@ERROR: Unknown command '${asked}'\n`)
  const module = modules.find(({ name }) => name === asked)
  if (!module) return conn.write(`@ERROR: Unknown module '${asked}'\n`)
  if (module.users && !(await authenticate(conn, cx, module, client))) return
  await conn.write('@RSYNCD: OK\n')
  await serve(conn, cx, module, client)
}

/** Both greetings; `undefined` where there is no going on. */
async function greet(conn: Conn, cx: TcpContext<Options>): Promise<Greeted | undefined> {
  const { protocol, version } = cx.persona.software.rsync
  // Daemons before 3.2.7 did not say which digests they know.
  const names = speaksDigests(version) ? ` ${digests.join(' ')}` : ''
  await conn.write(`@RSYNCD: ${protocol}.0${names}\n${motd(cx)}`)
  const said = await line(conn)
  const [, number, sub, offered = ''] = /^@RSYNCD: (\d{1,4})(?:\.(\d{1,4}))?(.*)$/.exec(said) ?? []
  if (number === undefined) {
    cx.record.malformed({ why: 'No greeting of rsync', bytes: shown(said) })
    // A line with a NUL in it is none at all.
    if (!said.includes('\0')) await conn.write('@ERROR: protocol startup error\n')
    return undefined
  }
  cx.record.command({ line: shown(said), verb: 'greeting' })
  if (Number(number) >= 30 && sub === undefined) {
    await conn.write(`@ERROR: your client omitted the subprotocol value: ${said}\n`)
    return undefined
  }
  const list = offered.split(' ').filter(Boolean)
  return { protocol: Math.min(Number(number), protocol), digests: speaksDigests(version) ? list : [] }
}
const speaksDigests = (version: string): boolean => !/^3\.(?:[01]\.|2\.[0-6]$)/.test(version)

/** Some owners greet. */
const motd = ({ persona }: TcpContext<Options>): string =>
  persona.derive('rsync motd', 1)[0]! % 3 === 0 ? `Welcome to ${persona.fqdn}\n\n` : ''

async function line(conn: Conn): Promise<string> {
  return (await conn.readLine(LINE)).toString('latin1')
}
const shown = (said: string): string => text(Buffer.from(said, 'latin1'), LINE)

/** The module's name; before it may stand data for a program of the owner's, which has none. */
async function request(conn: Conn, cx: TcpContext<Options>): Promise<string> {
  const said = await line(conn)
  const [, bytes] = /^#early_input=(\d{1,5})$/.exec(said) ?? []
  if (bytes === undefined) return said
  if (Number(bytes) > EARLY) throw new Malformed(`Early input of ${bytes} bytes`)
  const data = await conn.read(Number(bytes))
  cx.record.command({ line: `early input ${text(data, LINE)}`, verb: 'early-input' })
  return line(conn)
}

function list(conn: Conn, modules: readonly Module[], { protocol }: Greeted): Promise<void> {
  const rows = modules.map(({ name, comment }) => `${name.padEnd(15)}\t${comment}\n`)
  return conn.write(`${rows.join('')}${protocol >= 25 ? '@RSYNCD: EXIT\n' : ''}`)
}

/** Challenge and answer (authenticate.c): whoever has the one password of a user is let in. */
async function authenticate(conn: Conn, cx: TcpContext<Options>, module: Module, client: Greeted): Promise<boolean> {
  const kind = digestFor(client.protocol, client.digests)
  if (kind === undefined) {
    await conn.write(`@ERROR: your client does not support one of our daemon-auth checksums: ${digests.join(' ')}\n`)
    return false
  }
  const challenge = challengeFrom(kind, cx.random(32))
  await conn.write(`@RSYNCD: AUTHREQD ${challenge}\n`)
  const [user = '', ...rest] = (await line(conn)).split(' ')
  const answer = rest.join(' ')
  const password = module.users?.get(user)
  const good = password !== undefined && answer === answerTo(kind, challenge, password)
  const hash = hashOf(kind, challenge, answer)
  cx.record.login({
    method: `rsync-${kind}`,
    user: shown(user),
    ...(good ? { password } : {}),
    ...(hash === undefined ? {} : { hash }),
    outcome: good ? 'success' : 'failure',
  })
  if (!good) await conn.write(`@ERROR: auth failed on module ${module.name}\n`)
  return good
}

/** The command line of the far side, and what it asks for (rsync_module). */
async function serve(conn: Conn, cx: TcpContext<Options>, module: Module, client: Greeted): Promise<void> {
  const words = await commandLine(conn, client.protocol)
  const request = readRequest(words)
  const verb = request.sender ? 'sender' : 'receiver'
  cx.record.command({ line: shown(`rsync ${words.join(' ')}`), verb })
  if (client.protocol < 30) throw new Malformed(`Protocol ${client.protocol}`)
  const wire = new Wire(conn)
  const witness = witnessOf(cx)
  const login = disk(cx, module, witness)
  try {
    const transfer: Transfer = {
      wire,
      cx,
      module,
      protocol: client.protocol,
      request,
      login,
      witness,
      ...(await agree(wire, cx, request)),
    }
    await wire.frame()
    const refused = refusal(words, request)
    if (refused) await fail(transfer, ...refused)
    else await (request.sender ? send(transfer) : receive(transfer))
    await wire.push()
  } catch (error) {
    if (!(error instanceof GivenUp)) throw error
  } finally {
    login.close()
    await witness.settled()
  }
}

/** What a daemon's own option parser refuses, with the exit code. */
function refusal(words: readonly string[], { unknown }: Request): readonly [says: string, code: 4] | undefined {
  if (words.includes('--daemon')) return ['rsync: Attempt to hack rsync thwarted!\n', 4]
  if (unknown !== undefined) return [`rsync: on remote machine: ${unknown}: unknown option\n`, 4]
  return undefined
}

/** Words that end in NUL, up to an empty one; in lines before protocol 30. */
async function commandLine(conn: Conn, protocol: number): Promise<string[]> {
  const mark = protocol >= 30 ? '\0' : '\n'
  const words: string[] = []
  for (let bytes = 0; ; ) {
    const word = (await conn.readUntil(mark, 4096)).toString('latin1').slice(0, -1)
    if (word === '') return words
    bytes += word.length
    if (words.length >= WORDS || bytes > COMMAND) throw new Malformed('A command line without end')
    words.push(word)
  }
}
