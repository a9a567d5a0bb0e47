import type { Process, Program } from '../../system.ts'
import { upstreamVersion } from '../package-version.ts'
import { say, textOf } from '../system/facts.ts'

const services: readonly [name: string, available: 'yes', description: string][] = [
  ['anbox-cloud', 'yes', 'Scalable Android in the cloud'],
  ['esm-apps', 'yes', 'Expanded Security Maintenance for Applications'],
  ['esm-infra', 'yes', 'Expanded Security Maintenance for Infrastructure'],
  ['fips-updates', 'yes', 'FIPS compliant crypto packages with stable security updates'],
  ['livepatch', 'yes', 'Canonical Livepatch service'],
  ['ros', 'yes', 'Security Updates for the Robot Operating System'],
  ['usg', 'yes', 'Security compliance and audit tools'],
]

/** pro(1), also as ua and ubuntu-advantage: a machine that nobody attached to Ubuntu Pro. */
export const pro: Program = async process => {
  const [verb = 'help', ...rest] = process.argv.slice(1)
  if (verb === '--version' || verb === 'version') return say(process, `${versionOf(process)}\n`)
  if (verb === 'status') {
    const rows = services.map(([name, available, about]) => `${name.padEnd(17)}${available.padEnd(11)}${about}\n`)
    return say(
      process,
      `SERVICE          AVAILABLE  DESCRIPTION\n${rows.join('')}\nThis machine is not attached to an Ubuntu Pro subscription.\nSee https://ubuntu.com/pro\n`,
    )
  }
  if (verb === 'security-status') return say(process, 'This machine is NOT attached to an Ubuntu Pro subscription.\n')
  if (verb === 'help' || verb === '--help')
    return say(
      process,
      'usage: pro <command> [flags]\n\nQuick start commands:\n\n  status           current status of all Ubuntu Pro services\n',
    )
  if (process.who.uid !== 0 && /^(attach|detach|enable|disable|refresh|fix)$/.test(verb)) {
    await process.stderr.write('This command must be run as root (try using sudo).\n')
    return 1
  }
  if (/^(enable|disable|detach)$/.test(verb)) {
    await process.stderr.write(
      verb === 'detach'
        ? 'This machine is not attached to an Ubuntu Pro subscription.\nSee https://ubuntu.com/pro\n'
        : `To use '${rest[0] ?? ''}' you need an Ubuntu Pro subscription.\nPersonal and community subscriptions are available at no charge\nSee https://ubuntu.com/pro\n`,
    )
    return 1
  }
  if (verb === 'attach' || verb === 'refresh' || verb === 'fix') {
    await process.sleep(2)
    await process.stderr.write(
      'Failed to connect to https://contracts.canonical.com/\n[Errno -3] Temporary failure in name resolution\n',
    )
    return 1
  }
  await process.stderr.write(
    `usage: pro <command> [flags]\nTry 'pro --help' for more information.\nargument command: invalid choice: '${verb}'\n`,
  )
  return 1
}
const versionOf = (process: Process): string => upstreamVersion(process, 'ubuntu-pro-client') || '36ubuntu0'

/** do-release-upgrade(8): there is one, and it is not to be had just now. */
export const doReleaseUpgrade: Program = async process => {
  await process.stdout.write('Checking for a new Ubuntu release\n')
  await process.sleep(1.5)
  const offered = textOf(process, '/var/lib/ubuntu-release-upgrader/release-upgrade-available')
  const name = /'([^']*)'/.exec(offered ?? '')?.[1]
  if (name === undefined) return say(process, 'No new release found.\n')
  if (process.argv.includes('-c'))
    return say(process, `New release '${name}' available.\nRun 'do-release-upgrade' to upgrade to it.\n`)
  if (process.who.uid !== 0) {
    await process.stderr.write('You need to be root to run the upgrade.\n')
    return 1
  }
  return say(process, 'Please install all available updates for your release before upgrading.\n')
}
