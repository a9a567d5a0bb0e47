import { accountOf } from '../../accounts.ts'
import type { Process, Program } from '../../system.ts'
import { attempt } from '../paths.ts'
import { textOf } from '../system/facts.ts'

/** What wipers and people do to a device that nobody here does: it succeeds without a word. */
export const obeys: Program = async () => 0

/** lsmod, from /proc/modules. */
export const lsmod: Program = async process => {
  const rows = (textOf(process, '/proc/modules') ?? '').split('\n').slice(0, 200)
  let text = 'Module                  Size  Used by    Tainted: P  \n'
  for (const row of rows) {
    const [name, size = '', users = ''] = row.split(' ')
    if (name) text += `${name.padEnd(19)} ${size.padStart(8)} ${users.padStart(2)} \n`
  }
  await process.stdout.write(text)
  return 0
}

/** dmesg: what the kernel of such a device says when it starts, as far as /proc bears it out. */
export const dmesg: Program = async process => {
  if (process.argv.includes('-c') && process.who.uid !== 0) {
    await process.stderr.write('dmesg: klogctl: Operation not permitted\n')
    return 1
  }
  const state = process.host.state<{ cleared: boolean }>('kernel log', () => ({ cleared: false }))
  if (!state.cleared) await process.stdout.write(bootLog(process))
  if (process.argv.some(word => /^-\w*c/.test(word))) state.cleared = true
  return 0
}

const bootLog = (process: Process): string => {
  const read = (path: string): string => (textOf(process, path) ?? '').trimEnd()
  const { persona, mounts } = process.host
  const noise = persona.derive('boot log', 16)
  const arm = persona.os.arch !== 'mips'
  const cpuinfo = read('/proc/cpuinfo')
  const field = (name: string): string => new RegExp(`^${name}\\s*: (.*)$`, 'm').exec(cpuinfo)?.[1] ?? ''
  const total = Number(/MemTotal:\s+(\d+)/.exec(read('/proc/meminfo'))?.[1] ?? 0)
  const pages = Math.floor(total / 4)
  const parts = read('/proc/mtd')
    .split('\n')
    .slice(1)
    .map(row => /^mtd\d+: (\w+) \w+ "(.*)"$/.exec(row))
  let offset = 0
  const partitions = parts.map(part => {
    const from = offset
    offset += Number.parseInt(part?.[1] ?? '0', 16)
    return `0x${from.toString(16).padStart(12, '0')}-0x${offset.toString(16).padStart(12, '0')} : "${part?.[2] ?? ''}"`
  })
  const settings = mounts.find(({ source }) => source.startsWith('/dev/mtdblock'))
  const lines = [
    read('/proc/version'),
    ...(arm
      ? [
          `CPU: ${field('model name') || field('Processor')} [${noise.toString('hex', 0, 4)}], cr=10c5387d`,
          `Machine: ${field('Hardware')}`,
        ]
      : [
          'bootconsole [early0] enabled',
          `CPU revision is: 000193${noise.toString('hex', 0, 1)} (${field('cpu model')})`,
          `SoC: ${field('system type')}`,
        ]),
    `Built 1 zonelists in Zone order, mobility grouping on.  Total pages: ${pages}`,
    `Kernel command line: ${read('/proc/cmdline')}`,
    'PID hash table entries: 256 (order: -2, 1024 bytes)',
    `Memory: ${total - 120}k/${total + 2048}k available (3${noise[4]! % 900}k kernel code, ${2168 + noise[5]!}k reserved)`,
    `Calibrating delay loop... ${field('BogoMIPS')} BogoMIPS (lpj=${Math.floor(Number(field('BogoMIPS')) * 5000)})`,
    'NET: Registered protocol family 16',
    'NET: Registered protocol family 2',
    'TCP: Hash tables configured (established 2048 bind 2048)',
    `squashfs: version 4.0 (2009/01/31) Phillip Lougher`,
    'JFFS2 version 2.2. (NAND) (SUMMARY)  2001-2006 Red Hat, Inc.',
    `Serial: 8250/16550 driver, 2 ports, IRQ sharing disabled`,
    `${parts.length} cmdlinepart partitions found on MTD device ${arm ? 'hi_sfc' : 'flash'}`,
    `Creating ${parts.length} MTD partitions on "${arm ? 'hi_sfc' : 'flash'}":`,
    ...partitions,
    'TCP cubic registered',
    'NET: Registered protocol family 17',
    `VFS: Mounted root (${mounts[0]!.type} filesystem) readonly on device 31:2.`,
    `Freeing init memory: ${100 + noise[6]!}K`,
    ...(settings
      ? [
          `JFFS2 notice: (${200 + noise[7]!}) jffs2_build_xattr_subsystem: complete building xattr subsystem, 0 of xdatum`,
        ]
      : []),
    `${persona.interface}: link up, 100Mbps full-duplex`,
  ]
  // Without CONFIG_PRINTK_TIME, as most makers leave it.
  return `${lines.join('\n')}\n`
}

/** passwd of BusyBox 1.35.0, which writes a new file beside the old one: where it may not, nothing is changed. */
export const passwd: Program = async process => {
  const name = process.argv.slice(1).find(word => !word.startsWith('-')) ?? process.env.get('USER') ?? 'root'
  if (!accountOf(process.fs, name)) {
    await process.stderr.write(`passwd: unknown user ${name}\n`)
    return 1
  }
  await process.stdout.write(`Changing password for ${name}\n`)
  const first = await ask(process, 'New password: ')
  if (first === undefined) return 1
  if (first.length < 6) await process.stdout.write('Bad password: too short\n')
  const second = await ask(process, 'Retype password: ')
  if (second === undefined) return 1
  if (second !== first) {
    await process.stderr.write(`Passwords don't match\npasswd: password for ${name} is unchanged\n`)
    return 1
  }
  process.host.witness.account({ user: name, change: 'password', password: first })
  const made = attempt(() => process.fs.writeFile('/etc/passwd+', Buffer.alloc(0), process.who, { exclusive: true }))
  if ('error' in made) {
    await process.stderr.write(
      `passwd: can't create '/etc/passwd+': ${made.error}\npasswd: can't update password file /etc/passwd\n`,
    )
    return 1
  }
  process.fs.unlink('/etc/passwd+', process.who)
  await process.stdout.write(`passwd: password for ${name} changed by root\n`)
  return 0
}

/** A line without its echo. */
const ask = async (process: Process, prompt: string): Promise<string | undefined> => {
  await process.stdout.write(prompt)
  const { terminal } = process
  const before = terminal?.modes.echo
  if (terminal) terminal.modes.echo = false
  let line = ''
  try {
    while (!line.includes('\n')) {
      const data = await process.stdin.read(1)
      if (data === undefined) break
      line += data.toString('latin1')
      if (line.length > 256) break
    }
  } finally {
    if (terminal && before !== undefined) terminal.modes.echo = before
  }
  await process.stdout.write('\n')
  return line === '' ? undefined : line.replace(/\r?\n$/, '')
}
