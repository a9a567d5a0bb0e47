import { setTimeout as sleep } from 'node:timers/promises'
import { playAtUs } from '../../../test/oracle/kit/at-us.ts'
import { compareWithRecorded } from '../../../test/oracle/kit/compare.ts'
import { encrypted, PASSWORD, servers, USER } from '../../../test/oracle/xmpp/script.ts'
import xmpp from './index.ts'

const sorted = (found: string, each: RegExp): string => (found.match(each) ?? []).sort().join('')

/** Names made by chance, times, and the order of attributes and lists, which is another at every start of Prosody. */
const mask = (heard: string) =>
  heard
    .replace(/[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[0-9a-f]{4}-[0-9a-f]{12}/g, '#')
    .replace(/(<challenge [^>]*>)[^<]+/g, '$1#')
    .replace(/(<jid>[^<]*\/)[\w-]{12}</g, '$1#<')
    .replace(/( to='[^']*\/)[\w-]{12}'/g, "$1#'")
    .replace(/seconds='\d+'/, "seconds='#'")
    .replace(/<utc>[\dTZ:-]+</, '<utc>#<')
    .replace(/running for .* \(since [^)]*\)/, '#')
    .replace(
      /<([\w:]+)((?: [\w:]+='[^']*')+)/g,
      (_, name, attributes) => `<${name}${sorted(attributes, / [\w:]+='[^']*'/g)}`,
    )
    .replace(/<iq id='[\w-]{12}' type='set'>/g, "<iq id='#' type='set'>")
    .replace(/(<mechanism>[^<]*<\/mechanism>)+/g, found => sorted(found, /<mechanism>[^<]*<\/mechanism>/g))
    .replace(/(<(?:feature|identity) [^>]*\/>)+/g, found => sorted(found, /<(?:feature|identity) [^>]*\/>/g))
    .replace(
      /(<stream:features>)(.*)(<\/stream:features>)/,
      (_, open, inner, end) => open + sorted(inner, /<(\w+) [^>]*(?:\/>|>.*?<\/\1>)/g) + end,
    )

compareWithRecorded({
  name: 'xmpp',
  product: 'Prosody 0.12.3 (Debian 12)',
  mask,
  play: (steps, dialogue) =>
    playAtUs(
      xmpp,
      steps,
      () => ({
        ...(dialogue in servers ? { port: 5269 } : {}),
        startTls: async () => {
          await sleep(200)
          throw new Error('nobody speaks TLS here')
        },
      }),
      {
        encryption: dialogue in encrypted ? 'required' : 'optional',
        access: { rules: [`${USER}:${PASSWORD}`], otherwise: 'refuse' },
      },
    ),
})
