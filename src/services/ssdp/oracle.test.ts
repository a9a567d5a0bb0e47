import { compareWithRecorded } from '../../../test/oracle/kit/compare.ts'
import { mask, playDialogue, playRequest } from './testing.ts'

const product = 'MiniUPnPd 2.3.1 (Debian 12)'
compareWithRecorded({ name: 'ssdp', product, mask, play: playDialogue })
compareWithRecorded({ name: 'ssdp', product: `${product} over HTTP`, mask, play: playRequest }, 'debian-12-http')
