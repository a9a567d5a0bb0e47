import { once, service, tcp, tls } from '#sensor/service.ts'
import { options } from './options.ts'

const code = once(() => import('./serve.ts'))

/** A mail server that takes what is handed over and never passes it on. */
export default service({
  name: 'smtp',
  title: 'Mail server (Postfix, Exim, OpenSMTPD or Exchange)',
  replaces: ['mailoney', 'heralding', 'qeeqbox', 'dionaea'],
  listen: [tcp(25), tcp(587), tls(465)],
  options,
  limits: { idle: 300, stalled: 300, total: 256 << 20 },
  tls: persona => persona.certificate('mail'),
  load: code,
  session: async (conn, cx) => (await code()).session(conn, cx),
})
