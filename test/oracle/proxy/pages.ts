/** Writes the error pages that were recorded as templates for the service: `sh bin/skep-node test/oracle/proxy/pages.ts`. */
import fs from 'node:fs'
import { recordedOf } from '../kit/compare.ts'

/** Where each page shows something of its own, in Squid's letters for it (error_directory of squid.conf(5)). */
const letters: readonly (readonly [RegExp, string])[] = [
  [/Generated \w{3}, .*? GMT by \S+ \(squid\/[\d.]+\)/g, 'Generated %T by %h (%s)'],
  [/<a href="[^"m][^"]*">[^<]*<\/a>/g, '<a href="%U">%U</a>'],
  [/Connection to \S+ failed/g, 'Connection to %I failed'],
  [/The system returned: <i>.*?<\/i>/g, 'The system returned: <i>%E</i>'],
  [/(allowed to request )\S+( from)/g, '$1%U$2'],
  [/if \('[^']*'( != '\[no URL\]')/g, "if ('%R'$1"],
]

const pages: Record<string, string> = {}
let style = ''
for (const { heard } of Object.values(recordedOf('proxy')).flat()) {
  const [head = '', ...rest] = heard.split('\r\n\r\n')
  const [, id] = /^X-Squid-Error: (\S+)/m.exec(head) ?? []
  const page = rest.join('\r\n\r\n')
  if (id === undefined || page === '' || id in pages) continue
  style ||= / \/\*\n \* Copyright[\s\S]*?(?=\n\s*\nbody\n)/.exec(page)?.[0] ?? ''
  pages[id] = letters.reduce((text, [what, letter]) => text.replace(what, letter), page).replace(style, '%l')
}
const out = new URL('../../../src/services/proxy/squid-pages.json', import.meta.url)
fs.writeFileSync(out, `${JSON.stringify({ style, pages }, undefined, 1)}\n`)
console.log(Object.keys(pages).join(' '))
