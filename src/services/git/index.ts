import { once, service, tcp } from '#sensor/service.ts'
import { options } from './options.ts'

const code = once(() => import('./serve.ts'))

/** git's own daemon with some repositories that were never meant for everybody. */
export default service({
  name: 'git',
  title: 'git daemon',
  replaces: ['honeytrap-go git', 'glutton git', 'opencanary git'],
  listen: [tcp(9418)],
  options,
  limits: { idle: 120, inbox: 72 << 10, total: 8 << 20 },
  load: code,
  session: async (conn, cx) => (await code()).session(conn, cx),
})
