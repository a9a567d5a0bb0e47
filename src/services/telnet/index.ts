import { service, tcp } from '#sensor/service.ts'
import { daemonOf } from './daemon.ts'
import { LOGIN_TIMEOUT, logIn } from './login.ts'
import { negotiateTerminal } from './negotiate.ts'
import { options } from './options.ts'
import { openTelnet } from './session.ts'

/** A Linux machine with telnetd, and the shell behind it for whom it lets in. */
export default service({
  name: 'telnet',
  title: 'Linux telnetd, log-in and shell',
  replaces: ['cowrie', 'heralding', 'qeeqbox'],
  listen: [tcp(23)],
  options,
  limits: { idle: LOGIN_TIMEOUT, lifetime: 300 },

  async session(conn, cx) {
    const telnet = openTelnet(conn, cx, LOGIN_TIMEOUT)
    await negotiateTerminal(telnet)
    // A machine where few people are logged in.
    const line = `pts/${cx.random(1)[0]! % 3}`
    telnet.output.push(Buffer.from(daemonOf(cx.persona).banner(cx.persona, line), 'latin1'))
    await logIn(telnet, line)
  },
})
