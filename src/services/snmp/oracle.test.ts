import { compareWithRecorded } from '../../../test/oracle/kit/compare.ts'
import { mask, playDialogue } from './testing.ts'

compareWithRecorded({ name: 'snmp', product: 'Net-SNMP 5.9.3 (Debian 12)', mask, play: playDialogue })
