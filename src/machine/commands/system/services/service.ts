import { saysOf } from '../../../release.ts'
import { type Process, type Program, SystemError } from '../../../system.ts'
import { kernel } from '../accounts/database.ts'
import { calledAs, may, say } from '../facts.ts'
import { enable, start, stop } from './control.ts'
import { status } from './status.ts'
import { liveOf, unitOf } from './units.ts'

const usage = 'Usage: service < option > | --status-all | [ service_name [ command | --full-restart ] ]\n'

/** service(8) of init-system-helpers 1.65: systemd's units first. */
export const service: Program = async process => {
  const [, name, verb, ...rest] = process.argv
  if (name === undefined || name === '-h' || name === '--help') {
    await process.stderr.write(usage)
    return name === undefined ? 1 : 0
  }
  if (name === '--version') return say(process, `service ver. ${saysOf(process.host.persona).service}\n`)
  if (name === '--status-all') return statusAll(process)
  const unit = unitOf(process, name)
  const script = `/etc/init.d/${name}`
  if (!unit && !may(process, script, 0, kernel)) {
    await process.stderr.write(`${name}: unrecognized service\n`)
    return 1
  }
  if (verb === undefined) {
    await process.stderr.write(`Usage: ${script} {start|stop|restart|force-reload|status}\n`)
    return 1
  }
  if (verb === '--full-restart') {
    await stop(process, name)
    return start(process, name, 'start')
  }
  if (verb === 'status') return status(process, rest.length > 0 ? name : name, 10)
  if (verb === 'start' || verb === 'restart' || verb === 'try-restart' || verb === 'reload')
    return start(process, name, verb)
  if (verb === 'force-reload') return start(process, name, 'reload-or-restart')
  if (verb === 'stop') return stop(process, name)
  if (!unit) return process.run([script, verb, ...rest])
  await process.stderr.write(`Usage: ${script} {start|stop|reload|force-reload|restart|try-restart|status}\n`)
  return 1
}

const statusAll = async (process: Process): Promise<number> => {
  let names: string[] = []
  try {
    names = process.fs.readdir('/etc/init.d', kernel)
  } catch (error) {
    if (!(error instanceof SystemError)) throw error
  }
  for (const name of names.toSorted()) {
    const unit = unitOf(process, name === 'hwclock.sh' ? 'hwclock' : name)
    const running = unit && liveOf(process, unit).active === 'active'
    await process.stdout.write(` [ ${running ? '+' : '-'} ]  ${name}\n`)
  }
  return 0
}

const rcUsage =
  'usage: update-rc.d [-f] <basename> remove\n       update-rc.d [-f] <basename> defaults\n       update-rc.d [-f] <basename> defaults-disabled\n       update-rc.d <basename> disable|enable [S|2|3|4|5]\n\t\t-f: force\n\nThe disable|enable API is not stable and might change in the future.\n'

/** update-rc.d(8) of init-system-helpers 1.65. */
export const updateRcd: Program = async process => {
  const [name, verb] = process.argv.slice(1).filter(word => !word.startsWith('-'))
  const refuse = async (message: string, help = false): Promise<number> => {
    await process.stderr.write(`update-rc.d: error: ${message}\n${help ? rcUsage : ''}`)
    return 1
  }
  if (name === undefined || verb === undefined) return refuse('not enough arguments', true)
  if (verb === 'remove') return 0
  if (!may(process, `/etc/init.d/${name}`, 0, kernel)) return refuse(`unable to read /etc/init.d/${name}`)
  if (!/^(defaults|defaults-disabled|enable|disable)$/.test(verb)) return refuse(`unknown action \`${verb}'`, true)
  if (process.who.uid !== 0) return refuse('Permission denied')
  if (unitOf(process, name)) await enable(process, name, verb === 'defaults' || verb === 'enable', true)
  return 0
}

/** invoke-rc.d(8). */
export const invokeRcd: Program = async process => {
  const [name, verb] = process.argv.slice(1).filter(word => !word.startsWith('--'))
  if (name === undefined || verb === undefined) {
    await process.stderr.write(`${calledAs(process)}: syntax error: missing required parameter, --help assumed\n`)
    return 103
  }
  if (!unitOf(process, name) && !may(process, `/etc/init.d/${name}`, 0, kernel)) {
    await process.stderr.write(
      `${calledAs(process)}: could not determine current runlevel\n${calledAs(process)}: unknown initscript, /etc/init.d/${name} not found.\n`,
    )
    return 100
  }
  return verb === 'stop'
    ? stop(process, name)
    : verb === 'status'
      ? status(process, name, 10)
      : start(process, name, verb)
}
