import { compareWithRecorded } from '../../../test/oracle/kit/compare.ts'
import { mask, playTcp, playUdp } from './testing.ts'

const product = 'Kamailio 5.6.3 (Debian 12)'
compareWithRecorded({ name: 'sip', product, mask, play: playUdp })
compareWithRecorded({ name: 'sip', product: `${product} over TCP`, mask, play: playTcp }, 'debian-12-tcp')
