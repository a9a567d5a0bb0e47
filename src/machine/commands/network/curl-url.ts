import { defaultPorts, partsOf, type UrlParts } from '../../internet/url.ts'

/** URLs that one pattern may stand for. */
const mostGlobbed = 128

/** `{a,b}` and `[1-3]`, `[01-10]`, `[a-c:2]` of curl's URLs, with what each stands for in `#1`. A string is a fault. */
export const globbed = (pattern: string): { url: string; parts: string[] }[] | string => {
  let all: { url: string; parts: string[] }[] = [{ url: '', parts: [] }]
  const each = (choices: readonly string[]): void => {
    all = all
      .flatMap(({ url, parts }) => choices.map(choice => ({ url: url + choice, parts: [...parts, choice] })))
      .slice(0, mostGlobbed)
  }
  let at = 0
  while (at < pattern.length) {
    const char = pattern[at]!
    if (char === '{') {
      const end = pattern.indexOf('}', at)
      if (end < 0) return `unmatched brace in URL position ${at + 1}:\n${pattern}\n${' '.repeat(at)}^`
      each(
        pattern
          .slice(at + 1, end)
          .split(',')
          .slice(0, mostGlobbed),
      )
      at = end + 1
    } else if (char === '[' && !/^\[[0-9a-fA-F:.%]*:[0-9a-fA-F:.%]*\]/.test(pattern.slice(at))) {
      const range = /^\[(?:(\d{1,9})-(\d{1,9})|([a-zA-Z])-([a-zA-Z]))(?::(\d{1,9}))?\]/.exec(pattern.slice(at))
      if (!range) {
        const begun = /^\[\d*-?/.exec(pattern.slice(at))![0].length
        const place = at + Math.max(1, begun)
        const what = /^\[[0-9a-zA-Z]/.test(pattern.slice(at)) ? 'bad range' : 'bad range specification'
        return `${what} in URL position ${place + 1}:\n${pattern}\n${' '.repeat(place)}^`
      }
      const [whole, from, to, first, last, step = '1'] = range
      const start = from === undefined ? first!.charCodeAt(0) : Number(from)
      const stop = from === undefined ? last!.charCodeAt(0) : Number(to)
      const choices: string[] = []
      for (let value = start; value <= stop && choices.length < mostGlobbed; value += Math.max(1, Number(step)))
        choices.push(from === undefined ? String.fromCharCode(value) : String(value).padStart(from.length, '0'))
      each(choices)
      at += whole.length
    } else {
      for (const one of all) one.url += char
      at++
    }
  }
  return all
}

const guesses = /^(ftp|dict|ldap|imap|smtp|pop3)\./i
const protocols = new Set(
  'dict file ftp ftps gopher gophers http https imap imaps ldap ldaps mqtt pop3 pop3s rtmp rtsp scp sftp smb smbs smtp smtps telnet tftp'.split(
    ' ',
  ),
)

export type CurlUrl = { parts: UrlParts; text: string }

/** The URL as curl takes it, its scheme guessed where there is none. */
export const curlUrl = (given: string): CurlUrl | { status: 1 | 3; message: string } => {
  const bad = { status: 3 as const, message: 'URL using bad/illegal format or missing URL' }
  if (given === '' || /[\x00-\x20\x7f]/.test(given)) return bad
  const scheme = /^([a-z][a-z0-9+.-]*):\/\//i.exec(given)?.[1]?.toLowerCase()
  if (scheme !== undefined && !protocols.has(scheme))
    return { status: 1, message: `Protocol "${scheme}" not supported or disabled in libcurl` }
  const guess = guesses.exec(given)?.[1]?.toLowerCase()
  const text = scheme === undefined ? `${guess ?? 'http'}://${given}` : given
  if (/^https?:\/\/[^/?#]*:[^/?#@\]]*:[^/?#@\]]*($|[/?#])/i.test(text) && !text.includes('[')) return bad
  const parts = partsOf(text)
  if (!parts || /[{}|\\^<>"`]/.test(parts.host)) return bad
  const port = parts.port === defaultPorts.get(parts.scheme) ? '' : `:${parts.port}`
  const host = parts.host.includes(':') ? `[${parts.host}]` : parts.host
  return { parts, text: parts.scheme === 'file' ? text : `${parts.scheme}://${host}${port}${parts.path}` }
}
