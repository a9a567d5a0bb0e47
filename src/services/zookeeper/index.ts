import { once, service, tcp } from '#sensor/service.ts'
import { options } from './options.ts'

const code = once(() => import('./serve.ts'))

/** A ZooKeeper that whoever set it up did not hide: what Kafka keeps there, and nobody asked who they are. */
export default service({
  name: 'zookeeper',
  title: 'ZooKeeper open to the world',
  replaces: [],
  listen: [tcp(2181)],
  options,
  limits: { idle: 40, lifetime: 6 * 3600, inbox: 1 << 20, total: 256 << 20 },
  load: code,
  session: async (conn, cx) => (await code()).session(conn, cx),
})
