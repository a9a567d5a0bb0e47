import { compareWithRecorded } from '../../../test/oracle/kit/compare.ts'
import { mask, playDialogue } from './testing.ts'

compareWithRecorded({ name: 'memcached', product: 'memcached 1.6.18 (Debian 12)', mask, play: playDialogue })
