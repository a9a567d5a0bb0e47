import { once, service, tcp } from '#sensor/service.ts'
import { options } from './options.ts'

const code = once(() => import('./serve.ts'))

/** A MySQL or MariaDB that listens to the world: guessed passwords, dropped libraries, ransomed databases. */
export default service({
  name: 'mysql',
  title: 'MariaDB or MySQL',
  replaces: ['dionaea', 'heralding', 'qeeqbox mysql', 'opencanary mysql', 'honeypy'],
  listen: [tcp(3306)],
  options,
  limits: { idle: 300, lifetime: 6 * 3600, total: 96 << 20 },
  tls: persona => persona.certificate('other'),
  load: code,
  session: async (conn, cx) => (await code()).session(conn, cx),
})
