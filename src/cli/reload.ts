import { runningPid } from '#supervisor/layout.ts'
import { dataDirectory, flags, print } from './usage.ts'

const help = `Usage: skep reload [--data DIR]

Makes the running program read skep.yaml again. Options of services change at once, for new conversations; ports and
limits at the next start, and the program says which. The same as sending it SIGHUP.
`

export default {
  help,
  async run(args: string[]) {
    const { values } = flags('reload', args, { data: { type: 'string', default: './data-local' } })
    const pid = runningPid(dataDirectory(values.data))
    if (pid === undefined) throw new Error(`No skep is running in ${values.data}`)
    process.kill(pid, 'SIGHUP')
    print('asked it to read its configuration again; see its log')
    return 0
  },
}
