import { downloadsIn } from '#codec/downloads.ts'
import { numeric, reply, type Session } from './session.ts'
import { latin } from './wire.ts'

/** Seconds that a command which sleeps holds the server up at most. */
const SLEEP = 15

/**
 * CVE-2010-2075: the archive that was handed out with a back door runs what follows `AB` at the beginning of a line. Told of on any
 * server. A server that has it says nothing of the command's output, but takes as long as it.
 */
export async function backDoor({ cx }: Session, line: string): Promise<void> {
  const command = /^AB[;|&\s](.*)$/s.exec(line)?.[1]
  if (command === undefined) return
  cx.record.exploit({
    id: 'CVE-2010-2075',
    name: 'UnrealIRCd 3.2.8.1 back door',
    evidence: latin(line, 256),
  })
  cx.record.command({ line: latin(command.replace(/^[;|&\s]+/, '')), verb: 'sh' })
  for (const { url, tool } of downloadsIn(command).slice(0, 10)) cx.record.fileDownload({ url, tool })
  if (cx.options.product !== 'UnrealIRCd') return
  const [, seconds] = /(?:^|[;|&\s])sleep (\d{1,6})/.exec(command) ?? []
  if (seconds !== undefined) await cx.pause(Math.min(Number(seconds), SLEEP))
}

/** To whoever has no password, or another. */
export function refused(session: Session): void {
  numeric(session, '464', 'Password Incorrect')
  session.out.push(`ERROR :Closing Link: ${session.nick ?? ''}[${session.cx.source.ip}] (Bad Password)`)
  session.over = true
}

/** What is said to whoever connects, before a word. */
export const hello = ({ server }: Session): string[] => [
  `:${server} NOTICE AUTH :*** Looking up your hostname...`,
  `:${server} NOTICE AUTH :*** Couldn't resolve your hostname; using your IP address instead`,
]

/** The welcome of 3.2.8.1, as it is built from source. */
export function greet(session: Session): void {
  const { server, user, cx, network } = session
  const made = new Date(network.startedAt)
    .toUTCString()
    .replace(/(\w{3}), (\d\d) (\w{3}) (\d{4}) (.*)/, '$1 $3 $2 $4 at $5')
  numeric(session, '001', `Welcome to the ${cx.persona.domain} IRC Network ${user.nick}!${user.user}@${user.host}`)
  numeric(session, '002', `Your host is ${server}, running version Unreal3.2.8.1`)
  numeric(session, '003', `This server was created ${made}`)
  reply(session, '004', `${server} Unreal3.2.8.1 iowghraAsORTVSxNCWqBzvdHtGp lvhopsmntikrRcaqOALQbSeIKVfMCuzNTGj`)
  const count = network.users.size
  numeric(session, '251', `There are ${count} users and 0 invisible on 1 servers`)
  numeric(session, '254', String(network.channels.size), 'channels formed')
  numeric(session, '255', `I have ${count} clients and 0 servers`)
  numeric(session, '265', `Current Local Users: ${count}  Max: ${network.most}`)
  numeric(session, '266', `Current Global Users: ${count}  Max: ${network.most}`)
  numeric(session, '422', 'MOTD File is missing')
}
