import { once, service, tcp } from '#sensor/service.ts'
import { options } from './options.ts'

const code = once(() => import('./serve.ts'))

/** A Kafka broker that whoever set it up did not hide: topics of an application, and nobody asked who they are. */
export default service({
  name: 'kafka',
  title: 'Kafka broker open to the world',
  replaces: ['qeeqbox'],
  listen: [tcp(9092)],
  options,
  limits: { idle: 600, lifetime: 6 * 3600, inbox: 1 << 20, total: 256 << 20 },
  load: code,
  session: async (conn, cx) => (await code()).session(conn, cx),
})
