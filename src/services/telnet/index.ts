import { once, service, tcp } from '#sensor/service.ts'
import { LOGIN_TIMEOUT, options } from './options.ts'

const code = once(() => import('./serve.ts'))

/** A Linux machine with telnetd, and the shell behind it for whom it lets in. */
export default service({
  name: 'telnet',
  title: 'Linux telnetd, log-in and shell',
  replaces: ['cowrie', 'heralding', 'qeeqbox'],
  listen: [tcp(23)],
  options,
  limits: { idle: LOGIN_TIMEOUT, lifetime: 300 },
  async load(all) {
    const { loadPrograms } = await code()
    if (all) await loadPrograms()
  },
  session: async (conn, cx) => (await code()).session(conn, cx),
})
