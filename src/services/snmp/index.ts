import { prepared, service, udp } from '#sensor/service.ts'
import { options } from './options.ts'

const snmp = prepared(() => import('./serve.ts'))

/** An agent with the communities that everybody tries first: a map of the machine, and a way to change it. */
export default service({
  name: 'snmp',
  title: 'Net-SNMP with the usual communities',
  replaces: ['conpot snmp', 'ddospot', 'opencanary snmp', 'qeeqbox snmp'],
  listen: [udp(161)],
  options,
  saves: true,
  load: snmp.load,
  datagram: (packet, cx, room) => snmp.code.datagram(packet, cx, room),
})
