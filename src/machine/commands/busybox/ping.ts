import { lookup } from '../../internet/reach.ts'
import type { Program } from '../../system.ts'
import { getopt, shortOptions } from '../getopt.ts'
import { echoesTo } from '../network/echo.ts'
import { optionMistake } from './wget.ts'

/** ping of BusyBox 1.35.0. */
export const ping: Program = async process => {
  const parsed = getopt(process.argv, shortOptions('46Aqc:s:i:t:I:W:w:p:'))
  if (typeof parsed === 'string') return optionMistake(process, 'ping', parsed)
  const [host] = parsed.operands
  if (host === undefined) return optionMistake(process, 'ping')
  const addresses = lookup(process, host, parsed.has('6') ? 6 : 4)
  if (!addresses) {
    await process.stderr.write(`ping: bad address '${host}'\n`)
    return 1
  }
  const address = addresses[0]!
  const size = Math.min(Number(parsed.value('s') ?? 56) || 56, 65_507)
  process.host.witness.connection({ host, port: 0, tool: 'busybox ping' })
  await process.stdout.write(`PING ${host} (${address}): ${size} data bytes\n`)
  const quiet = parsed.has('q')
  const { sent, times } = await echoesTo(process, address, {
    count: Number(parsed.value('c') ?? 0) || 0,
    interval: Number(parsed.value('i') ?? 1) || 1,
    answered: async (sequence, milliseconds, ttl) => {
      if (quiet) return
      await process.stdout.write(
        `${size + 8} bytes from ${address}: seq=${sequence - 1} ttl=${ttl} time=${milliseconds.toFixed(3)} ms\n`,
      )
    },
    until: Number(parsed.value('w') ?? 0) || 0,
  })
  const lost = sent === 0 ? 0 : Math.floor(((sent - times.length) * 100) / sent)
  await process.stdout.write(
    `\n--- ${host} ping statistics ---\n${sent} packets transmitted, ${times.length} packets received, ${lost}% packet loss\n`,
  )
  if (times.length === 0) return 1
  const average = times.reduce((sum, time) => sum + time, 0) / times.length
  await process.stdout.write(
    `round-trip min/avg/max = ${Math.min(...times).toFixed(3)}/${average.toFixed(3)}/${Math.max(...times).toFixed(3)} ms\n`,
  )
  return 0
}
