import { secret } from '../../../test/oracle/irc/script.ts'
import { playAtUs } from '../../../test/oracle/kit/at-us.ts'
import { compareWithRecorded } from '../../../test/oracle/kit/compare.ts'
import irc from './index.ts'

/** Times, counts of bytes, and how long the server has been up. */
const mask = (heard: string): string =>
  heard
    .replace(/\w{3} \w{3} \d\d \d{4} at \d\d:\d\d:\d\d/g, '#')
    .replace(/\w+day \w+ \d\d \d{4} -- \d\d:\d\d/g, '#')
    .replace(/\b1[6-9]\d{8}\b/g, '#')
    .replace(/( 317 \S+ \S+) \d+/g, '$1 #')
    .replace(/client [\d.]+ kb, server [\d.]+ kb/g, 'client #, server #')
    .replace(/Up \d+ days [\d:]+/g, 'Up #')

compareWithRecorded({
  name: 'irc',
  product: 'ngIRCd 26.1 (Debian 12)',
  mask,
  play: (steps, dialogue) =>
    playAtUs(irc, steps, () => ({ source: { ip: '127.0.0.1', port: 40_312 } }), {
      people: false,
      nickLength: 9,
      password: dialogue in secret ? 'needed' : 'none',
      access: { rules: ['guest:s3cr3t', 'admin:hayase'], otherwise: 'refuse' },
    }),
})
