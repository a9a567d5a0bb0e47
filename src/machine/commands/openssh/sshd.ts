import { socketsOf } from '../../fs/sockets.ts'
import type { Process, Program } from '../../system.ts'
import { absolute, attempt, statOf } from '../paths.ts'
import { sshdDefaults } from './sshd-defaults.ts'
import { fatal, log, parseOptions } from './usage.ts'
import { opensshText, opensslText } from './version.ts'

const usage = `usage: sshd [-46DdeiqTtV] [-C connection_spec] [-c host_cert_file]
            [-E log_file] [-f config_file] [-g login_grace_time]
            [-h host_key_file] [-o option] [-p port] [-u len]
`
const configFile = '/etc/ssh/sshd_config'

/** sshd(8) as somebody at a shell may call it: its version, a look at its configuration, and a port that is taken. */
export const sshd: Program = async process => {
  const called = process.argv[0] ?? ''
  const parsed = parseOptions(process.argv, 'C:E:b:c:f:g:h:k:o:p:u:46DQRTdeiqrtV')
  const { persona } = process.host
  const library = opensslText(persona)
  if (typeof parsed === 'string') {
    await log(process, parsed)
    await process.stderr.write(`${opensshText(persona)}, ${library}\n${usage}`)
    return 1
  }
  if (parsed.has('V')) {
    await process.stderr.write(`OpenSSH_${persona.software.ssh.version.replace(/p\d+$/, '')}, ${library}\n`)
    return 0
  }
  if (!called.startsWith('/') && !parsed.has('t') && !parsed.has('T')) {
    await log(process, 'sshd re-exec requires execution with an absolute path')
    return 255
  }
  if (parsed.operands.length > 0) {
    await process.stderr.write(`Extra argument ${parsed.operands[0]}.\n`)
    return 1
  }
  const file = parsed.value('f') ?? configFile
  const text = attempt(() => process.fs.readFile(absolute(process, file), process.who, { max: 1 << 18 }))
  if ('error' in text) {
    await process.stderr.write(`${file}: ${text.error}\n`)
    return 1
  }
  if (process.who.uid !== 0 && !statOf(process, '/etc/ssh/ssh_host_rsa_key')) {
    await log(process, 'sshd: no hostkeys available -- exiting.')
    return 1
  }
  const lines = settingsIn(process, text.value.toString('latin1'))
  if (parsed.has('t')) return 0
  if (parsed.has('T')) {
    await process.stdout.write(effective(lines))
    return 0
  }
  return listen(process, Number(parsed.value('p') ?? lines.get('port') ?? 22))
}

/** A second one gets a port of its own, and a line in ps(1). */
const listen = async (process: Process, port: number): Promise<number> => {
  const { processes } = process.host
  const taken = socketsOf(processes).some(({ state, localPort }) => state === 'LISTEN' && localPort === port)
  if (taken) {
    for (const address of ['0.0.0.0', '::'])
      await log(process, `Bind to port ${port} on ${address} failed: Address already in use.`)
    return fatal(process, 'Cannot bind any address.')
  }
  const argv = [`sshd: ${process.argv.slice(0, 16).join(' ')} [listener] 0 of 10-100 startups`]
  processes.start({ ppid: 1, uid: process.who.uid, argv, exe: '/usr/sbin/sshd', cwd: '/', tty: '?' })
  return 0
}

/** Lines of a configuration that are looked at, files it may include, and one within another. */
const mostLines = 2000
const mostIncluded = 64
const deepest = 4

/** The first value of each keyword outside Match blocks; included files stand where they are named. */
const settingsIn = (
  process: Process,
  text: string,
  depth = 0,
  found = new Map<string, string>(),
): Map<string, string> => {
  for (const line of text.split('\n', mostLines)) {
    const [, keyword = '', value = ''] = /^\s*([A-Za-z]\w*)\s*[\s=]\s*(.*?)\s*$/.exec(line) ?? []
    const name = keyword.toLowerCase()
    if (name === 'match') break
    if (name === 'include') {
      if (depth < deepest)
        for (const included of includedBy(process, value)) settingsIn(process, included, depth + 1, found)
    } else if (name !== '' && !found.has(name)) found.set(name, value)
  }
  return found
}

/** Texts of the files that `/folder/*.conf` means. */
const includedBy = (process: Process, pattern: string): string[] => {
  const { fs, who } = process
  const slash = pattern.lastIndexOf('/')
  const [start = '', end] = pattern.slice(slash + 1).split('*')
  const folder = absolute(process, slash < 0 ? '/etc/ssh' : pattern.slice(0, slash))
  const names = attempt(() => fs.readdir(folder, who).toSorted())
  if ('error' in names) return []
  return names.value
    .filter(name => (end === undefined ? name === start : name.startsWith(start) && name.endsWith(end)))
    .slice(0, mostIncluded)
    .flatMap(name => {
      process.step()
      const text = attempt(() => fs.readFile(`${folder}/${name}`, who, { max: 1 << 18 }))
      return 'error' in text ? [] : [text.value.toString('latin1')]
    })
}

/** Keywords that may stand more than once, each time for one more. */
const repeated = new Set(['acceptenv', 'hostkey', 'listenaddress', 'subsystem'])

/** `sshd -T`: all that is in force, what the file says first. */
const effective = (given: ReadonlyMap<string, string>): string => {
  const word = (keyword: string, value: string): string => {
    const said = repeated.has(keyword) ? value : (given.get(keyword) ?? value)
    return keyword === 'permitrootlogin' && said === 'prohibit-password' ? 'without-password' : said
  }
  return sshdDefaults.map(([keyword, value]) => `${keyword} ${word(keyword, value)}\n`).join('')
}
