import { prepared, service, tcp, udp } from '#sensor/service.ts'
import { options } from './options.ts'

const ssdp = prepared(() => import('./serve.ts'))

/** A gateway that tells everybody about itself and lets everybody open its ports: UPnP on the wrong side of a router. */
export default service({
  name: 'ssdp',
  title: 'MiniUPnPd on the wrong side',
  replaces: ['ddospot', 'dionaea upnp'],
  listen: [udp(1900), tcp(5000)],
  options,
  limits: { idle: 30, lifetime: 120, total: 1 << 20 },
  saves: true,
  load: ssdp.load,
  session: async (conn, cx) => (await ssdp.load()).session(conn, cx),
  datagram: (packet, cx, room) => ssdp.code.datagram(packet, cx, room),
})
