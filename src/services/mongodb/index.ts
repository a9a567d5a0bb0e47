import { once, service, tcp } from '#sensor/service.ts'
import { options } from './options.ts'

const code = once(() => import('./serve.ts'))

/** A MongoDB that listens to the world, most often without a password: data taken, dropped, and a note left in its place. */
export default service({
  name: 'mongodb',
  title: 'MongoDB',
  replaces: ['dionaea', 'qeeqbox mongodb', 'opencanary mongodb'],
  listen: [tcp(27017)],
  options,
  limits: { idle: 600, lifetime: 6 * 3600, total: 200 << 20 },
  load: code,
  session: async (conn, cx) => (await code()).session(conn, cx),
})
