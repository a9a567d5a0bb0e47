import type { Persona } from '#persona/persona.ts'
import { overlaidOf } from '../release.ts'
import { kernel as root } from '../rights.ts'
import type { FileSystem } from '../system.ts'
import { lastlog, utmp, wtmp } from './furnish-logins.ts'
import { releaseTexts, settleRelease } from './furnish-release.ts'
import {
  authLog,
  dpkgStatus,
  fstab,
  group,
  gshadow,
  history,
  hostsAllow,
  hostsDeny,
  passwd,
  privateKeyText,
  publicKeyLine,
  shadow,
  sourcesList,
  subordinateIds,
  syslog,
} from './furnish-text.ts'
import type { Overlay } from './overlay.ts'
import { numberIn } from './release-rows.ts'
import { startPage } from './start-page.ts'

/** A file of this machine: path, text, and where they are not 0644 of root and of the installation. */
type Furniture = [path: string, text: () => string, more?: { mode?: number; uid?: number; gid?: number; time?: number }]

/** Character and block devices of a small virtual machine: path, major, minor, mode, gid. */
const devices: readonly [path: string, major: number, minor: number, mode: number, gid: number][] = [
  ['null', 1, 3, 0o666, 0],
  ['zero', 1, 5, 0o666, 0],
  ['full', 1, 7, 0o666, 0],
  ['random', 1, 8, 0o666, 0],
  ['urandom', 1, 9, 0o666, 0],
  ['kmsg', 1, 11, 0o644, 0],
  ['mem', 1, 1, 0o640, 15],
  ['port', 1, 4, 0o640, 15],
  ['tty', 5, 0, 0o666, 5],
  ['console', 5, 1, 0o600, 5],
  ['ptmx', 5, 2, 0o666, 5],
  ['tty0', 4, 0, 0o620, 5],
  ['tty1', 4, 1, 0o620, 5],
  ['ttyS0', 4, 64, 0o660, 20],
  ['fuse', 10, 229, 0o666, 0],
  ['net/tun', 10, 200, 0o666, 0],
]

/**
 * Programs that run with rights of their own by what their packages' scripts do (dpkg-statoverride(1)), not by the
 * packages' files: mode, groups that may own them by the release, path. ssh-agent's are not written down.
 */
const overrides: readonly [mode: number, groups: readonly string[], path: string, written: boolean][] = [
  [0o2755, ['crontab'], '/usr/bin/crontab', true],
  [0o4754, ['messagebus'], '/usr/lib/dbus-1.0/dbus-daemon-launch-helper', true],
  [0o2755, ['_ssh', 'ssh'], '/usr/bin/ssh-agent', false],
]

/** Makes the bare image this persona's machine. The same persona makes the same numbers of inodes every time. */
export const furnish = (fs: FileSystem, tree: Overlay, persona: Persona, now: () => number): void => {
  const { hostname, fqdn, installedAt, bootedAt, users } = persona
  const master = (name: string): string => fs.readFile(`/usr/share/base-passwd/${name}.master`, root).toString('latin1')
  const release = overlaidOf(persona)
  const accounts = (): string => passwd(master('passwd'), persona, release?.passwd)
  const groups = (): string => group(master('group'), persona, release?.group)
  const status = fs.readFile('/var/lib/dpkg/status', root).toString('latin1')
  if (release) settleRelease(fs, release, persona)
  const hidden = { mode: 0o640, gid: 42 }
  const inodeOf = (path: string): number =>
    path.split('/').reduce((ino, name) => (name ? (tree.lookup(ino, name) ?? 0) : ino), 0)
  const makeFolder = (path: string): void => {
    for (let slash = path.indexOf('/', 1); slash > 0; slash = path.indexOf('/', slash + 1))
      if (inodeOf(path.slice(0, slash)) === 0) fs.mkdir(path.slice(0, slash), 0o755, root)
  }
  const put = ([
    path,
    text,
    { mode = 0o644, uid = 0, gid = 0, time = installedAt + 300_000 } = {},
  ]: Furniture): void => {
    makeFolder(path)
    fs.writeFile(path, Buffer.alloc(0), root, { mode })
    let made: Buffer | undefined
    const inode = tree.change(inodeOf(path))
    delete inode.data
    inode.render = () => {
      made ??= Buffer.from(text(), 'latin1')
      return made
    }
    Object.assign(inode, { mode, uid, gid, mtime: time, ctime: time, atime: Math.max(bootedAt, time) + 1000 })
  }
  const directory = (path: string, mode: number, uid: number): void => {
    fs.mkdir(path, mode, root)
    fs.chown(path, uid, uid, root)
    fs.utimes(path, installedAt + 400_000, installedAt + 400_000, root)
  }

  localFolders(fs, path => directory(path, 0o755, 0))
  for (const [name, major, minor, mode, gid] of devices) {
    fs.mknod(`/dev/${name}`, 'char', mode, root, { major, minor })
    fs.chown(`/dev/${name}`, 0, gid, root)
  }
  for (const [index, name] of ['sda', 'sda1'].entries()) {
    fs.mknod(`/dev/${name}`, 'block', 0o660, root, { major: 8, minor: index })
    fs.chown(`/dev/${name}`, 0, 6, root)
  }
  const streams = ['fd:/proc/self/fd', 'stdin:/proc/self/fd/0', 'stdout:/proc/self/fd/1', 'stderr:/proc/self/fd/2']
  for (const link of streams) fs.symlink(link.slice(link.indexOf(':') + 1), `/dev/${link.split(':')[0]}`, root)
  fs.symlink(`/usr/share/zoneinfo/${persona.timezone.name}`, '/etc/localtime', root)

  const ownOnly = { mode: 0o600, time: bootedAt }
  // Ubuntu's rsyslogd writes as an account of its own.
  const log = { mode: 0o640, uid: numberIn(release?.passwd ?? [], 'syslog') ?? 0, gid: 4, time: now() - 60_000 }
  const counted = { mode: 0o664, gid: 43 }
  const furniture: Furniture[] = [
    ['/var/lib/dpkg/status', () => dpkgStatus(status, persona)],
    ['/etc/hostname', () => `${hostname}\n`],
    [
      '/etc/hosts',
      () =>
        `127.0.0.1\tlocalhost\n127.0.1.1\t${fqdn}\t${hostname}\n\n# The following lines are desirable for IPv6 capable hosts\n::1     localhost ip6-localhost ip6-loopback\nff02::1 ip6-allnodes\nff02::2 ip6-allrouters\n`,
    ],
    ['/etc/hosts.allow', () => hostsAllow],
    ['/etc/hosts.deny', () => hostsDeny],
    ['/etc/networks', () => 'default\t\t0.0.0.0\nloopback\t127.0.0.0\nlink-local\t169.254.0.0\n\n'],
    ...(persona.software.web.product === 'nginx' ? [startPageOf(persona.software.web.index)] : []),
    [
      '/var/lib/dpkg/statoverride',
      () =>
        overrides
          .filter(([, , , written]) => written)
          .map(([mode, [name], path]) => `root ${name} ${mode.toString(8)} ${path}\n`)
          .join(''),
    ],
    ['/etc/machine-id', () => `${persona.machineId}\n`, { mode: 0o444 }],
    ['/etc/timezone', () => `${persona.timezone.name}\n`],
    ['/etc/fstab', () => fstab(persona)],
    [
      '/etc/resolv.conf',
      () => `domain ${persona.domain}\nsearch ${persona.domain}\nnameserver 1.1.1.1\nnameserver 8.8.8.8\n`,
      { time: bootedAt },
    ],
    [
      '/etc/network/interfaces',
      () =>
        `# This file describes the network interfaces available on your system\n# and how to activate them. For more information, see interfaces(5).\n\nsource /etc/network/interfaces.d/*\n\n# The loopback network interface\nauto lo\niface lo inet loopback\n\n# The primary network interface\nallow-hotplug ${persona.interface}\niface ${persona.interface} inet dhcp\n`,
    ],
    ['/etc/passwd', accounts],
    ['/etc/passwd-', accounts],
    ['/etc/group', groups],
    ['/etc/group-', groups],
    ['/etc/shadow', () => shadow(accounts(), persona, release?.passwords), hidden],
    ['/etc/shadow-', () => shadow(accounts(), persona, release?.passwords), hidden],
    ['/etc/gshadow', () => gshadow(groups()), hidden],
    ['/etc/gshadow-', () => gshadow(groups()), hidden],
    ['/etc/subuid', () => subordinateIds(persona)],
    ['/etc/subgid', () => subordinateIds(persona)],
    ['/etc/environment', () => ''],
    // As hosters' images say it, since by Debian's own default root has no password to log in with.
    [
      '/etc/ssh/sshd_config.d/50-cloud-init.conf',
      () => 'PasswordAuthentication yes\nPermitRootLogin yes\n',
      { mode: 0o600 },
    ],
    ['/etc/apt/sources.list', () => sourcesList(persona)],
    ['/etc/default/locale', () => 'LANG=en_US.UTF-8\n'],
    ['/etc/adjtime', () => '0.0 0 0.0\n0\nUTC\n'],
    [
      '/etc/shells',
      () =>
        '# /etc/shells: valid login shells\n/bin/sh\n/usr/bin/sh\n/bin/bash\n/usr/bin/bash\n/bin/rbash\n/usr/bin/rbash\n/bin/dash\n/usr/bin/dash\n/usr/bin/screen\n/usr/bin/tmux\n',
    ],
    ['/root/.bash_history', () => history(persona), ownOnly],
    ['/var/log/syslog', () => syslog(persona, now()), log],
    ['/var/log/auth.log', () => authLog(persona, now()), log],
    ['/var/log/cron.log', () => syslog(persona, now()), log],
    ['/var/log/wtmp', () => wtmp(persona, now()).toString('latin1'), { ...counted, time: now() - 60_000 }],
    ['/var/log/btmp', () => '', { mode: 0o660, gid: 43, time: installedAt + 400_000 }],
    ['/var/log/lastlog', () => lastlog(persona, now()).toString('latin1'), { ...counted, time: now() - 60_000 }],
    ['/run/utmp', () => utmp(persona, now()).toString('latin1'), { ...counted, time: bootedAt }],
    ['/var/log/nginx/error.log', () => '', { mode: 0o640, uid: 33, gid: 4, time: bootedAt }],
    ['/var/log/nginx/access.log', () => '', { mode: 0o640, uid: 33, gid: 4, time: bootedAt }],
  ]
  const own = release ? releaseTexts(release, persona) : []
  const theirs = new Set([...own.map(({ path }) => path), ...Object.keys(release?.links ?? {})])
  const gone = release?.removed ?? []
  const fits = ([path]: Furniture): boolean =>
    !theirs.has(path) && !gone.some(other => `${path}/`.startsWith(`${other}/`))
  const all: Furniture[] = [
    ...furniture.filter(fits),
    ...own.map(({ path, text, mode }): Furniture => [path, () => text, { mode }]),
  ]
  for (const kind of ['ed25519', 'ecdsa', 'rsa'] as const) {
    all.push([`/etc/ssh/ssh_host_${kind}_key`, () => privateKeyText(kind, persona), { mode: 0o600 }])
    all.push([`/etc/ssh/ssh_host_${kind}_key.pub`, () => publicKeyLine(kind, persona)])
  }
  for (const { home, uid } of users) {
    directory(`/run/user/${uid}`, 0o700, uid)
    if (uid === 0) continue
    directory(home, 0o700, uid)
    for (const name of ['.bashrc', '.profile', '.bash_logout']) {
      const skeleton = fs.readFile(`/etc/skel/${name}`, root).toString('latin1')
      all.push([`${home}/${name}`, () => skeleton, { uid, gid: uid }])
    }
  }
  for (const item of all) put(item)
  const gids = groups().split('\n')
  for (const [mode, names, path] of overrides) {
    const ino = inodeOf(path)
    const gid = names.map(name => numberIn(gids, name)).find(found => found !== undefined)
    if (ino !== 0 && gid !== undefined) Object.assign(tree.change(ino), { mode, gid, ctime: installedAt + 300_000 })
  }
}

/** What base-files makes when it is installed, and no package lists: /usr/local, and /run under its old names. */
const localFolders = (fs: FileSystem, make: (path: string) => void): void => {
  const names = ['', '/bin', '/etc', '/games', '/include', '/lib', '/sbin', '/share', '/share/man', '/src']
  const usr = new Set(fs.readdir('/usr', root))
  if (!usr.has('local')) for (const name of names) make(`/usr/local${name}`)
  if (!usr.has('local')) fs.symlink('share/man', '/usr/local/man', root)
  for (const [path, target] of [
    ['/var/run', '/run'],
    ['/var/lock', '/run/lock'],
  ] as const) {
    if (fs.readdir('/var', root).includes(path.slice(5))) {
      if (fs.lstat(path, root).type !== 'directory' || fs.readdir(path, root).length > 0) continue
      fs.rmdir(path, root)
    }
    fs.symlink(target, path, root)
  }
}

const startPageOf = ({ path, bytes, modifiedMicros }: Persona['software']['web']['index']): Furniture => [
  path,
  () => startPage(bytes),
  { time: Math.floor(modifiedMicros / 1000) },
]
