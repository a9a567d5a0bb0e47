import { downloadsIn } from '#codec/downloads.ts'
import { clock, type Reader, shown, spoolOf } from './session.ts'
import { insert, messageId, newsDate, organisation, pathHost } from './spool.ts'

/** POST (RFC 3977 §6.3.1, RFC 5537 §3.5): what comes is kept whole, and stands in the group for who posted it. */

/** Bytes of an article (localmaxartsize), of one line, and of all that one attacker's spool takes. */
const MAX_ARTICLE = 1_000_000
const MAX_LINE = 60_000
const MAX_SPOOL = 2 << 20
/** Header fields that are looked at. */
const MAX_FIELDS = 200

export async function post(reader: Reader): Promise<void> {
  const { conn, cx } = reader
  if (!cx.options.posting && !reader.in) return await conn.write('480 Authentication required for command\r\n')
  const id = messageId(cx.persona, clock(reader), reader.pid, ++reader.named)
  await conn.write(`340 Ok, recommended Message-ID ${id}\r\n`)
  const { article, bytes } = await readArticle(reader)
  const answer = bytes > MAX_ARTICLE ? `441 Article too big, over ${MAX_ARTICLE} bytes` : accept(reader, article, id)
  if (article !== '') {
    const sample = cx.sample()
    await sample.write(Buffer.from(article, 'latin1'))
    const fields = fieldsOf(article)
    const of = (name: string) => shown(fields.get(name)?.[0] ?? '')
    cx.record.mail({
      from: of('from'),
      to: (fields.get('newsgroups')?.[0] ?? '')
        .split(',')
        .slice(0, 20)
        .map(name => shown(name.trim(), 128)),
      subject: of('subject'),
      messageId: fields.has('message-id') ? of('message-id') : id,
      fate: answer.startsWith('240') ? 'held' : 'refused',
      relay: false,
      sample: await sample.close(),
      attachments: [],
    })
    for (const { url, tool } of downloadsIn(article).slice(0, 16))
      if (tool !== 'url') cx.record.fileDownload({ url: shown(url, 1024), tool })
  }
  await conn.write(`${answer}\r\n`)
}

/** Lines up to the dot, doubled dots undone. What is over the size is counted and not kept. */
async function readArticle({ conn }: Reader): Promise<{ article: string; bytes: number }> {
  const lines: string[] = []
  let bytes = 0
  for (;;) {
    const line = (await conn.readLine(MAX_LINE)).toString('latin1')
    if (line === '.') return { article: lines.map(one => `${one}\r\n`).join(''), bytes }
    bytes += line.length + 2
    if (bytes <= MAX_ARTICLE) lines.push(line.startsWith('..') ? line.slice(1) : line)
  }
}

/** Name in lower case → its values. */
function fieldsOf(article: string): Map<string, string[]> {
  const found = new Map<string, string[]>()
  const end = article.indexOf('\r\n\r\n')
  for (const line of article
    .slice(0, end < 0 ? article.length : end)
    .split('\r\n')
    .slice(0, MAX_FIELDS)) {
    const colon = line.indexOf(': ')
    if (colon <= 0) continue
    const name = line.slice(0, colon).toLowerCase()
    found.set(name, [...(found.get(name) ?? []), line.slice(colon + 2).trim()])
  }
  return found
}

/** Which answer it gets; the article is in its groups when that is 240. */
function accept(reader: Reader, article: string, recommended: string): string {
  const end = article.indexOf('\r\n\r\n')
  if (end < 0) return '441 Article has no body -- just headers'
  const head = article.slice(0, end).split('\r\n')
  const body = article.slice(end + 4)
  for (const line of head.slice(0, MAX_FIELDS))
    if (!/^[\x21-\x39\x3b-\x7e]{1,900}: \s{0,200}\S|^[ \t]/.test(line))
      return `441 Invalid syntax encountered in header field (unexpected byte, no colon-space, or empty content line): ${line.slice(0, 400)}`
  const fields = fieldsOf(article)
  for (const [name, values] of fields) if (values.length > 1) return `441 Duplicate ${proper(name, head)} header field`
  if (body === '') return '441 Article is empty'
  const value = (name: string) => fields.get(name)?.[0]
  const id = value('message-id') ?? recommended
  if (!/^<[^\s<>@]{1,200}@[^\s<>@]{1,200}>$/.test(id)) return "441 Can't parse Message-ID header field body"
  const date = value('date')
  if (date !== undefined && Number.isNaN(Date.parse(date))) return "441 Can't parse Date header field body"
  const from = value('from')
  if (from === undefined) return '441 Missing required From header field'
  if (!/[^\s<@]{1,200}@[^\s@>]{1,200}/.test(from)) return '441 Address in From header field not in Internet syntax'
  const newsgroups = value('newsgroups')
  if (value('subject') === undefined) return '441 Missing required Subject header field'
  if (newsgroups === undefined) return '441 Missing required Newsgroups header field'
  const spool = spoolOf(reader)
  const names = newsgroups
    .split(',')
    .slice(0, 20)
    .map(name => name.trim())
    .filter(name => spool.groups.has(name))
  if (names.length === 0) return `441 No valid newsgroups in "${newsgroups.slice(0, 200)}"`
  if (spool.byId.has(id)) return '441 435 Duplicate'
  if (spool.added + article.length > MAX_SPOOL) return "441 Can't store article"
  spool.added += article.length
  const { persona } = reader.cx
  const at = clock(reader)
  const own = new Set(['path', 'organization', 'message-id', 'date', 'xref'])
  const kept = head.filter(line => !own.has(line.slice(0, line.indexOf(':')).toLowerCase()))
  const path = `Path: ${pathHost(persona)}!.POSTED.${reader.cx.source.ip}!not-for-mail`
  const whole = [
    path,
    ...kept,
    `Date: ${date ?? newsDate(at)}`,
    `Organization: ${value('organization') ?? organisation(persona)}`,
    `Message-ID: ${id}`,
  ]
  insert(spool, persona, whole, body, id, at, names)
  return `240 Article received ${id}`
}
const proper = (name: string, head: readonly string[]): string =>
  head.find(line => line.toLowerCase().startsWith(`${name}:`))?.slice(0, name.length) ?? name
