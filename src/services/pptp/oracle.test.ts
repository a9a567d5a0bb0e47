import { playAtUs } from '../../../test/oracle/kit/at-us.ts'
import { compareWithRecorded } from '../../../test/oracle/kit/compare.ts'
import pptp from './index.ts'

compareWithRecorded({
  name: 'pptp',
  product: 'pptpd 1.4.0 (Debian 12)',
  mask: heard => Buffer.from(heard, 'latin1').toString('hex'),
  play: steps => playAtUs(pptp, steps),
})
