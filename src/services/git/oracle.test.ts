import { compareWithRecorded } from '../../../test/oracle/kit/compare.ts'
import { mask, playDialogue } from './testing.ts'

compareWithRecorded({ name: 'git', product: 'git daemon 2.39.5 (Debian 12)', mask, play: playDialogue })
