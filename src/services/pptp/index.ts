import * as v from 'valibot'
import { once, service, tcp } from '#sensor/service.ts'

const code = once(() => import('./serve.ts'))

/** A gate into a private network, of the kind that was given up long ago and is still tried. */
export default service({
  name: 'pptp',
  title: 'PPTP server (Poptop)',
  replaces: ['dionaea'],
  listen: [tcp(1723)],
  options: v.strictObject({}),
  limits: { idle: 90, total: 1 << 20 },
  load: code,
  session: async (conn, cx) => (await code()).session(conn, cx),
})
