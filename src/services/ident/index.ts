import * as v from 'valibot'
import { once, service, tcp } from '#sensor/service.ts'

const code = once(() => import('./serve.ts'))

/** Whose connection is that? Asked by IRC and mail servers once, by scanners still. */
export default service({
  name: 'ident',
  title: 'Identification (oidentd)',
  replaces: ['honeytrap'],
  listen: [tcp(113)],
  options: v.strictObject({}),
  // oidentd's own patience.
  limits: { idle: 30, lifetime: 60, total: 64 << 10 },
  load: code,
  session: async (conn, cx) => (await code()).session(conn, cx),
})
