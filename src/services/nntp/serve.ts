import { accessOf } from '#access/access.ts'
import type { Conn } from '#sensor/conn.ts'
import type { TcpContext } from '#sensor/service.ts'
import { LIST_USAGE, list, newGroups, titles } from './list.ts'
import { AUTH_USAGE, authenticate, MECHANISMS } from './login.ts'
import type { Options } from './options.ts'
import { post } from './post.ts'
import { group, header, listGroup, over, retrieve, step } from './read.ts'
import { block, clock, type Reader, shown } from './session.ts'

/** nnrpd of INN 2, where readers of a news server are; wordings recorded from 2.7.1 on Debian 12 (test/oracle/nntp). */

/** Octets of a command line (RFC 3977 §3.1), and of what is read to its end without being looked at. */
const MAX_COMMAND = 512
const MAX_LINE = 60_000

export async function session(conn: Conn, cx: TcpContext<Options>): Promise<void> {
  const reader: Reader = {
    conn,
    cx,
    access: accessOf(cx, cx.options.access),
    pid: 400 + (cx.random(2).readUInt16BE() % 32_000),
    named: 0,
    group: undefined,
    at: 0,
    user: undefined,
    in: false,
  }
  await conn.write(greeting(reader))
  for (;;) {
    const line = (await conn.readLine(MAX_LINE)).toString('latin1')
    const words = line.split(/[ \t]+/, 64).filter(Boolean)
    const [name] = words
    if (name === undefined) continue
    const verb = name.toUpperCase()
    const secret = verb === 'AUTHINFO' && words[1]?.toUpperCase() !== 'USER'
    cx.record.command({ line: shown(secret ? words.slice(0, 2).join(' ') : line), verb: shown(verb, 32) })
    if (line.length + 2 > MAX_COMMAND) {
      await conn.write('501 Line too long\r\n')
      continue
    }
    if ((await obey(reader, verb, words.slice(1))) === 'over') return
  }
}

function greeting({ cx, in: known }: Reader): string {
  const { fqdn, software } = cx.persona
  const may = cx.options.posting || known
  return `${may ? 200 : 201} ${fqdn} InterNetNews NNRP server INN ${software.nntp.version} ready (${may ? 'posting ok' : 'no posting'})\r\n`
}

type Answer = string | 'over' | undefined
type Command = {
  /** Arguments that it takes, and how that is said. */
  least: number
  most: number
  usage: string
  run(reader: Reader, args: readonly string[]): Answer | Promise<Answer>
}
const command = (usage: string, least: number, most: number, run: Command['run']): [string, Command] => [
  usage.split(' ')[0]!,
  { least, most, usage, run },
]

async function obey(reader: Reader, verb: string, args: readonly string[]): Promise<'over' | undefined> {
  const found = commands.get(verb)
  const { conn } = reader
  if (!found) {
    await conn.write(verb === 'SLAVE' ? '500 "SLAVE" not implemented; try "HELP"\r\n' : '500 What?\r\n')
    return undefined
  }
  if (args.length < found.least || args.length > found.most) {
    const usage = found.most === 0 ? `${found.usage} (no argument allowed)` : found.usage
    await conn.write(`501 Syntax is: ${usage}\r\n`)
    return undefined
  }
  const answer = await found.run(reader, args)
  if (answer === 'over') return 'over'
  if (answer !== undefined) await conn.write(answer)
  return undefined
}

const capabilities: Command['run'] = (reader, [keyword]) => {
  if (keyword !== undefined && !/^[A-Za-z][A-Za-z0-9.-]{2,}$/.test(keyword)) return '501 Syntax error in keyword\r\n'
  const { cx } = reader
  return block('101 Capability list:', [
    'VERSION 2',
    `IMPLEMENTATION INN ${cx.persona.software.nntp.version}`,
    ...(reader.in ? [] : ['AUTHINFO USER SASL']),
    'COMPRESS DEFLATE',
    'HDR',
    'LIST ACTIVE ACTIVE.TIMES COUNTS DISTRIB.PATS DISTRIBUTIONS HEADERS MODERATORS MOTD NEWSGROUPS OVERVIEW.FMT SUBSCRIPTIONS',
    'OVER',
    ...(cx.options.posting || reader.in ? ['POST'] : []),
    'READER',
    `SASL ${MECHANISMS}`,
    ...(reader.in || cx.encrypted ? [] : ['STARTTLS']),
    'XPAT',
  ])
}

const help: Command['run'] = ({ cx }) => {
  const usages = Array.from(commands.values(), ({ usage }) => `  ${usage}`)
  return block('100 Legal commands', [...usages, `Report problems to <usenet@${cx.persona.fqdn}>.`])
}

const date: Command['run'] = reader =>
  `111 ${new Date(clock(reader)).toISOString().replace(/\D/g, '').slice(0, 14)}\r\n`

const startTls: Command['run'] = async ({ conn, cx, in: known }) => {
  if (cx.encrypted) return '502 Already using a TLS layer\r\n'
  if (known) return '502 Already authenticated\r\n'
  await conn.write('382 Begin TLS negotiation now\r\n')
  await cx.startTls()
  return undefined
}

const ARTICLE = '[message-ID|number]'
const commands = new Map<string, Command>([
  command(`ARTICLE ${ARTICLE}`, 0, 1, retrieve(220, 'article')),
  command(AUTH_USAGE, 2, 64, authenticate),
  command(`BODY ${ARTICLE}`, 0, 1, retrieve(222, 'body')),
  command('CAPABILITIES [keyword]', 0, 1, capabilities),
  command('COMPRESS DEFLATE', 1, 1, (_, [algorithm = '']) =>
    algorithm.toUpperCase() === 'DEFLATE'
      ? '403 Unable to activate compression\r\n'
      : '503 Only the DEFLATE compression algorithm is supported\r\n',
  ),
  command('DATE', 0, 0, date),
  command('GROUP newsgroup', 1, 1, group),
  command('HDR header [message-ID|range]', 1, 2, header(225)),
  command(`HEAD ${ARTICLE}`, 0, 1, retrieve(221, 'head')),
  command('HELP', 0, 0, help),
  command('IHAVE message-ID', 1, 1, () => '480 IHAVE command disabled by administrator\r\n'),
  command('LAST', 0, 0, step(-1)),
  command(LIST_USAGE, 0, 64, list),
  command('LISTGROUP [newsgroup [range]]', 0, 2, listGroup),
  command('MODE READER', 1, 1, (reader, [mode = '']) =>
    mode.toUpperCase() === 'READER' ? greeting(reader) : '501 Unknown MODE variant\r\n',
  ),
  command('NEWGROUPS [yy]yymmdd hhmmss [GMT]', 2, 3, newGroups),
  command('NEWNEWS wildmat [yy]yymmdd hhmmss [GMT]', 3, 4, () => '480 NEWNEWS command disabled by administrator\r\n'),
  command('NEXT', 0, 0, step(1)),
  command('OVER [range]', 0, 1, over),
  command('POST', 0, 0, async reader => {
    await post(reader)
    return undefined
  }),
  command('QUIT', 0, 0, async ({ conn }) => {
    await conn.write('205 Bye!\r\n')
    return 'over'
  }),
  command('STARTTLS', 0, 0, startTls),
  command(`STAT ${ARTICLE}`, 0, 1, retrieve(223, 'status')),
  command('XGTITLE [wildmat]', 0, 1, titles),
  command('XHDR header [message-ID|range]', 1, 2, header(221)),
  command('XOVER [range]', 0, 1, over),
  command('XPAT header message-ID|range pattern [pattern ...]', 3, 64, header(221, true)),
])
