import { createTerminal } from '#machine/terminal/index.ts'
import { testComputer, testWitness } from '#machine/testing.ts'
import type { Case } from './cases.ts'

/** Takes out what differs between two machines: process ids and the like. */
export const masked = (text: string): string =>
  text
    .replace(/^(\[\d+\]) \d+/gm, '$1 N')
    .replace(/^(\[\d+\][+-] ?)\s*\d+ (?=[A-Z])/gm, '$1 N ')
    .replace(/\/dev\/pts\/\d+/g, '/dev/pts/N')

const pause = (milliseconds: number): Promise<void> => new Promise(resolve => setTimeout(resolve, milliseconds))

/** Plays a case on our machine: the bytes that came back for each key, the first before any. */
export const play = async (one: Case): Promise<string[]> => {
  let out = ''
  const terminal = createTerminal({
    name: 'pts/0',
    type: one.term,
    columns: one.columns,
    rows: one.rows,
    async send(bytes) {
      out += bytes.toString('latin1')
    },
  })
  const login = testComputer().logIn({
    account: { name: 'root', uid: 0, gid: 0, comment: 'root', home: '/root', shell: '/bin/bash' },
    witness: testWitness([]),
    from: '198.51.100.7',
    stdin: terminal.input,
    stdout: terminal.output,
    stderr: terminal.output,
    terminal,
    env: new Map(Object.entries({ PS1: '$ ', LANG: 'C.UTF-8', ...one.env })),
    daemon: { argv: ['sshd: root@pts/0'], exe: '/usr/sbin/sshd' },
  })
  const { fs, who } = login.process
  fs.unlink('/root/.bash_history', who)
  if (one.before) await login.exec(`${one.before}; pwd > /run/at`)
  const cwd = one.before ? fs.readFile('/run/at', who).toString('latin1').trim() : '/root'
  const program = login.lookup(fs.realpath(one.argv[0]!, who))!
  let ended = false
  const done = program({ ...login.process, argv: one.argv, cwd }).finally(() => {
    ended = true
  })
  done.catch(() => {})
  /** Waits until nothing comes any more. */
  const settled = async (quiet: number): Promise<string> => {
    for (let before = -1, still = 0; still < quiet && !ended; still++) {
      await pause(4)
      if (out.length !== before) still = 0
      before = out.length
    }
    await pause(2)
    const got = out
    out = ''
    return got
  }
  const quiet = one.quiet ? (one.quiet * 1000) / 4 : 6
  const answers = [await settled(6)]
  for (const key of one.keys) {
    if (!ended) await terminal.receive(Buffer.from(key, 'latin1'))
    answers.push(await settled(quiet))
  }
  terminal.hangup()
  await done.catch(() => {})
  login.close()
  return answers.map(masked)
}
