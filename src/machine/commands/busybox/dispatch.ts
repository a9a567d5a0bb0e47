import { type Process, type Program, SystemError } from '../../system.ts'
import { bannerOf, usageText } from './busybox.ts'
import { reworded } from './messages.ts'

/** Applets with answers of their own: layout or words differ from the system's program of that name. */
const own: ReadonlyMap<string, () => Promise<Program>> = new Map([
  ['wget', async () => (await import('./wget.ts')).wget],
  ['tftp', async () => (await import('./fetchers.ts')).tftp],
  ['ftpget', async () => (await import('./fetchers.ts')).ftpget],
  ['ftpput', async () => (await import('./fetchers.ts')).ftpput],
  ['nc', async () => (await import('./connect.ts')).nc],
  ['telnet', async () => (await import('./connect.ts')).telnet],
  ['ping', async () => (await import('./ping.ts')).ping],
  ['ping6', async () => (await import('./ping.ts')).ping],
  ['traceroute', async () => (await import('./connect.ts')).traceroute],
  ['ps', async () => (await import('./ps.ts')).ps],
  ['top', async () => (await import('./ps.ts')).top],
  ['df', async () => (await import('./df.ts')).df],
  ['ifconfig', async () => (await import('./network.ts')).ifconfig],
  ['route', async () => (await import('./network.ts')).route],
  ['netstat', async () => (await import('./network.ts')).netstat],
  ['arp', async () => (await import('./network.ts')).arp],
  ['uptime', async () => (await import('./network.ts')).uptime],
  ['ls', async () => (await import('./columns.ts')).ls],
  ['free', async () => (await import('./free.ts')).free],
  ['echo', async () => (await import('./echo.ts')).echo],
  ['usleep', async () => (await import('./small.ts')).usleep],
  ['killall', async () => (await import('./small.ts')).killall],
  ['kill', async () => (await import('./small.ts')).kill],
  ['pwd', async () => (await import('./small.ts')).pwd],
  ['wc', async () => (await import('./columns.ts')).wc],
  ['xxd', async () => (await import('./xxd.ts')).xxd],
  ['whoami', async () => (await import('./small.ts')).whoami],
])

const ofAppliances = (name: 'dmesg' | 'lsmod' | 'passwd' | 'obeys') => async () =>
  (await import('./appliance.ts'))[name]
/** What a device does itself, and a server with BusyBox has a program for. */
const appliances: ReadonlyMap<string, () => Promise<Program>> = new Map([
  ['dmesg', ofAppliances('dmesg')],
  ['lsmod', ofAppliances('lsmod')],
  ['passwd', ofAppliances('passwd')],
  ...[
    ...['reboot', 'halt', 'poweroff', 'flash_eraseall', 'insmod', 'rmmod', 'modprobe', 'telnetd', 'tftpd', 'udhcpd'],
    ...['syslogd', 'klogd', 'crond', 'inetd', 'watchdog', 'mdev', 'ifup', 'ifdown', 'brctl', 'vconfig', 'sync', 'init'],
    ...['ntpd', 'rdate', 'freeramdisk', 'start-stop-daemon', 'udhcpc', 'hwclock', 'swapoff', 'swapon', 'setconsole'],
  ].map(name => [name, ofAppliances('obeys')] as const),
])

/** Applets whose program has another name here. */
const otherNames: ReadonlyMap<string, string> = new Map([
  ['awk', '/usr/bin/mawk'],
  ['vi', '/usr/bin/vim.tiny'],
  ['which', '/usr/bin/which.debianutils'],
  ['w', '/usr/bin/w.procps'],
  ['[[', '/usr/bin/['],
  ['reset', '/usr/bin/tset'],
  ['pidof', '/usr/bin/pidof'],
  ['unxz', '/usr/bin/xz'],
  ['xzcat', '/usr/bin/xz'],
  ['bunzip2', '/usr/bin/bzip2'],
  ['bzcat', '/usr/bin/bzip2'],
])

/** Runs an applet that is in the list. */
export const runApplet = async (process: Process, name: string, argv: string[]): Promise<number> => {
  if (name === 'sh' || name === 'ash') return shell(process, argv)
  const load = (process.host.make.busybox ? appliances.get(name) : undefined) ?? own.get(name)
  if (load) return (await load())({ ...process, argv })
  const program = await systemProgram(process, name)
  if (!program) {
    await process.stderr.write(usageText(process, name))
    return 1
  }
  const errors = reworded(process, name)
  const status = await program({ ...process, argv, stderr: errors.output })
  await errors.end()
  // BusyBox knows one failure.
  return errors.usage || status > 1 ? Math.min(1, status) || 1 : status
}

/** The system's own program of that name, which does the same; what an attacker did to its file changes nothing here. */
const systemProgram = async (process: Process, name: string): Promise<Program | undefined> => {
  const { programs } = await import('../index.ts')
  const named = otherNames.get(name)
  const paths = named ? [named] : [`/usr/bin/${name}`, `/usr/sbin/${name}`]
  for (const path of paths) {
    const found = programs.get(path) ?? programs.get(linkFree(process, path))
    if (found) return found
  }
  return undefined
}

const linkFree = (process: Process, path: string): string => {
  try {
    return process.fs.realpath(path, process.who)
  } catch (error) {
    if (error instanceof SystemError) return path
    throw error
  }
}

/** ash, in the applet's own process, behind its greeting. */
const shell = async (process: Process, argv: string[]): Promise<number> => {
  process.argv = argv
  if (process.isatty[0] && (argv.length === 1 || argv[1] === '-i' || argv[1] === '-l'))
    await process.stdout.write(
      `\n\n${bannerOf(process)} built-in shell (ash)\nEnter 'help' for a list of built-in commands.\n\n`,
    )
  return process.host.shell('ash')(process)
}
