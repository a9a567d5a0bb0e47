import { once, service, tcp } from '#sensor/service.ts'
import { options } from './options.ts'

const code = once(() => import('./serve.ts'))

/** Who has an account here: asked by whoever wants names to try passwords on. */
export default service({
  name: 'finger',
  title: 'fingerd of Linux NetKit',
  replaces: ['honeypy finger', 'iphoney'],
  listen: [tcp(79)],
  options,
  limits: { idle: 60, lifetime: 300, total: 64 << 10 },
  load: code,
  session: async (conn, cx) => (await code()).session(conn, cx),
})
