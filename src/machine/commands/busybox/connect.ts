import { connectTexts, isAddress, lookup, reach } from '../../internet/reach.ts'
import type { Process, Program } from '../../system.ts'
import { getopt, shortOptions } from '../getopt.ts'
import { listen, relay } from '../network/relay.ts'
import { optionMistake } from './wget.ts'

/**
 * Looks the host up and connects, with the messages of libbb's xconnect. The address, or an exit status. `told` hears
 * place and name once the name is known.
 */
export const connectTo = async (
  process: Process,
  host: string,
  port: number,
  tool: string,
  told: (place: string, shown: string) => Promise<void> = async () => {},
  patience = 0,
): Promise<string | number> => {
  const addresses = lookup(process, host)
  if (!addresses) {
    if (!isAddress(host)) await process.sleep(0.05)
    await process.stderr.write(`${tool}: bad address '${host}'\n`)
    return 1
  }
  const address = addresses.find(one => !one.includes(':')) ?? addresses[0]!
  const place = `${address.includes(':') ? `[${address}]` : address}:${port}`
  await told(place, port === 80 || port === 443 ? host : `${host}:${port}`)
  const made = reach(process, address, port)
  if (patience > 0 && made.seconds > patience) {
    await process.sleep(patience)
    await process.stderr.write(`${tool}: timed out\n`)
    return 1
  }
  if (made.seconds > 0) await process.sleep(made.seconds)
  if (made.refused === undefined) return address
  await process.stderr.write(`${tool}: can't connect to remote host (${address}): ${connectTexts[made.refused]}\n`)
  return 1
}

/** nc of BusyBox 1.35.0, with what Debian compiles in. */
export const nc: Program = async process => {
  const parsed = getopt(process.argv, shortOptions('lNi:w:p:f:e:n'), { posix: true })
  if (typeof parsed === 'string') return optionMistake(process, 'nc', parsed)
  const { operands } = parsed
  const program = parsed.value('e')
  if (parsed.has('l'))
    return listen(process, Number(parsed.value('p') ?? operands[0] ?? 0), Number(parsed.value('w') ?? 0))
  if (operands.length < 2 && !parsed.has('f')) return optionMistake(process, 'nc')
  const [host = '', port = ''] = operands
  const number = Number(port)
  if (!Number.isInteger(number) || number <= 0 || number > 65_535) {
    await process.stderr.write(`nc: bad port '${port}'\n`)
    return 1
  }
  const witness = { host, port: number, tool: 'busybox nc' }
  const address = await connectTo(process, host, number, 'nc', undefined, Number(parsed.value('w') ?? 0))
  if (typeof address === 'number') {
    process.host.witness.connection(witness)
    return address
  }
  return relay(process, witness, address, program === undefined ? undefined : [program, ...operands.slice(2)])
}

/** telnet of BusyBox 1.35.0. */
export const telnet: Program = async process => {
  const parsed = getopt(process.argv, shortOptions('al:'))
  if (typeof parsed === 'string') return optionMistake(process, 'telnet', parsed)
  const [host, port = '23'] = parsed.operands
  if (host === undefined) return optionMistake(process, 'telnet')
  const number = Number(port)
  const witness = { host, port: number, tool: 'busybox telnet' }
  const address = await connectTo(process, host, number, 'telnet')
  if (typeof address === 'number') {
    process.host.witness.connection(witness)
    return address
  }
  await process.stdout.write(`Connected to ${host}\n\nEntering character mode\nEscape character is '^]'.\n\n`)
  await relay(process, witness, address)
  await process.stdout.write('Connection closed by foreign host\r\n')
  return 1
}

/** traceroute of BusyBox 1.35.0: hops that do not say who they are, then the goal. */
export const traceroute: Program = async process => {
  const parsed = getopt(process.argv, shortOptions('46FIlnrvm:q:p:t:w:s:i:z:f:'))
  if (typeof parsed === 'string') return optionMistake(process, 'traceroute', parsed)
  const [host] = parsed.operands
  if (host === undefined) return optionMistake(process, 'traceroute')
  const address = lookup(process, host, 4)?.[0]
  if (address === undefined) {
    await process.stderr.write(`traceroute: bad address '${host}'\n`)
    return 1
  }
  const most = Math.min(Number(parsed.value('m') ?? 30) || 30, 255)
  await process.stdout.write(`traceroute to ${host} (${address}), ${most} hops max, 46 byte packets\n`)
  process.host.witness.connection({ host, port: 33_434, tool: 'busybox traceroute' })
  const made = reach(process, address, 80)
  const goal = made.seconds === 0 ? 1 : 6 + (address.length % 5)
  for (let hop = 1; hop <= Math.min(most, made.refused === 'ETIMEDOUT' ? most : goal); hop++) {
    const answers = hop === goal && made.refused !== 'ETIMEDOUT'
    const line = answers
      ? `  ${parsed.has('n') ? address : `${host} (${address})`}  ${[1, 1.02, 0.99].map(part => `${(Math.max(made.seconds, 0.000_006) * part * 1000).toFixed(3)} ms`).join('  ')}`
      : '  *  *  *'
    if (!answers) await process.sleep(3)
    await process.stdout.write(`${String(hop).padStart(2)}${line}\n`)
  }
  return 0
}
