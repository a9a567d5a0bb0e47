import { once, service, tcp } from '#sensor/service.ts'
import { options } from './options.ts'

const code = once(() => import('./serve.ts'))

/** A SOCKS proxy that strangers find and go out by; nothing ever goes out. */
export default service({
  name: 'socks',
  title: 'SOCKS proxy (Dante)',
  replaces: ['heralding', 'qeeqbox'],
  listen: [tcp(1080)],
  options,
  // timeout.negotiate of sockd.conf(5).
  limits: { idle: 30, lifetime: 7200 },
  load: code,
  session: async (conn, cx) => (await code()).session(conn, cx),
})
