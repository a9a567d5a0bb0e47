import { once, service, tcp } from '#sensor/service.ts'
import { options } from './options.ts'

const code = once(() => import('./serve.ts'))

/** A web proxy that strangers find and go out by, and the web that they find behind it; nothing ever goes out. */
export default service({
  name: 'proxy',
  title: 'Web proxy (Squid or Tinyproxy)',
  replaces: ['heralding', 'qeeqbox', 'opencanary httpproxy', 'go-pot'],
  listen: [tcp(3128), tcp(8888)],
  options,
  // Squid's request_start_timeout is 300, client_lifetime a day.
  limits: { idle: 300, lifetime: 7200, total: 64 << 20 },
  // Only inside a tunnel, where the persona is the host that was asked for.
  tls: persona => persona.certificate('web'),
  load: code,
  session: async (conn, cx) => (await code()).session(conn, cx),
})
