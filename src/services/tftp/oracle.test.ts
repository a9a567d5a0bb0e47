import { compareWithRecorded } from '../../../test/oracle/kit/compare.ts'
import { mask, playDialogue } from './testing.ts'

compareWithRecorded({ name: 'tftp', product: 'tftpd-hpa 5.2 (Debian 12)', mask, play: playDialogue })
