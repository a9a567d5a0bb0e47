import { text } from '#events/text.ts'
import type { Conn } from '#sensor/conn.ts'
import type { TcpContext } from '#sensor/service.ts'
import { type Account, accountsOf } from './accounts.ts'
import type { Options } from './options.ts'

/** fingerd.c: a line of this many bytes, and names in it. */
const LINE = 1024
const NAMES = 50

/** One query (RFC 1288 §2.3) and its answer. */
export async function session(conn: Conn, cx: TcpContext<Options>): Promise<void> {
  const query = (await conn.readLine(LINE)).toString('latin1')
  const shown = text(Buffer.from(query, 'latin1'))
  cx.record.command({ line: `finger ${shown}`.trim(), verb: 'finger' })
  // Overflow of the first worm's, and pipes into a shell, which some servers ran.
  if (/[|;`$]|[^\x20-\x7e]/.test(query))
    cx.record.exploit({ id: 'finger-injection', name: 'Finger query that is no name', evidence: shown })
  // /W asks for the long form, which is the only one there is; options are none from here.
  const words = query.split(/[ \t\0]+/).filter(word => word !== '' && !/^(?:\/[Ww]$|-)/.test(word))
  if (words.some(word => word.includes('@'))) return conn.write('fingerd: forwarding not allowed\r\n')
  if (words.length === 0) return conn.write('No one logged on.\r\n')
  const all = accountsOf(cx.persona)
  let out = ''
  const found: Account[] = []
  for (const word of words.slice(0, NAMES)) {
    const matches = all.filter(account => !found.includes(account) && fits(account, word))
    if (matches.length === 0 && !found.some(({ name }) => name === word)) out += `finger: ${word}: no such user.\r\n`
    found.push(...matches)
  }
  await conn.write(out + found.map(entry).join('\r\n'))
}

/** finger.c: the log-in name, or in either case a word of a name that has several. */
const fits = ({ name, comment }: Account, word: string) => {
  const parts = comment.toLowerCase().split(/[ ,]+/)
  return name === word || (parts.length > 1 && parts.includes(word.toLowerCase()))
}

const entry = ({ name, comment, home, shell }: Account) =>
  [
    `Login: ${name.padEnd(15)}\t\t\tName: ${comment}`,
    `Directory: ${home.padEnd(25)}\tShell: ${shell}`,
    'Never logged in.',
    'No mail.',
    'No Plan.',
    '',
  ].join('\r\n')
