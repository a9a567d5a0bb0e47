import type { Process, Program } from '../../system.ts'
import { reworded } from './messages.ts'

/** ls of BusyBox: the system's own, with the long format set as BusyBox sets it. */
export const ls: Program = async process => {
  const { programs } = await import('../index.ts')
  const program = programs.get('/usr/bin/ls')
  if (!program) return 1
  const errors = reworded(process, 'ls')
  const long = process.argv.slice(1).some(word => /^-[A-Za-z0-9]*[ln]/.test(word))
  const output = long ? reset(process) : { write: process.stdout.write.bind(process.stdout), end: async () => {} }
  const status = await program({ ...process, stdout: output, stderr: errors.output })
  await output.end()
  await errors.end()
  return errors.usage ? 1 : status
}

const line = /^((?:\s*\d+ )?[-dlbcps][-rwxsStT]{9})[.+]?\s+(\d+) (\S+)\s+(\S+)\s+(\d+,\s+\d+|\d+) (.*)$/

/** Lines of GNU's long format in BusyBox's columns. */
const reset = (process: Process) => {
  let rest = ''
  const one = (text: string): string => {
    process.step()
    const found = text.length < 2000 ? line.exec(text) : null
    if (!found) return text
    const [, mode = '', links = '', user = '', group = '', size = '', name = ''] = found
    const owner = (word: string): string => word.slice(0, 8).padEnd(8)
    return `${mode} ${links.padStart(4)} ${owner(user)} ${owner(group)} ${size.replace(/,\s+/, ', ').padStart(9)} ${name}`
  }
  return {
    async write(data: Buffer | string) {
      const lines = (rest + (typeof data === 'string' ? data : data.toString('latin1'))).split('\n')
      rest = lines.pop() ?? ''
      if (lines.length > 0) await process.stdout.write(`${lines.map(one).join('\n')}\n`)
    },
    async end() {
      if (rest !== '') await process.stdout.write(one(rest))
    },
  }
}
