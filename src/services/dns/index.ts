import { prepared, service, tcp, udp } from '#sensor/service.ts'
import { options } from './options.ts'

const dns = prepared(() => import('./serve.ts'))

/** A name server that knows its own domain and nothing else: for zone thieves, version hunters and reflectors. */
export default service({
  name: 'dns',
  title: 'BIND, authoritative for its own domain',
  replaces: ['ddospot', 'honeytrap-go dns', 'honeypy dns', 'qeeqbox dns'],
  listen: [udp(53), tcp(53)],
  options,
  limits: { idle: 30, inbox: 128 << 10, total: 4 << 20 },
  load: dns.load,
  session: async (conn, cx) => (await dns.load()).session(conn, cx),
  datagram: (packet, cx) => dns.code.datagram(packet, cx),
})
