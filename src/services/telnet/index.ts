import { service, tcp } from '#sensor/service.ts'
import { logIn } from './login.ts'
import { negotiateTerminal } from './negotiate.ts'
import { options } from './options.ts'
import { openTelnet } from './session.ts'

/** A Linux machine with telnetd, up to the log-in that never succeeds. */
export default service({
  name: 'telnet',
  title: 'Linux telnetd, log-in prompt',
  replaces: ['cowrie', 'heralding', 'qeeqbox'],
  listen: [tcp(23)],
  options,
  limits: { idle: 60, lifetime: 300, total: 1 << 20 },

  async session(conn, cx) {
    const telnet = openTelnet(conn, cx)
    await negotiateTerminal(telnet)
    await logIn(telnet)
  },
})
