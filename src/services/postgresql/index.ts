import { once, service, tcp } from '#sensor/service.ts'
import { options } from './options.ts'

const code = once(() => import('./serve.ts'))

/** A PostgreSQL that listens to the world: guessed passwords, commands run by COPY, libraries brought as large objects. */
export default service({
  name: 'postgresql',
  title: 'PostgreSQL',
  replaces: ['heralding', 'qeeqbox postgres'],
  listen: [tcp(5432)],
  options,
  limits: { idle: 60, lifetime: 6 * 3600, total: 96 << 20 },
  tls: persona => persona.certificate('other'),
  load: code,
  session: async (conn, cx) => (await code()).session(conn, cx),
})
