import { connectTexts, isAddress, lookup, reach } from '../../internet/reach.ts'
import type { Job } from './wget-job.ts'
import type { WgetUrl } from './wget-url.ts'

/** Names and connections, told as they are tried. `again`: it is worth another try. */
export const connect = async (
  job: Job,
  { parts }: WgetUrl,
  say: (text: string) => Promise<void>,
): Promise<{ address: string } | 'failed' | 'again'> => {
  const { process, options, log, open, quoted } = job
  const { host, port } = parts
  const shownHost = host.includes(':') ? `[${host}]` : host
  const key = `${host}:${port}`
  const literal = isAddress(host)
  let addresses: string[] | undefined
  if (literal) addresses = lookup(process, host)
  else {
    if (open.has(key)) {
      addresses = lookup(process, host)
    } else {
      await say(`Resolving ${host} (${host})... `)
      addresses = lookup(process, host, options.has('inet4-only') ? 4 : options.has('inet6-only') ? 6 : undefined)
      await process.sleep(0.03)
      if (!addresses) {
        await say('failed: Name or service not known.\n')
        if (options.verbosity !== 'quiet')
          await log.write(`${process.argv[0] ?? 'wget'}: unable to resolve host address ${quoted(host)}\n`)
        return 'failed'
      }
      const shown = addresses.slice(0, 3).join(', ')
      await say(`${shown}${addresses.length > 3 ? ', ...' : ''}\n`)
    }
  }
  for (const address of addresses ?? []) {
    const named = literal ? `${shownHost}:${port}` : `${host} (${host})|${address}|:${port}`
    if (open.has(key)) {
      await say(`Reusing existing connection to ${literal ? `${shownHost}:${port}` : `${host}:${port}`}.\n`)
      return { address }
    }
    await say(`Connecting to ${named}... `)
    const made = reach(process, address, port)
    const given = options.timeout
    if (given > 0 && made.seconds > given) {
      await process.sleep(given)
      await say('failed: Connection timed out.\n')
      if (address === addresses!.at(-1)) return 'again'
      continue
    }
    if (made.seconds > 0) await process.sleep(made.seconds)
    if (!made.refused) {
      await say('connected.\n')
      if (parts.scheme.startsWith('http')) open.add(key)
      return { address }
    }
    const text = connectTexts[made.refused]
    await (options.verbosity === 'short' ? log.write(`failed: ${text}.\n`) : say(`failed: ${text}.\n`))
    if (made.refused === 'ETIMEDOUT' && address === addresses!.at(-1)) return 'again'
    if (made.refused === 'ECONNREFUSED' && options.has('retry-connrefused') && address === addresses!.at(-1))
      return 'again'
  }
  return 'failed'
}
