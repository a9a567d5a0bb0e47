import { once, service, tcp } from '#sensor/service.ts'
import { options } from './options.ts'

const code = once(() => import('./serve.ts'))

/** A Redis left open to the world: the target of cron, SSH-key, web-shell and rogue-master takeovers. */
export default service({
  name: 'redis',
  title: 'Redis open to the world',
  replaces: ['redishoneypot', 'qeeqbox redis', 'opencanary redis'],
  listen: [tcp(6379)],
  options,
  limits: { idle: 600, inbox: 512 << 10, total: 600 << 20 },
  load: code,
  session: async (conn, cx) => (await code()).session(conn, cx),
})
