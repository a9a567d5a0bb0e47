import { playAtUs } from '../../../test/oracle/kit/at-us.ts'
import { compareWithRecorded } from '../../../test/oracle/kit/compare.ts'
import rdp from './index.ts'

compareWithRecorded({
  name: 'rdp',
  product: 'xrdp 0.9.21.1 (Debian 12)',
  mask: heard => Buffer.from(heard, 'latin1').toString('hex'),
  // The recorded client goes over to TLS; here that is only asked for.
  play: steps => playAtUs(rdp, steps, () => ({ startTls: async () => {} })),
})
