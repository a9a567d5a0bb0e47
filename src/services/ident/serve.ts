import { text } from '#events/text.ts'
import type { Persona } from '#persona/persona.ts'
import type { Conn } from '#sensor/conn.ts'
import type { TcpContext } from '#sensor/service.ts'

/** oidentd 2: one question (RFC 1413 §3), one answer; its answers were recorded from 2.5.0 (test/oracle/ident). */

const MAX_LINE = 4096
/** Seconds. */
const INSTANT = 0.005

export async function session(conn: Conn, cx: TcpContext<unknown>): Promise<void> {
  const line = await conn.readLine(MAX_LINE)
  const asked = readPorts(line.toString('latin1'))
  cx.record.command({ line: text(line, 512), verb: 'IDENT' })
  // The connection that is asked about may have come in the same instant, and be the next to be seen.
  await cx.pause(INSTANT)
  // What is no question gets no answer.
  if (asked) await conn.write(`${asked.ours},${asked.theirs}:${answer(cx, asked)}\r\n`)
}

type Ports = { ours: number; theirs: number }

/** Two numbers around a comma, whatever follows them; too large ones turn over, as in C. */
function readPorts(line: string): Ports | undefined {
  const found = /^\s{0,4096}([+-]?\d{1,4096})\s{0,4096},\s{0,4096}([+-]?\d{1,4096})/.exec(line)
  return found ? { ours: asInt(found[1]!), theirs: asInt(found[2]!) } : undefined
}
const MOST = (1n << 63n) - 1n
function asInt(digits: string): number {
  const value = digits.length > 20 ? MOST * (digits.startsWith('-') ? -1n : 1n) : BigInt(digits.replace('+', ''))
  const bounded = value > MOST ? MOST : value < -MOST - 1n ? -MOST - 1n : value
  return Number(BigInt.asIntN(32, bounded))
}

const isPort = (n: number) => n >= 1 && n <= 65_535

function answer(cx: TcpContext<unknown>, { ours, theirs }: Ports): string {
  if (!isPort(ours) || !isPort(theirs)) return 'ERROR:INVALID-PORT'
  const service = cx.serviceAt(ours, theirs)
  return service === undefined ? 'ERROR:NO-USER' : `USERID:UNIX:${ownerOf(service, cx.persona)}`
}

/** The accounts that Debian's packages let their daemons run as, where a connection is accepted; root is all others'. */
const owners = new Map([
  ['dns', 'bind'],
  ['finger', 'nobody'],
  ['http', 'www-data'],
  ['ident', 'oident'],
  ['imap', 'dovenull'],
  ['ldap', 'openldap'],
  ['memcached', 'memcache'],
  ['mongodb', 'mongodb'],
  ['mqtt', 'mosquitto'],
  ['mssql', 'mssql'],
  ['mysql', 'mysql'],
  ['nntp', 'news'],
  ['oracle', 'oracle'],
  ['pop3', 'dovenull'],
  ['postgresql', 'postgres'],
  ['redis', 'redis'],
])
const mailers = { Postfix: 'postfix', Exim: 'Debian-exim', OpenSMTPD: 'opensmtpd' } as const
const ownerOf = (service: string, { software }: Persona): string =>
  service === 'smtp' ? mailers[software.mail.product] : (owners.get(service) ?? 'root')
