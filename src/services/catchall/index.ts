import { once, service, tcp } from '#sensor/service.ts'
import { options } from './options.ts'
import { scanned } from './scanned.ts'

const code = once(() => import('./serve.ts'))

/** Whatever is sent to a port on which nothing else listens, in words that no other decoy speaks. */
export default service({
  name: 'catchall',
  title: 'Every other port',
  replaces: ['honeytrap', 'glutton'],
  listen: [...new Set(scanned)].map(port => ({ ...tcp(port), spare: true })),
  options,
  limits: { idle: 30, lifetime: 300, total: 4 << 20 },
  load: code,
  session: async (conn, cx) => (await code()).session(conn, cx),
})
