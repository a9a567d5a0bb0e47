import { once, service, tcp } from '#sensor/service.ts'
import { options } from './options.ts'

const code = once(() => import('./serve.ts'))

/** An Oracle listener on its usual port, in front of a small database: instance names guessed, then accounts. */
export default service({
  name: 'oracle',
  title: 'Oracle TNS listener and log-in',
  replaces: ['qeeqbox oracle'],
  listen: [tcp(1521)],
  options,
  limits: { idle: 60, lifetime: 900, total: 1 << 20 },
  load: code,
  session: async (conn, cx) => (await code()).session(conn, cx),
})
