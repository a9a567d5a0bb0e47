import { playAtUs } from '../../../test/oracle/kit/at-us.ts'
import { compareWithRecorded } from '../../../test/oracle/kit/compare.ts'
import { PASSWORD, USER } from '../../../test/oracle/nntp/script.ts'
import nntp from './index.ts'

/** The time, names of what is posted, challenges. */
const mask = (heard: string, sent: string) =>
  heard
    .replace(/^111 \d{14}/gm, '111 #')
    .replace(/^(340 .*|240 .*)<[0-9a-v]+\$[0-9a-v]+\$(\d+)@[\w.-]+>/gm, '$1<#$2>')
    .replace(/^383 [A-Za-z0-9+/]{20,}=*/gm, sent.startsWith('AUTHINFO SASL CRAM') ? '383 #' : '$&')

compareWithRecorded({
  name: 'nntp',
  product: 'INN nnrpd 2.7.1 (Debian 12)',
  mask,
  play: steps => playAtUs(nntp, steps, () => ({}), { access: { rules: [`${USER}:${PASSWORD}`], otherwise: 'refuse' } }),
})
