import { compareWithRecorded } from '../../../test/oracle/kit/compare.ts'
import { mask, playDialogue, playStream } from './testing.ts'

const product = 'xinetd 2.3.15 (Debian 12)'
compareWithRecorded({ name: 'inetd', product, mask, play: playDialogue })
compareWithRecorded({ name: 'inetd', product: `${product} over TCP`, mask, play: playStream }, 'debian-12-tcp')
