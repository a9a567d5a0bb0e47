import { once, service, tcp, tls } from '#sensor/service.ts'
import { options } from './options.ts'

const code = once(() => import('./serve.ts'))

/** A news server of the persona's that forgot to shut strangers out: a place to post to, and passwords to try. */
export default service({
  name: 'nntp',
  title: 'News over NNTP (INN)',
  replaces: ['heralding'],
  listen: [tcp(119), tls(563)],
  options,
  limits: { idle: 600, lifetime: 3600, total: 8 << 20 },
  tls: persona => persona.certificate('other'),
  load: code,
  session: async (conn, cx) => (await code()).session(conn, cx),
})
