import { once, service, tcp } from '#sensor/service.ts'
import { options } from './options.ts'

const code = once(() => import('./session.ts'))

/** A remote desktop of the free kind, which guessers try with the names and passwords of the other. */
export default service({
  name: 'rdp',
  title: 'Remote desktop (xrdp)',
  replaces: ['rdpy', 'heralding rdp', 'qeeqbox rdp', 'opencanary rdp'],
  listen: [tcp(3389)],
  options,
  limits: { idle: 120, lifetime: 1800, inbox: 32 << 10, total: 16 << 20 },
  tls: persona => ({ ...persona.certificate('other'), minVersion: 'TLSv1.2' }),
  load: code,
  session: async (conn, cx) => (await code()).session(conn, cx),
})
