import { prepared, service, tcp, udp } from '#sensor/service.ts'
import { options } from './options.ts'

const memcached = prepared(() => import('./serve.ts'))

/** A memcached open to the world over TCP and UDP: a store to rob, to hold to ransom, and to aim at others. */
export default service({
  name: 'memcached',
  title: 'memcached open to the world',
  replaces: ['glutton memcache', 'honeytrap-go memcached', 'qeeqbox memcache'],
  listen: [tcp(11211), udp(11211)],
  options,
  limits: { idle: 600, total: 256 << 20 },
  load: memcached.load,
  session: async (conn, cx) => (await memcached.load()).session(conn, cx),
  datagram: (packet, cx) => memcached.code.datagram(packet, cx),
})
