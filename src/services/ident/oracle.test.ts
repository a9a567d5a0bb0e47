import { playAtUs } from '../../../test/oracle/kit/at-us.ts'
import { compareWithRecorded } from '../../../test/oracle/kit/compare.ts'
import ident from './index.ts'

compareWithRecorded({
  name: 'ident',
  product: 'oidentd 2.5.0 (Debian 12)',
  mask: heard => heard,
  play: steps => playAtUs(ident, steps),
})
