import { once, service, tcp } from '#sensor/service.ts'
import { options } from './options.ts'

const load = once(() => import('./serve.ts'))

/** An etcd whose client port asks nobody who they are: the settings and secrets of a small platform. */
export default service({
  name: 'etcd',
  title: 'etcd open to the world',
  replaces: [],
  listen: [tcp(2379)],
  options,
  limits: { idle: 180, inbox: 64 << 10, total: 64 << 20 },
  load,
  session: async (conn, cx) => (await load()).session(conn, cx),
})
