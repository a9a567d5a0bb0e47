import { connectTexts, lookup, reach } from '../../internet/reach.ts'
import type { Program } from '../../system.ts'
import { getopt, type Option } from '../getopt.ts'
import { relay } from './relay.ts'

const options: Option[] = [
  { short: '4', long: 'ipv4' },
  { short: '6', long: 'ipv6' },
  { short: '7', long: 'no-8bit' },
  { short: '8', long: 'binary' },
  { short: 'a', long: 'login' },
  { short: 'c', long: 'no-rc' },
  { short: 'd', long: 'debug' },
  { short: 'e', long: 'escape', argument: 'required' },
  { short: 'E', long: 'no-escape' },
  { short: 'K', long: 'no-login' },
  { short: 'l', long: 'user', argument: 'required' },
  { short: 'L', long: 'binary-output' },
  { short: 'n', long: 'trace', argument: 'required' },
  { short: 'r', long: 'rlogin' },
  { short: '?', long: 'help' },
  { long: 'usage' },
  { short: 'V', long: 'version' },
]

const netkitUsage = `Usage: telnet [-4] [-6] [-8] [-E] [-L] [-S tos] [-a] [-c] [-d] [-e char] [-l user]
\t[-n tracefile] [ -b addr ] [-r] [host-name [port]]
`

/** telnet(1) of GNU inetutils 2.4, and before Debian 12 Linux netkit's, which knows no long options. */
export const telnet: Program = async process => {
  const netkit = process.host.persona.software.telnet.implementation === 'netkit'
  if (netkit && process.argv.slice(1).some(word => word.startsWith('--'))) {
    await process.stderr.write(`telnet: invalid option -- '-'\n${netkitUsage}`)
    return 1
  }
  const parsed = getopt(process.argv, options)
  if (typeof parsed === 'string') {
    await process.stderr.write(`${parsed}\nTry 'telnet --help' or 'telnet --usage' for more information.\n`)
    return 64
  }
  if (parsed.has('version')) {
    await process.stdout.write('telnet (GNU inetutils) 2.4\n')
    return 0
  }
  if (parsed.has('help') || parsed.has('usage')) {
    await process.stdout.write(
      'Usage: telnet [OPTION...] [HOST [PORT]]\nLogin to remote system HOST (optionally, on service port PORT)\n',
    )
    return 0
  }
  const [host, service = 'telnet'] = parsed.operands
  if (host === undefined) {
    await process.stdout.write('telnet> ')
    return 0
  }
  const named = new Map([
    ['telnet', 23],
    ['http', 80],
    ['ftp', 21],
    ['ssh', 22],
    ['smtp', 25],
    ['https', 443],
  ])
  const port = named.get(service) ?? (/^\d{1,5}$/.test(service) ? Number(service) : undefined)
  const fail = async (text: string): Promise<number> => {
    await process.stderr.write(text)
    return 1
  }
  const addresses = lookup(process, host)
  const place = { host, port: port ?? 0, tool: 'telnet' }
  if (!addresses || port === undefined || port > 65_535) {
    process.host.witness.connection(place)
    const why = addresses ? 'Servname not supported for ai_socktype' : 'Name or service not known'
    await process.stdout.write(`Server lookup failure:  ${host}:${service}, ${why}\n`)
    return 1
  }
  for (const address of addresses) {
    await process.stdout.write(`Trying ${address}...\n`)
    const made = reach(process, address, port)
    if (made.seconds > 0) await process.sleep(made.seconds)
    if (made.refused === undefined) {
      await process.stdout.write(
        `Connected to ${host}.\n${parsed.has('no-escape') ? '' : "Escape character is '^]'.\n"}`,
      )
      await relay(process, place, address)
      await process.stderr.write('Connection closed by foreign host.\n')
      return 0
    }
    const last = address === addresses.at(-1)
    if (!last) await process.stderr.write(`telnet: connect to address ${address}: ${connectTexts[made.refused]}\n`)
    else {
      process.host.witness.connection(place)
      return fail(`telnet: Unable to connect to remote host: ${connectTexts[made.refused]}\n`)
    }
  }
  return 1
}
