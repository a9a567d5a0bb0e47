import { compareWithRecorded } from '../../../test/oracle/kit/compare.ts'
import { mask, playDialogue } from './testing.ts'

compareWithRecorded({ name: 'rsync', product: 'rsync 3.5.0 (Debian 12)', mask, play: playDialogue })
