import { prepared, service, udp } from '#sensor/service.ts'
import { options } from './options.ts'

const wins = prepared(() => import('./serve.ts'))

/** A Samba that tells who it is: the first question of worms and scanners that look for shared folders. */
export default service({
  name: 'wins',
  title: 'Samba’s NetBIOS name service',
  replaces: ['dionaea nbns', 'honeypy'],
  listen: [udp(137)],
  options,
  saves: true,
  load: wins.load,
  datagram: (packet, cx) => wins.code.datagram(packet, cx),
})
