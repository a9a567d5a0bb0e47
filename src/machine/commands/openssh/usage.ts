import type { Process } from '../../system.ts'
import { getopt, type Parsed, shortOptions } from '../getopt.ts'

/** getopt(3) as OpenSSH brings it along, BSD's: it stops at the first operand. A mistake is its message. */
export const parseOptions = (argv: readonly string[], spec: string): Parsed | string => {
  const parsed = getopt(argv, shortOptions(spec), { posix: true })
  if (typeof parsed !== 'string') return parsed
  const [, letter = '-'] = / -- '(.)'$/s.exec(parsed) ?? []
  return parsed.includes('requires an argument')
    ? `option requires an argument -- ${letter}`
    : `unknown option -- ${letter}`
}

/** Lines of OpenSSH's log, which end as terminals want it. */
export const log = (process: Process, text: string): Promise<void> => process.stderr.write(`${text}\r\n`)

/** Says it and gives the status. */
export const fatal = async (process: Process, text: string, status = 255): Promise<number> => {
  await log(process, text)
  return status
}
