import { setTimeout as sleep } from 'node:timers/promises'
import { playAtUs } from '../../../test/oracle/kit/at-us.ts'
import { compareWithRecorded } from '../../../test/oracle/kit/compare.ts'
import { OWN } from '../../../test/oracle/kit/outside.ts'
import { basicOnly, digestToo, PASSWORD, safe, USER } from '../../../test/oracle/proxy/script.ts'
import proxy from './index.ts'

/** Times, nonces, and whether a cache had met the page before, which none of ours has. */
const mask = (heard: string): string =>
  heard
    .replace(/\w{3}, \d\d \w{3} \d{4} \d\d:\d\d:\d\d GMT/g, '#')
    .replace(/nonce="[0-9a-f]{32}"/, 'nonce="#"')
    .replace(/X-Cache-Lookup: HIT/, 'X-Cache-Lookup: MISS')

const authentication = (dialogue: string) =>
  dialogue in digestToo ? 'digest' : dialogue in basicOnly ? 'basic' : 'none'

for (const [product, name, title] of [
  ['Squid', 'proxy', 'Squid 5.7 (Debian 12)'],
  ['Tinyproxy', 'proxy-tinyproxy', 'Tinyproxy 1.11.1 (Debian 12)'],
] as const)
  compareWithRecorded({
    name,
    product: title,
    mask,
    play: (steps, dialogue) =>
      playAtUs(proxy, steps, () => ({ destination: { ip: OWN, port: 3128 }, handOver: () => sleep(150) }), {
        product,
        authentication: authentication(dialogue),
        ports: dialogue in safe ? 'usual' : 'any',
        access: { rules: [`${USER}:${PASSWORD}`], otherwise: 'refuse' },
      }),
  })
