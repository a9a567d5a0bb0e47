import { addressesOf } from '../../../fs/addresses.ts'
import { type Process, type Program, SystemError } from '../../../system.ts'
import { getopt, type Option } from '../../getopt.ts'
import { versioned } from '../../package-version.ts'
import { calledAs, say, textOf } from '../facts.ts'

const options: Option[] = [
  { short: 'a', long: 'alias' },
  { short: 'A', long: 'all-fqdns' },
  { short: 'b', long: 'boot' },
  { short: 'd', long: 'domain' },
  { short: 'f', long: 'fqdn' },
  { long: 'long' },
  { short: 'F', long: 'file', argument: 'required' },
  { short: 'h', long: 'help' },
  { short: 'i', long: 'ip-address' },
  { short: 'I', long: 'all-ip-addresses' },
  { short: 's', long: 'short' },
  { short: 'V', long: 'version' },
  { short: 'y', long: 'yp' },
  { long: 'nis' },
]

const settingPath = '/proc/sys/kernel/hostname'

/** hostname(1) of Debian's hostname 3.23, also as dnsdomainname, domainname, nisdomainname and ypdomainname. */
export const hostname: Program = async process => {
  const name = calledAs(process)
  const parsed = getopt(process.argv, options)
  if (typeof parsed === 'string') {
    await process.stderr.write(`${parsed}\n${usage}`)
    return 255
  }
  const { has, operands } = parsed
  if (has('help')) return say(process, usage)
  if (has('version')) return say(process, versioned(process, 'hostname @hostname@\n'))
  const file = parsed.value('file')
  if (file !== undefined || operands.length > 0) {
    const wanted = file === undefined ? operands[0]! : firstLine(textOf(process, file))
    if (wanted === undefined) {
      await process.stderr.write(`${name}: ${file}: No such file or directory\n`)
      return 1
    }
    return set(process, name === 'hostname' ? 'hostname' : 'domainname', wanted)
  }
  const own = textOf(process, settingPath)!.trimEnd()
  const [address, canonical, ...aliases] = hostsEntry(process, own)
  if (has('all-ip-addresses')) return say(process, `${addressesOf(process.host.persona, process.host.processes).v4} \n`)
  if (has('all-fqdns')) return say(process, `${canonical ?? own} \n`)
  if (has('short')) return say(process, `${own.split('.')[0]}\n`)
  if (name === 'domainname' || name === 'nisdomainname' || name === 'ypdomainname' || has('yp') || has('nis'))
    return nisName(process, name)
  const resolving =
    has('fqdn') || has('long') || has('domain') || has('ip-address') || has('alias') || name === 'dnsdomainname'
  if (!resolving) return say(process, `${own}\n`)
  if (canonical === undefined) {
    await process.stderr.write(`${name}: Name or service not known\n`)
    return 1
  }
  if (has('ip-address')) return say(process, `${address}\n`)
  if (has('alias')) return say(process, `${aliases.join(' ')}\n`)
  if (has('domain') || name === 'dnsdomainname') {
    const dot = canonical.indexOf('.')
    return say(process, dot < 0 ? '' : `${canonical.slice(dot + 1)}\n`)
  }
  return say(process, `${canonical}\n`)
}

const nisName = async (process: Process, name: string): Promise<number> => {
  const domain = textOf(process, '/proc/sys/kernel/domainname')!.trimEnd()
  if (domain !== '(none)' || name === 'domainname') return say(process, `${domain}\n`)
  await process.stdout.write(`${name}: Local domain name not set\n`)
  return 1
}

const usage =
  'Usage: hostname [-b] {hostname|-F file}         set host name (from file)\n       hostname [-a|-A|-d|-f|-i|-I|-s|-y]       display formatted name\n'

const set = async (process: Process, setting: string, value: string): Promise<number> => {
  if (process.who.uid !== 0) {
    await process.stderr.write(`${calledAs(process)}: you must be root to change the host name\n`)
    return 1
  }
  if (setting === 'hostname' && !/^[A-Za-z0-9]([A-Za-z0-9.-]*[A-Za-z0-9])?$/.test(value)) {
    await process.stderr.write('hostname: the specified hostname is invalid\n')
    return 1
  }
  try {
    process.fs.writeFile(`/proc/sys/kernel/${setting}`, Buffer.from(`${value}\n`, 'latin1'), process.who)
  } catch (error) {
    if (!(error instanceof SystemError)) throw error
    await process.stderr.write(`${calledAs(process)}: sethostname: Operation not permitted\n`)
    return 1
  }
  return 0
}

const firstLine = (text: string | undefined): string | undefined =>
  text
    ?.split('\n')
    .find(line => line.trim() !== '' && !line.startsWith('#'))
    ?.trim()

/** The line of /etc/hosts that has the name: address, canonical name, aliases. */
const hostsEntry = (process: Process, name: string): string[] => {
  for (const line of (textOf(process, '/etc/hosts') ?? '').split('\n', 2000)) {
    const words = line.replace(/#.*/, '').trim().split(/\s+/)
    if (words.length > 1 && words.indexOf(name) > 0) return words
  }
  return []
}
