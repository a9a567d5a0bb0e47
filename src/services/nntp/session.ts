import type { Access } from '#access/access.ts'
import { text } from '#events/text.ts'
import type { Conn } from '#sensor/conn.ts'
import type { TcpContext } from '#sensor/service.ts'
import type { Options } from './options.ts'
import { fill, type Group, type Spool } from './spool.ts'

/** One reader's connection to nnrpd. */
export type Reader = {
  conn: Conn
  cx: TcpContext<Options>
  access: Access
  /** nnrpd's process, in the names of what is posted, and how many it named. */
  pid: number
  named: number
  group: Group | undefined
  /** Number of the current article; 0 when there is none. */
  at: number
  /** Named by AUTHINFO USER, and logged in. */
  user: string | undefined
  in: boolean
}

/** The attacker's own spool: what they post is there when they come back. */
export const spoolOf = ({ cx }: Reader): Spool =>
  cx.attacker(() => ({
    spool: fill(cx.persona),
    weight() {
      return 2 * this.spool.added
    },
    drop() {
      this.spool = fill(cx.persona)
    },
  })).spool

/** Milliseconds since the epoch by the machine's clock. */
export const clock = ({ cx }: Reader): number => cx.now() + cx.persona.clockSkew
export const shown = (said: string, most = 512): string => text(Buffer.from(said, 'latin1'), most)

/** A block of lines (RFC 3977 §3.1.1): dots doubled, a dot at the end. */
export const block = (first: string, lines: readonly string[]): string =>
  `${[first, ...lines.map(line => (line.startsWith('.') ? `.${line}` : line)), '.'].join('\r\n')}\r\n`

/** wildmat (RFC 3977 §4) of one pattern: `*` and `?`; many stars cost no more than one pass each. */
export function fits(pattern: string, name: string): boolean {
  let [p, n, star, mark] = [0, 0, -1, 0]
  while (n < name.length) {
    if (p < pattern.length && (pattern[p] === '?' || pattern[p] === name[n]) && pattern[p] !== '*') {
      p++
      n++
    } else if (pattern[p] === '*') {
      star = p++
      mark = n
    } else if (star >= 0) {
      p = star + 1
      n = ++mark
    } else return false
  }
  while (pattern[p] === '*') p++
  return p === pattern.length
}
/** A list of patterns: the last that fits decides, `!` takes away. */
export function among(patterns: string, name: string): boolean {
  let found = false
  for (const pattern of patterns.split(',').slice(0, 64))
    if (fits(pattern.replace(/^!/, ''), name)) found = !pattern.startsWith('!')
  return found
}
