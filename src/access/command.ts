import { witnessOf } from '#machine/witness.ts'
import type { TcpContext } from '#sensor/service.ts'
import { computerOf } from './machine.ts'

/** Bytes of output that are kept of one command. */
const MOST = 64 << 10
/** Seconds that its client may be made to wait: what runs on is left to run on alone. */
const WAIT = 10

type Visit = Pick<
  TcpContext<unknown>,
  'persona' | 'source' | 'now' | 'random' | 'attacker' | 'record' | 'sample' | 'pause'
>

/**
 * Runs a command line on the pretended machine for a server that was talked into it (a database's COPY … FROM PROGRAM, a
 * dropped library's sys_exec), as `user`: what it writes, Latin-1, and its exit status.
 */
export async function commandOutput(
  cx: Visit,
  user: string,
  command: string,
  daemon: { argv: string[]; exe: string },
): Promise<{ output: string; errors: string; status: number }> {
  const computer = computerOf(cx)
  const account = computer.account(user)
  if (!account) return { output: '', errors: '', status: 126 }
  const witness = witnessOf(cx)
  const written = { output: '', errors: '' }
  const into = (name: 'output' | 'errors') => ({
    async write(data: Buffer | string) {
      if (written[name].length < MOST) written[name] += typeof data === 'string' ? data : data.toString('latin1')
    },
  })
  const login = computer.logIn({
    account,
    witness,
    from: cx.source.ip,
    stdin: { read: async () => undefined },
    stdout: into('output'),
    stderr: into('errors'),
    daemon,
  })
  try {
    const running = login.exec(command)
    let over = false
    // Beyond that time flies: it ends as it would have, without anybody waiting for it.
    const patience = cx.pause(WAIT).then(() => {
      if (!over) login.abandon()
    })
    const status = await Promise.race([running, patience.then(() => running)])
    over = true
    return { ...written, status }
  } finally {
    login.close()
    await witness.settled()
  }
}
