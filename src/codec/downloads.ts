export type Download = { url: string; tool: string }

const MAX = 32
const bare = /\b(?:https?|ftp|tftp|ldaps?|rmi):\/\/[^\s"'`<>|;&(){}\\\x00-\x20]{3,1024}/gi
const fetchers = /\b(wget|curl|tftp|ftpget|fetch|lwp-download|axel|aria2c|powershell|certutil|bitsadmin)\b/i

/**
 * What a text tells a machine to fetch: every URL in it, with the tool named before it on the same line (`url` when none
 * is). Bounded in number; nobody here fetches them.
 */
export function downloadsIn(text: string): Download[] {
  const found = new Map<string, Download>()
  for (const line of text.slice(0, 256 << 10).split(/[\r\n]+|\\n/))
    for (const match of line.matchAll(bare)) {
      if (found.size >= MAX) return [...found.values()]
      const url = match[0].replace(/[.,]+$/, '')
      const tool = fetchers.exec(line.slice(0, match.index))?.[1]?.toLowerCase() ?? 'url'
      if (!found.has(url)) found.set(url, { url, tool })
    }
  return [...found.values()]
}
