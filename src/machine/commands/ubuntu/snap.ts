import type { Program } from '../../system.ts'
import { packageVersion } from '../package-version.ts'
import { say } from '../system/facts.ts'

/** snap(1) of snapd on a server whose image brought none. */
export const snap: Program = async process => {
  const { os } = process.host.persona
  const [verb = '', ...words] = process.argv
    .slice(1)
    .filter(word => !/^--?(color|unicode|classic|dangerous)/.test(word))
  const version = packageVersion(process, 'snapd', '2.67.1')
  const refuse = async (text: string): Promise<number> => {
    await process.stderr.write(`error: ${text}\n`)
    return 1
  }
  if (verb === 'version' || verb === '--version')
    return say(
      process,
      `snap    ${version}\nsnapd   ${version}\nseries  16\nubuntu  ${os.version}\nkernel  ${os.kernel}\n`,
    )
  if (verb === 'list' || verb === 'changes') {
    await process.stderr.write(
      verb === 'list' ? "No snaps are installed yet. Try 'snap install hello-world'.\n" : 'error: no changes found\n',
    )
    return verb === 'list' ? 0 : 1
  }
  if (verb === '' || verb === 'help' || verb === '--help')
    return say(
      process,
      'The snap command lets you install, configure, refresh and remove snaps.\nSnaps are packages that work across many different Linux distributions,\nenabling secure delivery and operation of the latest apps and utilities.\n\nUsage: snap <command> [<options>...]\n',
    )
  const name = words[0]
  if (/^(install|find|info|download|refresh)$/.test(verb)) {
    if (process.who.uid !== 0 && verb !== 'find' && verb !== 'info') return refuse('access denied (try with sudo)')
    if (name === undefined && verb !== 'refresh')
      return refuse('the required argument `<snap> (at least 1 argument)` was not provided')
    process.host.witness.download({
      url: 'https://api.snapcraft.io/v2/snaps/refresh',
      tool: 'snap',
      argv: process.argv,
    })
    await process.sleep(3)
    return refuse('unable to contact snap store')
  }
  if (/^(remove|disable|enable|start|stop|restart|run|revert)$/.test(verb)) {
    if (process.who.uid !== 0) return refuse('access denied (try with sudo)')
    return refuse(`snap "${name ?? ''}" is not installed`)
  }
  return refuse(`unknown command "${verb}", see 'snap help'.`)
}
