import { among, block, clock, type Reader, spoolOf } from './session.ts'
import { articlesOf, type Group } from './spool.ts'

/** LIST and its relatives (RFC 3977 §7.6), as nnrpd words them. */

const padded = (n: number) => String(n).padStart(10, '0')
const KEYWORDS =
  '[ACTIVE [wildmat]|ACTIVE.TIMES [wildmat]|COUNTS [wildmat]|DISTRIB.PATS|DISTRIBUTIONS|HEADERS [MSGID|RANGE]|MODERATORS|MOTD|NEWSGROUPS [wildmat]|OVERVIEW.FMT|SUBSCRIPTIONS [wildmat]]'
export const LIST_USAGE = `LIST ${KEYWORDS}`

/** Debian's /etc/news/moderators. */
const MODERATORS = [
  'aioe.*:%s-newsgroup@aioe.org',
  'fido7.*:%s@fido7.org',
  'ffm.*:%s@moderators.arcornews.de',
  'fj.*:%s@moderators.fj-news.org',
  'medlux.*:%s@news.medlux.ru',
  'nl.*:%s@nl.news-admin.org',
  'perl.*:news-moderator-%s@perl.org',
  'relcom.*:%s@moderators.relcom.ru',
  'si.*:%s@arnes.si',
  'ukr.*:%s@sita.kiev.ua',
  '*:%s@moderators.isc.org',
]
const OVERVIEW = ['Subject:', 'From:', 'Date:', 'Message-ID:', 'References:', 'Bytes:', 'Lines:', 'Xref:full']

type Keyword = { most: number; answer(reader: Reader, groups: readonly Group[]): string }
const lines = (first: string, of: (reader: Reader, group: Group) => string): Keyword => ({
  most: 1,
  answer: (reader, groups) =>
    block(
      first,
      groups.map(group => of(reader, group)),
    ),
})
const fixed = (answer: string, most = 0): Keyword => ({ most, answer: () => answer })

const active = lines('215 Newsgroups in form "group high low status"', (_, { name, high, low, status }) =>
  [name, padded(high), padded(low), status].join(' '),
)
const keywords = new Map<string, Keyword>([
  ['ACTIVE', active],
  [
    'ACTIVE.TIMES',
    lines('215 Newsgroup creation times in form "group time who"', ({ cx }, { name, madeAt }) =>
      [name, Math.floor(madeAt / 1000), `usenet@${cx.persona.domain}`].join(' '),
    ),
  ],
  [
    'COUNTS',
    lines('215 Newsgroups in form "group high low count status"', (reader, group) =>
      [group.name, group.high, group.low, articlesOf(spoolOf(reader), group).length, group.status].join(' '),
    ),
  ],
  ['DISTRIB.PATS', fixed(block('215 Default distributions in form "weight:group-pattern:distribution"', []))],
  ['DISTRIBUTIONS', fixed(block('215 Distributions in form "distribution description"', []))],
  ['HEADERS', fixed(block('215 Headers and metadata items supported', [':']), 1)],
  ['MODERATORS', fixed(block('215 Newsgroup moderators in form "group-pattern:submission-template"', MODERATORS))],
  ['MOTD', fixed('503 No message of the day available\r\n')],
  [
    'NEWSGROUPS',
    lines(
      '215 Newsgroup descriptions in form "group description"',
      (_, { name, description }) => `${name}\t${description}`,
    ),
  ],
  ['OVERVIEW.FMT', fixed(block('215 Order of fields in overview database', OVERVIEW))],
  ['SUBSCRIPTIONS', fixed(block('215 Recommended subscriptions in form "group"', []), 1)],
])

export function list(reader: Reader, [keyword = 'ACTIVE', pattern, ...more]: readonly string[]): string {
  const found = keywords.get(keyword.toUpperCase())
  if (!found) return '501 Unknown LIST keyword\r\n'
  if (more.length > 0 || (pattern !== undefined && found.most === 0)) return `501 Syntax is: ${LIST_USAGE}\r\n`
  const groups = [...spoolOf(reader).groups.values()]
  return found.answer(reader, pattern === undefined ? groups : groups.filter(({ name }) => among(pattern, name)))
}

/** XGTITLE: the descriptions, of the current group when none is named. */
export function titles(reader: Reader, [pattern]: readonly string[]): string {
  const groups = [...spoolOf(reader).groups.values()].filter(({ name }) =>
    among(pattern ?? reader.group?.name ?? '', name),
  )
  return block(
    '282 Descriptions in form "group description"',
    groups.map(({ name, description }) => `${name}\t${description}`),
  )
}

export function newGroups(reader: Reader, [date = '', time = '']: readonly string[]): string {
  const since = moment(date, time, clock(reader))
  if (since === undefined) return '501 Bad date\r\n'
  const groups = [...spoolOf(reader).groups.values()].filter(({ madeAt }) => madeAt >= since)
  return block(
    '231 New newsgroups follow',
    groups.map(({ name, high, low, status }) => [name, high, low, status].join(' ')),
  )
}

/** `20200101 000000` or `200101 000000`, of the century that is nearer. Milliseconds since the epoch. */
function moment(date: string, time: string, now: number): number | undefined {
  const [, year = '', month, day] = /^(\d{2}|\d{4})(\d{2})(\d{2})$/.exec(date) ?? []
  const [, hours, minutes, seconds] = /^(\d{2})(\d{2})(\d{2})$/.exec(time) ?? []
  if (month === undefined || hours === undefined) return undefined
  const century = Math.floor(new Date(now).getUTCFullYear() / 100) * 100
  const whole =
    year.length === 4
      ? Number(year)
      : century + Number(year) - (century + Number(year) > new Date(now).getUTCFullYear() ? 100 : 0)
  return Date.UTC(whole, Number(month) - 1, Number(day), Number(hours), Number(minutes), Number(seconds))
}
