import { prepared, service, tcp, udp } from '#sensor/service.ts'
import { options } from './options.ts'

const cups = prepared(() => import('./serve.ts'))

/** A print server that shares one printer with everybody, and whose browsing port is open too. */
export default service({
  name: 'ipp',
  title: 'CUPS print server',
  replaces: ['ipphoney', 'qeeqbox ipp', 'dionaea printer'],
  listen: [tcp(631), udp(631)],
  options,
  limits: { idle: 60, inbox: 128 << 10, total: 64 << 20 },
  load: cups.load,
  session: async (conn, cx) => (await cups.load()).session(conn, cx),
  datagram: (packet, cx) => cups.code.datagram(packet, cx),
})
