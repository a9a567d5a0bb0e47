import { isOwn, lookup, reach } from '../../internet/reach.ts'
import type { Process, Program } from '../../system.ts'
import { absolute, attempt, readAll } from '../paths.ts'
import { portOf } from './client/settings.ts'
import { fromPem, type PublicKey } from './keys/key.ts'
import { hashedName, hostWithPort } from './keys/known-hosts.ts'
import { log, parseOptions } from './usage.ts'
import { opensshText } from './version.ts'

const usage = `usage: ssh-keyscan [-46cDHv] [-f file] [-p port] [-T timeout] [-t type]
\t\t   [host | addrlist namelist]
`
/** Hosts of one call. */
const mostHosts = 256

/** ssh-keyscan(1): this machine's keys are known to it, and nobody else answers. */
export const sshKeyscan: Program = async process => {
  const parsed = parseOptions(process.argv, 'cDHv46p:T:t:f:')
  if (typeof parsed === 'string') {
    await log(process, parsed)
    await process.stderr.write(usage)
    return 1
  }
  const port = portOf(parsed.value('p') ?? '22')
  if (port === undefined) {
    await process.stderr.write(`Bad port '${parsed.value('p')}'\n`)
    return 1
  }
  const hosts = [...parsed.operands]
  const file = parsed.value('f')
  if (file !== undefined) {
    const text = await listed(process, file)
    if (typeof text !== 'string') {
      await log(process, `${file}: ${text.error}`)
      return 255
    }
    hosts.push(...text.split('\n', mostHosts).map(line => line.trim().split(/\s+/)[0]!))
  }
  const wanted = hosts.filter(host => host !== '' && !host.startsWith('#')).slice(0, mostHosts)
  if (wanted.length === 0) {
    await process.stderr.write(usage)
    return 1
  }
  const timeout = Number(parsed.value('T') ?? 5) || 5
  const types = parsed.value('t')?.split(',')
  let found = 0
  for (const host of wanted) {
    process.host.witness.connection({ host, port, tool: 'ssh-keyscan' })
    const address = lookup(process, host)?.[0]
    if (address === undefined) {
      await log(process, `getaddrinfo ${host}: Name or service not known`)
      continue
    }
    const { seconds, refused } = reach(process, address, port)
    await process.sleep(Math.min(seconds, timeout))
    if (refused || !isOwn(process, address)) continue
    for (const key of ownKeys(process)) {
      if (types && !types.some(type => key.type.includes(type))) continue
      found++
      const name = hostWithPort(host, port)
      await process.stderr.write(
        `# ${name.startsWith('[') ? name.replace(/^\[(.*)\]:/, '$1:') : `${host}:${port}`} SSH-2.0-${opensshText(process.host.persona)}\n`,
      )
      const entry = parsed.has('H') ? hashedName(name, process.random) : name
      await process.stdout.write(`${entry} ${key.type} ${key.blob.toString('base64')}\n`)
    }
  }
  return found > 0 ? 0 : 1
}

const listed = async (process: Process, file: string): Promise<string | { error: string }> => {
  if (file === '-') return (await readAll(process.stdin, 1 << 16)).toString('latin1')
  const read = attempt(() => process.fs.readFile(absolute(process, file), process.who, { max: 1 << 16 }))
  return 'error' in read ? read : read.value.toString('latin1')
}

const ownKeys = ({ host }: Process): PublicKey[] => {
  const { rsa, ecdsa, ed25519 } = host.persona.hostKeys
  return [rsa, ecdsa, ed25519].map(pem => fromPem(pem))
}
