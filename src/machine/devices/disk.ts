import { readFileSync } from 'node:fs'
import type { Persona } from '#persona/persona.ts'
import { md5Crypt } from '../commands/openssl/crypt.ts'
import type { DiskRecipe } from '../fs/disk.ts'
import type { Mount } from '../fs/mount.ts'
import { kernel as root } from '../rights.ts'
import type { FileSystem } from '../system.ts'
import { allApplets, appletsFor } from './applets.ts'
import type { Device } from './facts.ts'
import type { Firmware } from './firmwares.ts'
import { homeOf } from './persona.ts'
import { procOf } from './proc.ts'
import { processFilesOf } from './proc-process.ts'
import { sysfsOf } from './sysfs.ts'

// Read while it can be, like the server's.
const imageOf = (name: Firmware['image']): Buffer =>
  readFileSync(new URL(`../../../data/machine/${name}.img`, import.meta.url))
const images: Readonly<Record<Firmware['image'], Buffer>> = {
  'dvr-arm': imageOf('dvr-arm'),
  'router-mips': imageOf('router-mips'),
  'router-mipsel': imageOf('router-mipsel'),
}

/** A device's disk: flash that cannot be written to, settings that can, the rest in memory. */
export const deviceDisk = (device: Device, applets: ReadonlySet<string>): DiskRecipe => ({
  image: images[device.firmware.image],
  mounts: () => mountsOf(device),
  furnish: (fs, _, persona) => furnish(fs, { device, applets, persona }),
  proc: sources => ({ files: procOf(device, sources), ofProcess: processFilesOf(device) }),
  sysfs: (persona, now) => sysfsOf(device, persona, now),
})

const mountsOf = ({ firmware, bootedAt, packedAt }: Device): [Mount, ...Mount[]] => {
  const { settings } = firmware
  const sizeOf = (what: 'root' | 'settings') => (firmware.flash.find(({ holds }) => holds === what)?.kib ?? 0) * 1024
  // A packed root file system fills what it was made for, nearly.
  const packed = Math.floor((sizeOf('root') * (0.8 + (packedAt % 17) / 100)) / 131_072) * 131_072
  const block = firmware.flash.findIndex(({ holds }) => holds === 'settings')
  const mount = (path: string, source: string, type: string, options: string, dev: number): Mount => {
    return { path, source, type, options, dev, mountedAt: bootedAt }
  }
  return [
    { ...mount('/', '/dev/root', firmware.root, 'ro,relatime', 0x1f02), space: { bytes: packed, used: packed } },
    // Kernels of that age show the empty file system below as well.
    { ...mount('/', 'rootfs', 'rootfs', 'rw', 1), early: 0 },
    mount('/proc', 'proc', 'proc', 'rw,relatime', 3),
    mount('/sys', 'sysfs', 'sysfs', 'rw,relatime', 10),
    mount('/dev', 'tmpfs', 'tmpfs', 'rw,relatime', 11),
    mount('/dev/pts', 'devpts', 'devpts', 'rw,relatime,mode=600', 9),
    mount('/tmp', 'tmpfs', 'tmpfs', 'rw,relatime', 12),
    mount('/var', 'tmpfs', 'tmpfs', 'rw,relatime', 13),
    {
      ...mount(settings.path, `/dev/mtdblock${block}`, settings.type, 'rw,relatime', 0x1f00 + block),
      space: { bytes: sizeOf('settings'), used: Math.floor(sizeOf('settings') * (0.2 + (packedAt % 23) / 100)) },
    },
  ]
}

type Setting = { device: Device; applets: ReadonlySet<string>; persona: Persona }

const furnish = (fs: FileSystem, setting: Setting): void => {
  const { device, applets } = setting
  for (const name of appletsFor(device.kind)) {
    const folder = allApplets.get(name)!.folder
    if (!applets.has(name)) fs.unlink(`/${folder === '' ? '' : `${folder}/`}${name}`, root)
  }
  makeDevices(fs, device)
  for (const [path, text, mode = 0o644] of filesOf(setting)) {
    fs.writeFile(path, Buffer.from(text, 'latin1'), root, { mode })
    fs.utimes(path, device.packedAt, device.packedAt, root)
  }
  fs.symlink('/proc/mounts', '/etc/mtab', root)
  const running = device.bootedAt + 4000
  for (const path of ['/var/run/telnetd.pid', '/var/run/utmp', '/var/log/wtmp']) {
    fs.writeFile(path, Buffer.alloc(0), root, { mode: 0o644 })
    fs.utimes(path, running, running, root)
  }
}

/** Character and block devices that such kernels have: path, type, major, minor, mode. */
const makeDevices = (fs: FileSystem, { firmware, bootedAt }: Device): void => {
  const nodes: [name: string, type: 'char' | 'block', major: number, minor: number, mode: number][] = [
    ['console', 'char', 5, 1, 0o600],
    ['full', 'char', 1, 7, 0o666],
    ['kmem', 'char', 1, 2, 0o640],
    ['kmsg', 'char', 1, 11, 0o600],
    ['mem', 'char', 1, 1, 0o640],
    ['null', 'char', 1, 3, 0o666],
    ['ptmx', 'char', 5, 2, 0o666],
    ['random', 'char', 1, 8, 0o666],
    ['tty', 'char', 5, 0, 0o666],
    ['urandom', 'char', 1, 9, 0o666],
    ['watchdog', 'char', 10, 130, 0o660],
    ['zero', 'char', 1, 5, 0o666],
    firmware.image === 'dvr-arm' ? ['ttyAMA0', 'char', 204, 64, 0o660] : ['ttyS0', 'char', 4, 64, 0o660],
  ]
  firmware.flash.forEach((_, index) => {
    nodes.push([`mtd${index}`, 'char', 90, index * 2, 0o640], [`mtd${index}ro`, 'char', 90, index * 2 + 1, 0o640])
    nodes.push([`mtdblock${index}`, 'block', 31, index, 0o640])
  })
  if (firmware.image === 'dvr-arm')
    for (const [minor, name] of ['sda', 'sda1'].entries()) nodes.push([name, 'block', 8, minor, 0o640])
  for (const [name, type, major, minor, mode] of nodes) {
    fs.mknod(`/dev/${name}`, type, mode, root, { major, minor })
    fs.utimes(`/dev/${name}`, bootedAt + 2000, bootedAt + 2000, root)
  }
  for (const [name, target] of [
    ['fd', '/proc/self/fd'],
    ['stdin', '/proc/self/fd/0'],
    ['stdout', '/proc/self/fd/1'],
    ['stderr', '/proc/self/fd/2'],
  ] as const)
    fs.symlink(target, `/dev/${name}`, root)
}

/** The device's own files: path, text, mode. */
const filesOf = ({ device, persona }: Setting): [path: string, text: string, mode?: number][] => {
  const { firmware, password, salt, kind, hostname, serial, mac } = device
  const home = homeOf(device)
  const hash = md5Crypt(password, salt, '1')
  const console = firmware.image === 'dvr-arm' ? 'ttyAMA0' : 'ttyS0'
  const block = firmware.flash.findIndex(({ holds }) => holds === 'settings')
  const { settings } = firmware
  const date = new Date(device.packedAt).toISOString().slice(0, 10)
  const version = `V${2 + (device.packedAt % 3)}.${persona.derive('version', 3).join('.')}`
  const daemons = firmware.daemons.map(([argv]) => `${argv} &\n`).join('')
  const named = hostname === '(none)' ? '' : `hostname ${hostname}\n`
  const start = `#!/bin/sh

mount -t proc proc /proc
mount -t sysfs sysfs /sys
mount -t tmpfs tmpfs /dev
mkdir /dev/pts /dev/shm
mount -t devpts devpts /dev/pts
echo /sbin/mdev > /proc/sys/kernel/hotplug
mdev -s
mount -t tmpfs tmpfs /tmp
mount -t tmpfs tmpfs /var
mkdir -p /var/run /var/log /var/tmp
mount -t ${settings.type} /dev/mtdblock${block} ${settings.path}
${named}ifconfig lo 127.0.0.1
`
  const common: [path: string, text: string, mode?: number][] = [
    ['/etc/passwd', `root:${hash}:0:0:root:${home}:/bin/sh\n`],
    ['/etc/group', 'root:x:0:\n'],
    ['/etc/hosts', '127.0.0.1\tlocalhost\n'],
    [
      '/etc/profile',
      `export PATH=/bin:/sbin:/usr/bin:/usr/sbin\nexport LD_LIBRARY_PATH=/lib:/usr/lib\n${firmware.profile ?? ''}`,
    ],
    [
      '/etc/services',
      'ftp\t\t21/tcp\nssh\t\t22/tcp\ntelnet\t\t23/tcp\ntftp\t\t69/udp\nhttp\t\t80/tcp\nntp\t\t123/udp\n',
    ],
    [
      '/etc/fstab',
      `proc\t/proc\tproc\tdefaults\t0\t0\nsysfs\t/sys\tsysfs\tdefaults\t0\t0\ntmpfs\t/tmp\ttmpfs\tdefaults\t0\t0\n`,
    ],
    [
      '/etc/inittab',
      `::sysinit:/etc/init.d/rcS\n${console}::respawn:/sbin/getty -L ${console} 115200 vt100\n::ctrlaltdel:/sbin/reboot\n::shutdown:/bin/umount -a -r\n`,
    ],
    ['/etc/mdev.conf', 'mtdblock[0-9]* 0:0 640\nsd[a-z][0-9]* 0:0 640\n'],
    ['/etc/TZ', kind === 'dvr' ? 'CST-8\n' : 'GMT0\n'],
  ]
  if (kind === 'dvr') {
    return [
      ...common,
      ['/etc/resolv.conf', 'nameserver 192.168.1.1\nnameserver 8.8.8.8\n'],
      ['/etc/init.d/rcS', `${start}for script in /etc/init.d/S*; do $script start; done\ntelnetd &\n`, 0o755],
      [
        '/etc/init.d/S80network',
        `#!/bin/sh\nifconfig eth0 hw ether ${mac}\nifconfig eth0 up\nudhcpc -i eth0 -b -R\n`,
        0o755,
      ],
      ['/etc/init.d/S90app', `#!/bin/sh\ncd ${settings.path}\nulimit -s 4096\n${daemons}`, 0o755],
      [`${settings.path}/version`, `${version} ${date}\n`],
      ['/etc/version', `${version}.${date.replaceAll('-', '')}\n`],
      [`${settings.path}/mac`, `${mac}\n`, 0o600],
      [`${settings.path}/serial`, `${serial}\n`, 0o600],
    ]
  }
  return [
    ...common,
    ['/tmp/resolv.conf', 'nameserver 192.168.1.1\n'],
    [
      '/etc/init.d/rcS',
      `${start}ifconfig eth0 up\nbrctl addbr br0\nbrctl addif br0 eth0\n${daemons}telnetd &\n`,
      0o755,
    ],
    ['/etc/version', `${version} Build ${date.slice(2).replaceAll('-', '')} Rel.${serial.slice(0, 5)}n\n`],
    [`${settings.path}/config.bin`, persona.derive('settings', 2048).toString('latin1'), 0o600],
  ]
}
