import { loadPrograms } from '#machine/commands/index.ts'
import type { Conn } from '#sensor/conn.ts'
import type { TcpContext } from '#sensor/service.ts'
import { serveRouter } from './cisco/index.ts'
import { serveDevice } from './device/index.ts'
import { greet, logIn, timeOut } from './login.ts'
import { negotiateTerminal } from './negotiate.ts'
import { LOGIN_TIMEOUT, type Options } from './options.ts'
import { hear, openTelnet, send, settle, type Telnet } from './session.ts'

/** Seconds that telnetd takes to start login(1). */
const STARTING = 0.03

/** One client: telnetd's dialogue, login(1), and the shell of whom it lets in. */
export async function session(conn: Conn, cx: TcpContext<Options>): Promise<void> {
  const telnet = openTelnet(conn, cx, LOGIN_TIMEOUT)
  const { device } = cx.options
  if (device === 'cisco') return serveRouter(telnet)
  if (device === 'busybox' || device === 'dvr') {
    try {
      return await serveDevice(telnet, device)
    } catch (error) {
      return await timeOut(telnet, error)
    }
  }
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
}

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

export { loadPrograms }
