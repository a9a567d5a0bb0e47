import { once, service, tcp } from '#sensor/service.ts'
import { options } from './options.ts'

const code = once(() => import('./serve.ts'))

/** A LaserJet that prints what comes in at its raw port, and lets everybody at its disk and its display. */
export default service({
  name: 'pjl',
  title: 'HP LaserJet, raw port',
  replaces: ['miniprint', 'qeeqbox pjl', 'dionaea printer'],
  listen: [tcp(9100)],
  options,
  limits: { idle: 90, inbox: 128 << 10, total: 64 << 20 },
  load: code,
  session: async (conn, cx) => (await code()).session(conn, cx),
})
