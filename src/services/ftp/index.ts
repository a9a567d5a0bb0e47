import { once, pool, service, tcp, tls } from '#sensor/service.ts'
import { options } from './options.ts'

const code = once(() => import('./serve.ts'))

/** A file server on the open Internet with an anonymous area and a few careless accounts. */
export default service({
  name: 'ftp',
  title: 'FTP server (vsFTPd or ProFTPD)',
  replaces: ['dionaea', 'heralding', 'qeeqbox', 'conpot'],
  listen: [tcp(21), tls(990), ...pool(30_000, 64)],
  options,
  limits: { idle: 300, stalled: 300, lifetime: 6 * 3600, total: 8 * 2 ** 30 },
  tls: persona => persona.certificate('ftp'),
  load: code,
  session: async (conn, cx) => (await code()).session(conn, cx),
})
