import { once, service, tcp, tls } from '#sensor/service.ts'
import { options } from './options.ts'

const code = once(() => import('./serve.ts'))

/** A post office of the persona's users, with a few months of letters. */
export default service({
  name: 'pop3',
  title: 'Mailboxes over POP3 (Dovecot)',
  replaces: ['heralding', 'qeeqbox'],
  listen: [tcp(110), tls(995)],
  options,
  limits: { idle: 180, stalled: 180, lifetime: 3600 },
  tls: persona => persona.certificate('mail'),
  load: code,
  session: async (conn, cx) => (await code()).session(conn, cx),
})
