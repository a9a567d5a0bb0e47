import { compareWithRecorded } from '../../../test/oracle/kit/compare.ts'
import { mask, playDialogue } from './testing.ts'

compareWithRecorded({ name: 'ipp', product: 'CUPS 2.4.2 (Debian 12)', mask, play: playDialogue })
