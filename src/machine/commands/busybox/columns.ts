import type { Process, Program } from '../../system.ts'
import { getopt, type Option, shortOptions } from '../getopt.ts'
import { reworded } from './messages.ts'
import { optionMistake } from './wget.ts'

const options: Option[] = [
  ...shortOptions('1AaCxdLHRFplinshrSXvctuw:'),
  { long: 'full-time' },
  { long: 'group-directories-first' },
  { long: 'color', argument: 'optional' },
]

/** ls of BusyBox: the system's own, with the long format set as BusyBox sets it. */
export const ls: Program = async process => {
  const { programs } = await import('../index.ts')
  const program = programs.get('/usr/bin/ls')
  if (!program) return 1
  const parsed = getopt(process.argv, options)
  if (typeof parsed === 'string') return optionMistake(process, 'ls', parsed)
  const errors = reworded(process, 'ls')
  const long = process.argv.slice(1).some(word => /^-[A-Za-z0-9]*[ln]/.test(word))
  const output = long
    ? reset(process, longLine)
    : { write: process.stdout.write.bind(process.stdout), end: async () => {} }
  const status = await program({ ...process, stdout: output, stderr: errors.output })
  await output.end()
  await errors.end()
  return status === 0 ? 0 : 1
}

const line = /^((?:\s*\d+ )?[-dlbcps][-rwxsStT]{9})[.+]?\s+(\d+) (\S+)\s+(\S+)\s+(\d+,\s+\d+|\d+) (.*)$/

/** A line of GNU's long format in BusyBox's columns. */
const longLine = (text: string): string => {
  const found = line.exec(text)
  if (!found) return text
  const [, mode = '', links = '', user = '', group = '', size = '', name = ''] = found
  const owner = (word: string): string => word.slice(0, 8).padEnd(8)
  return `${mode} ${links.padStart(4)} ${owner(user)} ${owner(group)} ${size.replace(/,\s+/, ', ').padStart(9)} ${name}`
}

/** wc of BusyBox: several counts stand in columns of nine. */
export const wc: Program = async process => {
  const { programs } = await import('../index.ts')
  const program = programs.get('/usr/bin/wc')
  if (!program) return 1
  const errors = reworded(process, 'wc')
  const output = reset(process, text => {
    const found = /^\s*(\d+(?:\s+\d+)+)( .*)?$/.exec(text)
    return found
      ? found[1]!
          .split(/\s+/)
          .map(count => count.padStart(9))
          .join(' ') + (found[2] ?? '')
      : text.trimStart()
  })
  const status = await program({ ...process, stdout: output, stderr: errors.output })
  await output.end()
  await errors.end()
  return status === 0 ? 0 : 1
}

/** Standard output, each line set anew. */
const reset = (process: Process, one: (text: string) => string) => {
  let rest = ''
  const set = (text: string): string => {
    process.step()
    return text.length < 2000 ? one(text) : text
  }
  return {
    async write(data: Buffer | string) {
      const lines = (rest + (typeof data === 'string' ? data : data.toString('latin1'))).split('\n')
      rest = lines.pop() ?? ''
      if (lines.length > 0) await process.stdout.write(`${lines.map(set).join('\n')}\n`)
    },
    async end() {
      if (rest !== '') await process.stdout.write(set(rest))
    },
  }
}
