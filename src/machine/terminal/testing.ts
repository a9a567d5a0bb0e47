import type { Account } from '../accounts.ts'
import type { Computer } from '../computer.ts'
import { type Seen, testComputer, testWitness } from '../testing.ts'
import { runInteractive } from './session.ts'
import { createTerminal, type TerminalDevice } from './terminal.ts'

const rootAccount: Account = { name: 'root', uid: 0, gid: 0, comment: 'root', home: '/root', shell: '/bin/bash' }

/** A person's session in a test: keys go in, what was shown comes out. */
export type Sitting = {
  terminal: TerminalDevice
  computer: Computer
  seen: Seen[]
  /** Presses keys and gives what was shown since, once nothing more comes. */
  press(keys: string): Promise<string>
  /** The exit status, when the session is over. */
  ended: Promise<number>
  /** Ends what is left of it. */
  close(): Promise<void>
}

/** Turns of the event loop without output after which a program is taken to wait. */
const still = 40

export const sit = async (
  how: {
    type?: string
    columns?: number
    rows?: number
    account?: Account
    computer?: Computer
    motd?: boolean
    env?: Record<string, string>
  } = {},
): Promise<Sitting & { first: string }> => {
  let out = ''
  const seen: Seen[] = []
  const terminal = createTerminal({
    name: 'pts/0',
    type: how.type ?? 'xterm-256color',
    columns: how.columns ?? 80,
    rows: how.rows ?? 24,
    async send(bytes) {
      out += bytes.toString('latin1')
    },
  })
  const computer = how.computer ?? testComputer()
  const login = computer.logIn({
    account: how.account ?? rootAccount,
    witness: testWitness(seen),
    from: '198.51.100.7',
    stdin: terminal.input,
    stdout: terminal.output,
    stderr: terminal.output,
    terminal,
    env: new Map(Object.entries({ LANG: 'C.UTF-8', ...how.env })),
    daemon: { argv: ['sshd: root@pts/0'], exe: '/usr/sbin/sshd' },
  })
  const settled = async (): Promise<string> => {
    for (let before = -1, calm = 0; calm < still; calm++) {
      await new Promise(resolve => setImmediate(resolve))
      if (out.length !== before) calm = 0
      before = out.length
    }
    const got = out
    out = ''
    return got
  }
  const ended = runInteractive(login, terminal, { motd: how.motd ?? false })
  return {
    terminal,
    computer,
    seen,
    first: await settled(),
    async press(keys) {
      await terminal.receive(Buffer.from(keys, 'latin1'))
      return settled()
    },
    ended,
    async close() {
      terminal.hangup()
      await ended
      login.close()
    },
  }
}
