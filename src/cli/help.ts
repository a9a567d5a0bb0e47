import { commands } from './commands.ts'
import { print } from './usage.ts'

const help = 'Usage: skep help\n'

export default {
  help,
  async run() {
    print('skep – a colony of honeypots, their store and their page in one light program\n')
    print('Usage: skep COMMAND [flags]\n')
    for (const [name, { summary }] of commands) print(`  ${name.padEnd(11)}${summary}`)
    print('\nEvery command has --help with examples. Exit codes: 0 done, 1 failed, 2 asked wrongly.')
    return 0
  },
}
