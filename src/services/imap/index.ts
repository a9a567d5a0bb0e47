import { once, service, tcp, tls } from '#sensor/service.ts'
import { options } from './options.ts'

const code = once(() => import('./serve.ts'))

/** The mailboxes of the persona's users, with a few months of letters. */
export default service({
  name: 'imap',
  title: 'Mailboxes over IMAP (Dovecot)',
  replaces: ['heralding', 'qeeqbox'],
  listen: [tcp(143), tls(993)],
  options,
  limits: { idle: 180, stalled: 180, lifetime: 4 * 3600, total: 64 << 20 },
  tls: persona => persona.certificate('mail'),
  load: code,
  session: async (conn, cx) => (await code()).session(conn, cx),
})
