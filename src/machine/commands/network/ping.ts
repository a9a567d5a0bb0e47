import { addressesOf } from '../../fs/addresses.ts'
import { ipv4Of, ipv6Of } from '../../internet/addresses.ts'
import { isOwn, lookup, reach } from '../../internet/reach.ts'
import type { Process, Program } from '../../system.ts'
import { getopt, type Parsed, shortOptions } from '../getopt.ts'
import { type Echoes, echoesTo } from './echo.ts'

const usage = '\nUsage\n  ping [options] <destination>\n'

/** Microseconds as iputils prints them: four digits at most. */
const timeText = (milliseconds: number): string => {
  if (milliseconds >= 99.95) return milliseconds.toFixed(0)
  if (milliseconds >= 9.995) return milliseconds.toFixed(1)
  return milliseconds >= 0.9995 ? milliseconds.toFixed(2) : milliseconds.toFixed(3)
}

/** ping(8) of iputils 20221126. */
export const ping: Program = async process => {
  const name = (process.argv[0] ?? 'ping').replace(/^.*\//s, '')
  const fail = async (text: string, status = 2): Promise<number> => {
    await process.stderr.write(`${process.argv[0] ?? 'ping'}: ${text}\n`)
    return status
  }
  const parsed = getopt(process.argv, shortOptions('h?4bRT:6F:N:aABc:CdDe:fi:I:l:Lm:M:nOp:qQ:rs:S:t:UvVw:W:'))
  if (typeof parsed === 'string') {
    await process.stderr.write(`${parsed}\n${usage}`)
    return 2
  }
  if (parsed.has('V')) {
    await process.stdout.write(
      'ping from iputils 20221126\nlibcap: yes, IDN: yes, NLS: no, error.h: yes, getrandom(): yes, __fpending(): yes\n',
    )
    return 0
  }
  if (parsed.has('h') || parsed.has('?')) {
    await process.stderr.write(usage)
    return 2
  }
  for (const option of ['c', 's', 'w', 't'] as const) {
    const value = parsed.value(option)
    if (value === undefined) continue
    if (!/^-?\d{1,18}$/.test(value)) return fail(`invalid argument: '${value}'`, 1)
    const [low, high] = { c: [1, '9223372036854775807'], s: [0, '65507'], w: [0, '2147483647'], t: [0, '255'] }[
      option
    ] as [number, string]
    if (Number(value) < low || Number(value) > Number(high))
      return fail(`invalid argument: '${value}': out of range: ${low} <= value <= ${high}`, 1)
  }
  const host = parsed.operands[0]
  if (host === undefined) return fail('usage error: Destination address required', 1)
  const family = parsed.has('6') || name === 'ping6' ? 6 : parsed.has('4') || name === 'ping4' ? 4 : undefined
  const addresses = lookup(process, host, family)
  if (!addresses) {
    process.host.witness.connection({ host, port: 0, tool: 'ping' })
    return fail(`${host}: Name or service not known`)
  }
  return run(process, parsed, host, addresses[0]!)
}

const run = async (process: Process, parsed: Parsed, host: string, address: string): Promise<number> => {
  const size = Number(parsed.value('s') ?? 56)
  const v6 = address.includes(':')
  // With -4 this release forgets the name that it was given.
  const shown = parsed.has('4') && ipv4Of(host) === undefined ? '' : host
  const literal = ipv4Of(host) !== undefined || ipv6Of(host) !== undefined
  const numeric = parsed.has('n')
  const named = literal
    ? address
    : numeric
      ? address
      : v6
        ? `${host} (${address})`
        : `${nameFor(host, address)} (${address})`
  process.host.witness.connection({ host, port: 0, tool: 'ping' })
  const inside = literal || numeric ? address : `${host} (${address})`
  await process.stdout.write(
    v6
      ? `PING ${host}(${inside}) ${size} data bytes\n`
      : `PING ${shown} (${address}) ${size}(${size + 28}) bytes of data.\n`,
  )
  if (v6 && !isOwn(process, address)) {
    await process.stderr.write(`${process.argv[0]}: connect: Network is unreachable\n`)
    return 2
  }
  const quiet = parsed.has('q') || parsed.has('f')
  const interval = parsed.has('f') ? 0.01 : Math.max(0.002, Number(parsed.value('i') ?? 1) || 0.002)
  const source = addressesOf(process.host.persona, process.host.processes).v4
  const unreachable = reach(process, address, 80).refused === 'EHOSTUNREACH' && !isOwn(process, address)
  let errors = 0
  const echoes = await echoesTo(process, address, {
    count: Number(parsed.value('c') ?? 0),
    interval,
    until: Number(parsed.value('w') ?? 0),
    async answered(sequence, milliseconds, ttl) {
      if (quiet) return
      const stamp = parsed.has('D') ? `[${(process.now() / 1000).toFixed(6)}] ` : ''
      await process.stdout.write(
        `${stamp}${size + 8} bytes from ${named}: icmp_seq=${sequence} ttl=${ttl} time=${timeText(milliseconds)} ms\n`,
      )
    },
    async missing(sequence) {
      if (!unreachable) return
      errors++
      if (!quiet) await process.stdout.write(`From ${source} icmp_seq=${sequence} Destination Host Unreachable\n`)
    },
  })
  await process.stdout.write(statistics(shown, echoes, errors, interval))
  return echoes.times.length > 0 ? 0 : 1
}

const nameFor = (host: string, address: string): string =>
  address.startsWith('127.') ? 'localhost' : host === address ? address : address

const statistics = (host: string, { sent, times }: Echoes, errors: number, interval: number): string => {
  const lost = sent === 0 ? 0 : ((sent - times.length) * 100) / sent
  const share = Number.isInteger(lost) ? String(lost) : String(Number(lost.toPrecision(6)))
  const elapsed = Math.round(
    times.reduce((sum, time) => Math.max(sum, time), 0) > interval * 1000 ? 0 : (sent - 1) * (interval * 1000 + 1.4),
  )
  const wrong = errors > 0 ? `+${errors} errors, ` : ''
  const head = `\n--- ${host} ping statistics ---\n${sent} packets transmitted, ${times.length} received, ${wrong}${share}% packet loss, time ${Math.max(0, elapsed)}ms\n`
  if (times.length === 0) return `${head}${errors > 0 ? `pipe ${Math.min(errors, 4)}` : ''}\n`
  const mean = times.reduce((sum, time) => sum + time, 0) / times.length
  const deviation = Math.sqrt(
    Math.max(0, times.reduce((sum, time) => sum + time * time, 0) / times.length - mean * mean),
  )
  const numbers = [Math.min(...times), mean, Math.max(...times), deviation].map(time => time.toFixed(3))
  return `${head}rtt min/avg/max/mdev = ${numbers.join('/')} ms\n`
}
