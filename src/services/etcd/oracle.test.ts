import { compareWithRecorded } from '../../../test/oracle/kit/compare.ts'
import { mask, playDialogue } from './testing.ts'

compareWithRecorded({ name: 'etcd', product: 'etcd 3.4.23 (Debian 12)', mask, play: playDialogue })
