import { service, tcp } from '#sensor/service.ts'
import { serveRouter } from './cisco/index.ts'
import { greet, LOGIN_TIMEOUT, logIn, timeOut } from './login.ts'
import { negotiateTerminal } from './negotiate.ts'
import { options } from './options.ts'
import { hear, openTelnet, send, settle, type Telnet } from './session.ts'

/** Seconds that telnetd takes to start login(1). */
const STARTING = 0.03

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
    if (cx.options.device === 'cisco') return serveRouter(telnet)
    // A machine where few people are logged in.
    const line = `pts/${cx.random(1)[0]! % 3}`
    try {
      if (await negotiateTerminal(telnet, () => greet(telnet, line))) {
        await startLogin(telnet)
        greet(telnet, line)
      }
      await logIn(telnet, line)
    } catch (error) {
      await timeOut(telnet, error)
    }
  },
})

/** Options have gone out by the time that login(1) runs: some clients look for a prompt in a packet of its own. */
async function startLogin(telnet: Telnet): Promise<void> {
  await send(telnet)
  await telnet.cx.pause(STARTING)
  if (telnet.conn.held === 0) return
  const came = await hear(telnet, STARTING)
  telnet.tokens.push(...came.filter(token => !settle(telnet, token)))
  // login(1) sets the terminal up anew, whatever the client has said of echo until now.
  telnet.echo = true
}
