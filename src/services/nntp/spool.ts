import type { Persona } from '#persona/persona.ts'

/** What a news server has: groups, and articles with numbers in them. Text is Latin-1, a character a byte. */

export type Group = {
  name: string
  description: string
  status: 'y' | 'm' | 'n'
  madeAt: number
  low: number
  high: number
}
/** `raw`: head, empty line and body with CRLF. */
export type Article = { id: string; raw: string; at: number; numbers: Map<string, number> }
export type Spool = {
  groups: Map<string, Group>
  byId: Map<string, Article>
  byNumber: Map<string, Article>
  added: number
}

/** RFC 5536 §3.1.1: `Tue, 18 Mar 2025 12:01:00 +0000`. */
export const newsDate = (at: number): string => new Date(at).toUTCString().replace('GMT', '+0000')

/** The name under which the server is known among servers. */
export const pathHost = ({ fqdn }: Persona): string => fqdn
export const organisation = ({ domain }: Persona): string =>
  domain.split('.')[0]!.replace(/^./, first => first.toUpperCase())

const texts = [
  [
    'local.announce',
    'New news server',
    'This server replaces the old one. Please update your newsreaders.\r\nGroups are local only, there is no feed.',
  ],
  ['local.general', 'Welcome', 'Please use this group for everything that has no group of its own.'],
  ['local.general', 'Backup window', 'Backups run from 02:30 to 04:00. The file server is slow meanwhile.'],
  ['local.test', 'test', 'test, please ignore'],
  [
    'local.general',
    'Re: Backup window',
    '> The file server is slow meanwhile.\r\n\r\nCould it start at 01:00 instead?',
  ],
  ['local.announce', 'Maintenance on Sunday', 'The server restarts on Sunday between 06:00 and 07:00.'],
] as const

const day = 86_400_000

/** The groups and articles of a small office, as old as the machine. */
export function fill(persona: Persona): Spool {
  const madeAt = persona.installedAt + 3_600_000
  const spool: Spool = { groups: new Map(), byId: new Map(), byNumber: new Map(), added: 0 }
  const groups = [
    ['local.general', 'General talk', 'y'],
    ['local.test', 'Tests', 'y'],
    ['local.announce', 'Announcements (Moderated)', 'm'],
  ] as const
  groups.forEach(([name, description, status], i) => {
    spool.groups.set(name, { name, description, status, madeAt: madeAt + i * 1000, low: 1, high: 0 })
  })
  for (const letter of lettersOf(persona, madeAt)) store(spool, persona, letter)
  return spool
}

/** Drawn once for each persona. */
const drawn = new WeakMap<Persona, readonly Letter[]>()
function lettersOf(persona: Persona, madeAt: number): readonly Letter[] {
  const known = drawn.get(persona)
  if (known) return known
  const people = persona.users.filter(({ uid }) => uid >= 1000).map(({ name }) => name)
  let at = madeAt
  const letters = texts.map(([group, subject, body], i): Letter => {
    const chance = persona.derive(`news ${i}`, 8)
    at += day / 4 + (chance.readUInt32BE() % (9 * day))
    const author = people[chance[4]! % people.length] ?? 'root'
    const id = messageId(persona, at, 400 + (chance.readUInt16BE(5) % 30_000), 1)
    return { group: [group], from: `${author} <${author}@${persona.domain}>`, subject, body: `${body}\r\n`, id, at }
  })
  drawn.set(persona, letters)
  return letters
}

/** Seconds since the epoch that INN takes off (lib/messageid.c), so that its names are short. */
const OFFSET = 673_416_000
/** As nnrpd makes them: the time, the process and a number in base 32, and the host. */
export const messageId = (persona: Persona, at: number, pid: number, count: number): string =>
  `<${(Math.floor(at / 1000) - OFFSET).toString(32)}$${pid.toString(32)}$${count}@${persona.fqdn}>`

type Letter = { group: readonly string[]; from: string; subject: string; body: string; id: string; at: number }
function store(spool: Spool, persona: Persona, { group, from, subject, body, id, at }: Letter): void {
  const head = [
    `Path: ${pathHost(persona)}!not-for-mail`,
    `From: ${from}`,
    `Newsgroups: ${group.join(',')}`,
    `Subject: ${subject}`,
    `Date: ${newsDate(at)}`,
    `Organization: ${organisation(persona)}`,
    `Message-ID: ${id}`,
  ]
  insert(spool, persona, head, body, id, at, group)
}

/** Puts an article into its groups, with an Xref of its numbers (RFC 5536 §3.2.14). */
export function insert(
  spool: Spool,
  persona: Persona,
  head: readonly string[],
  body: string,
  id: string,
  at: number,
  names: readonly string[],
): Article {
  const numbers = new Map<string, number>()
  for (const name of names) {
    const group = spool.groups.get(name)
    if (group) numbers.set(name, ++group.high)
  }
  const places = Array.from(numbers, ([name, number]) => `${name}:${number}`).join(' ')
  const raw = [...head, `Xref: ${pathHost(persona)} ${places}`, '', body].join('\r\n')
  const article: Article = { id, raw, at, numbers }
  spool.byId.set(id, article)
  for (const [name, number] of numbers) spool.byNumber.set(`${name}:${number}`, article)
  return article
}

export const articlesOf = (spool: Spool, { name, low, high }: Group): [number, Article][] => {
  const found: [number, Article][] = []
  for (let number = low; number <= high; number++) {
    const article = spool.byNumber.get(`${name}:${number}`)
    if (article) found.push([number, article])
  }
  return found
}
