import { compareWithRecorded } from '../../../test/oracle/kit/compare.ts'
import { mask, playDialogue } from './testing.ts'

compareWithRecorded({ name: 'wins', product: 'nmbd of Samba 4.17.12 (Debian 12)', mask, play: playDialogue })
