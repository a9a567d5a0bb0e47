export type Download = { url: string; tool: string }

const MAX = 32
/** Characters of a text that are looked at. */
const LOOKED_AT = 256 << 10
const schemes =
  'https?|ftps?|tftp|sftp|ldaps?|rmi|dns|iiop|corba|nis|gopher|smb|dict|wss?|ssh|git|stratum(?:\\+(?:tcp|ssl|tls|udp))?|socks[45][ah]?|jar:http'
const anyUrl = new RegExp(`\\b(?:${schemes}):\\/\\/[^\\s"'\`<>|;&(){}\\\\\\x00-\\x20\\x7f-\\xff]{3,1024}`, 'gi')
/** What a machine can be made to fetch from. */
const fetched = /^(?:https?|ftps?|tftp|ldaps?|rmi|dns|iiop):/i

const fetchers =
  /\b(wget|curl|tftp|ftpget|fetch|lwp-download|axel|aria2c|powershell|certutil|bitsadmin|mshta|iwr|invoke-webrequest|start-bitstransfer|downloadstring|downloadfile)(?=[ \t($'"]|\.exe\b|$)|(?<=\$\{)(jndi)(?=:)/gi
/** Whether one of them is named at all. */
const tools =
  /wget|curl|tftp|ftpget|fetch|lwp-|axel|aria2c|powershell|pwsh|certutil|bitsadmin|mshta|iwr|invoke-|start-bits|download(?:string|file)|jndi:/i
const address = '(?:\\d{1,3}\\.){3}\\d{1,3}'
/** `wget 192.0.2.1/x`: the scheme left out. */
const bare = new RegExp(
  `\\b(wget|curl)\\s{1,9}(?:-[A-Za-z]+\\s{1,9}){0,6}(${address}(?::\\d{1,5})?\\/[^\\s"'<>;|\`&)(\\\\]{1,200})`,
  'gi',
)
/** `tftp -g -r FILE HOST`, `tftp HOST -c get FILE`, `ftpget -u USER HOST LOCAL REMOTE`. */
const byName = new RegExp(
  `\\b(?:tftp\\s[^;|&\\n]{0,60}?-r\\s{1,9}([^\\s;|&]{1,80})\\s{1,9}(?:-l\\s{1,9}[^\\s;|&]{1,80}\\s{1,9})?(${address})|tftp\\s{1,9}(${address})\\s{1,9}-c\\s{1,9}get\\s{1,9}([^\\s;|&]{1,80})|ftpget\\s{1,9}(?:-\\w\\s{1,9}(?:(?!${address})[^\\s-][^\\s;|&]{0,40}\\s{1,9})?){0,6}(${address})\\s{1,9}[^\\s;|&]{1,80}\\s{1,9}([^\\s;|&]{1,80}))`,
  'gi',
)

/** Every URL in a text, whatever it is for: each once, in order, bounded in number. */
export function urlsIn(text: string): string[] {
  const found = new Set<string>()
  for (const [url] of text.slice(0, LOOKED_AT).matchAll(anyUrl)) {
    if (found.size >= MAX) break
    found.add(trimmed(url))
  }
  return [...found]
}

const trimmed = (url: string) => url.replace(/[.,]{1,9}$/, '')

/**
 * What a text tells a machine to fetch: every URL in it, with the tool named before it on the same line (`url` when none
 * is, `jndi` for a look-up), and files named without one. Bounded in number; nobody here fetches them.
 */
export function downloadsIn(text: string): Download[] {
  const found = new Map<string, Download>()
  const add = (url: string, tool: string) => {
    if (found.size < MAX && !found.has(url)) found.set(url, { url, tool: tool.toLowerCase() })
  }
  const told = tools.test(text)
  if (!told && !text.includes('://')) return []
  for (const line of text.slice(0, LOOKED_AT).split(/[\r\n]+|\\n/)) {
    if (found.size >= MAX) break
    const named = told
      ? Array.from(line.matchAll(fetchers), match => ({ at: match.index, name: match[1] ?? match[2]! }))
      : []
    let next = 0
    let tool = 'url'
    for (const { 0: url, index } of line.matchAll(anyUrl)) {
      while (next < named.length && named[next]!.at < index) tool = named[next++]!.name
      if (fetched.test(url)) add(trimmed(url), tool)
    }
    if (named.length === 0) continue
    for (const [, name, place] of line.matchAll(bare)) add(`http://${place}`, name!)
    for (const [whole, file, host, host2, file2, host3, file3] of line.matchAll(byName)) {
      const ftp = /^ftpget/i.test(whole)
      add(`${ftp ? 'ftp' : 'tftp'}://${host ?? host2 ?? host3}/${file ?? file2 ?? file3}`, ftp ? 'ftpget' : 'tftp')
    }
  }
  return [...found.values()]
}

const COMMANDS = 16
const fetching =
  /^(?:(?:sudo|nohup|exec|time|command|\S{0,40}busybox)\s{1,9}){0,3}(?:[\w./\\-]{0,60}[/\\])?(?:wget|curl|tftp|ftpget|fetch|lwp-download|axel|aria2c|powershell|pwsh|certutil|bitsadmin|mshta|iwr|invoke-webrequest)(?:\.exe)?\s{1,9}\S/i
const somewhere = /:\/\/|(?:\d{1,3}\.){3}\d{1,3}|\b[\w-]{1,63}\.[a-z]{2,16}\b|\s-e(?:nc|ncodedcommand|c)?\s/i

/** Commands in a text that fetch something, as they stand there: each once, bounded in number and length. */
export function commandsIn(text: string): string[] {
  const found = new Set<string>()
  if (!tools.test(text)) return []
  for (const statement of text.slice(0, LOOKED_AT).split(/[;|&\r\n`()]+|\\n/)) {
    if (found.size >= COMMANDS) break
    const command = statement
      .slice(0, 1024)
      .replace(/^[\s"'[{$]{1,16}/, '')
      .trimEnd()
    if (fetching.test(command) && somewhere.test(command)) found.add(command.slice(0, 256))
  }
  return [...found]
}
