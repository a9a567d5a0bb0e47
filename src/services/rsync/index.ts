import { once, service, tcp } from '#sensor/service.ts'
import { options } from './options.ts'

const code = once(() => import('./serve.ts'))

/** An rsync daemon whose web root anybody may write to, and whose backups have a guessable password. */
export default service({
  name: 'rsync',
  title: 'rsync daemon',
  replaces: ['nsa rsync modules', 'opencanary rsync'],
  listen: [tcp(873)],
  options,
  limits: { idle: 120, inbox: 128 << 10, total: 64 << 20 },
  load: code,
  session: async (conn, cx) => (await code()).session(conn, cx),
})
