import { compareWithRecorded } from '../../../test/oracle/kit/compare.ts'
import { mask, playDialogue } from './testing.ts'

compareWithRecorded({ name: 'finger', product: 'fingerd 0.17 (Debian 12)', mask, play: playDialogue })
