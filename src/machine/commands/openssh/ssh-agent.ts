import { errorText } from '../../errors.ts'
import type { Process, Program } from '../../system.ts'
import { log, parseOptions } from './usage.ts'

const usage = `usage: ssh-agent [-c | -s] [-Dd] [-a bind_address] [-E fingerprint_hash]
                 [-O option] [-P allowed_providers] [-t life]
       ssh-agent [-a bind_address] [-E fingerprint_hash] [-O option]
                 [-P allowed_providers] [-t life] command [arg ...]
       ssh-agent [-c | -s] -k
`

/** ssh-agent(1): a process and a socket, behind which nobody listens. */
export const sshAgent: Program = async process => {
  const parsed = parseOptions(process.argv, 'cDdksE:a:O:P:t:')
  if (typeof parsed === 'string') {
    await log(process, parsed)
    await process.stderr.write(usage)
    return 1
  }
  const { env, host, fs, who } = process
  const csh = parsed.has('c') || (!parsed.has('s') && (env.get('SHELL') ?? '').endsWith('csh'))
  if (parsed.has('k')) return kill(process, csh)
  const letters = process.random(12).toString('base64').replace(/[+/=]/g, 'x').slice(0, 12)
  const folder = `/tmp/ssh-${letters}`
  const socket = parsed.value('a') ?? `${folder}/agent.${process.pid}`
  try {
    if (!parsed.has('a')) fs.mkdir(folder, 0o700, who)
    fs.mknod(socket, 'socket', 0o600, who)
  } catch (error) {
    await log(process, `mkdtemp: private socket dir: ${errorText(error)}`)
    return 1
  }
  const pid = host.processes.start({
    ppid: 1,
    uid: who.uid,
    argv: process.argv.slice(0, 8),
    exe: '/usr/bin/ssh-agent',
    cwd: '/',
    tty: '?',
  })
  const { operands } = parsed
  if (operands.length > 0) {
    const status = await process.run(operands, {
      env: new Map([...env, ['SSH_AUTH_SOCK', socket], ['SSH_AGENT_PID', String(pid)]]),
    })
    host.processes.end(pid)
    return status
  }
  const setting = (name: string, value: string | number): string =>
    csh ? `setenv ${name} ${value};\n` : `${name}=${value}; export ${name};\n`
  await process.stdout.write(
    `${setting('SSH_AUTH_SOCK', socket)}${setting('SSH_AGENT_PID', pid)}echo Agent pid ${pid};\n`,
  )
  return 0
}

const kill = async (process: Process, csh: boolean): Promise<number> => {
  const given = process.env.get('SSH_AGENT_PID')
  if (given === undefined) {
    await process.stderr.write('SSH_AGENT_PID not set, cannot kill agent\n')
    return 1
  }
  const pid = /^\d{1,9}$/.test(given) ? Number(given) : 0
  if (pid < 1) {
    await process.stderr.write(`SSH_AGENT_PID="${given}", which is not a good PID: invalid\n`)
    return 1
  }
  const refused = process.host.processes.signal(pid, 15, process.who)
  if (refused) {
    await process.stderr.write(`kill: ${refused === 'ESRCH' ? 'No such process' : 'Operation not permitted'}\n`)
    return 1
  }
  const unset = (name: string): string => (csh ? `unsetenv ${name};\n` : `unset ${name};\n`)
  await process.stdout.write(`${unset('SSH_AUTH_SOCK')}${unset('SSH_AGENT_PID')}echo Agent pid ${pid} killed;\n`)
  return 0
}
