import { once, service, tcp, tls } from '#sensor/service.ts'
import { options } from './options.ts'

const code = once(() => import('./serve.ts'))

/** A company's own instant messaging, for its people's clients and for other servers. */
export default service({
  name: 'xmpp',
  title: 'Instant messaging over XMPP (Prosody)',
  replaces: [],
  listen: [tcp(5222), tls(5223), tcp(5269)],
  options,
  // c2s_timeout of Prosody.
  limits: { idle: 300, lifetime: 86_400, total: 8 << 20 },
  tls: persona => persona.certificate('other'),
  load: code,
  session: async (conn, cx) => (await code()).session(conn, cx),
})
