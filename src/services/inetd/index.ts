import { prepared, service, tcp, udp } from '#sensor/service.ts'
import { options } from './options.ts'

const inetd = prepared(() => import('./serve.ts'))
/** echo, discard, daytime, chargen, time. */
const ports = [7, 9, 13, 19, 37]

/** The small services that inetd answers by itself, which somebody never switched off: food for reflectors. */
export default service({
  name: 'inetd',
  title: 'xinetd’s small services',
  replaces: ['ddospot', 'honeytrap-go echo', 'honeypy echo', 'dionaea chargen'],
  listen: [...ports.map(tcp), ...ports.map(udp)],
  options,
  limits: { idle: 60, total: 8 << 20, lifetime: 900 },
  load: inetd.load,
  session: async (conn, cx) => (await inetd.load()).session(conn, cx),
  datagram: (packet, cx) => inetd.code.datagram(packet, cx),
})
