import { samplePersona } from '#persona/sample.ts'
import type { Account } from './accounts.ts'
import type { Computer } from './computer.ts'
import { bytesInput } from './input.ts'
import { machineOf } from './machine.ts'
import type { Input, Internet, Terminal, Witness } from './system.ts'

/** The machine's clock in tests. */
export const testNow = Date.UTC(2026, 0, 15, 9, 30)

export const testPersona = await samplePersona('machine', { os: 'debian-12', web: 'nginx' })

/** A computer as a new attacker finds it. */
export const testComputer = (internet?: Internet): Computer =>
  machineOf(testPersona, { now: () => testNow, random: bytes => Buffer.alloc(bytes, 7) }).computer(
    internet ? { internet } : {},
  )

export type Seen = { what: keyof Witness; details: unknown }
export type Outcome = { stdout: string; stderr: string; status: number; seen: Seen[] }

/** What was witnessed, in order; `file` and `execution` with their data as Latin-1. */
export const testWitness = (seen: Seen[]): Witness => {
  const note = (what: keyof Witness) => (details: unknown) => void seen.push({ what, details })
  return {
    command: note('command'),
    download: note('download'),
    connection: note('connection'),
    file: note('file'),
    read: note('read'),
    execution: note('execution'),
    fault: note('fault'),
    account: note('account'),
    login: note('login'),
  }
}

export const inputOf = (text: string): Input => bytesInput(Buffer.from(text, 'latin1'))

export const rootAccount: Account = { name: 'root', uid: 0, gid: 0, comment: 'root', home: '/root', shell: '/bin/bash' }

/** Runs a command line as `ssh user@machine 'line'` would, and tells what came of it. Strings are Latin-1. */
export const runLine = async (
  line: string,
  how: { computer?: Computer; account?: Account; stdin?: string; terminal?: Terminal } = {},
): Promise<Outcome> => {
  const computer = how.computer ?? testComputer()
  const seen: Seen[] = []
  const written = { stdout: '', stderr: '' }
  const sink = (name: keyof typeof written) => ({
    async write(data: Buffer | string) {
      written[name] += typeof data === 'string' ? data : data.toString('latin1')
    },
  })
  const login = computer.logIn({
    account: how.account ?? rootAccount,
    witness: testWitness(seen),
    from: '198.51.100.7',
    stdin: inputOf(how.stdin ?? ''),
    stdout: sink('stdout'),
    stderr: sink('stderr'),
    daemon: { argv: ['sshd: root@notty'], exe: '/usr/sbin/sshd' },
    ...(how.terminal ? { terminal: how.terminal } : {}),
  })
  try {
    const status = await login.exec(line)
    const fault = seen.find(({ what }) => what === 'fault')
    if (fault) throw (fault.details as { error: Error }).error
    return { ...written, status, seen }
  } finally {
    login.close()
  }
}
