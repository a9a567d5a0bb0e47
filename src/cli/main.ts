import { commands } from './commands.ts'
import { inWords, nearest, Usage } from './usage.ts'

/** Exit codes: 0 done, 1 it did not work, 2 it was asked wrongly (nothing was done). */
async function main([name = 'help', ...args]: string[]): Promise<number> {
  // `skep help events` is `skep events --help`.
  if (name === 'help' && args[0] !== undefined) return main([args[0], '--help'])
  const known = name === '--help' || name === '-h' ? 'help' : name === '--version' ? 'version' : name
  const load = commands.get(known)
  if (!load) {
    const near = nearest(name, [...commands.keys()])
    throw new Usage(`No such command: ${name}${near === undefined ? '' : `. Did you mean ${near}?`}`, 'skep --help')
  }
  const command = (await load.load()).default
  if (args.includes('--help') || args.includes('-h')) {
    process.stdout.write(command.help)
    return 0
  }
  return (await command.run(args)) ?? 0
}

// A reader that has seen enough (`skep events | head`) is no failure.
process.stdout.on('error', (error: NodeJS.ErrnoException) => process.exit(error.code === 'EPIPE' ? 0 : 1))

main(process.argv.slice(2)).then(
  code => {
    process.exitCode = code
  },
  (error: Error) => {
    process.stderr.write(`skep: ${inWords(error)}\n`)
    if (error instanceof Usage) process.stderr.write(`Try: ${error.hint}\n`)
    process.exitCode = error instanceof Usage || ['ConfigError', 'NotAllowed'].includes(error.name) ? 2 : 1
    if (process.exitCode === 1 && process.env.SKEP_TRACE) process.stderr.write(`${error.stack}\n`)
  },
)
