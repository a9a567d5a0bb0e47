import { compareWithRecorded } from '../../../test/oracle/kit/compare.ts'
import { mask, maskStream, playDialogue, playStream } from './testing.ts'

const product = 'BIND 9.18 (Debian 12)'
compareWithRecorded({ name: 'dns', product, mask, play: playDialogue })
compareWithRecorded(
  { name: 'dns', product: `${product} over TCP`, mask: maskStream, play: playStream },
  'debian-12-tcp',
)
