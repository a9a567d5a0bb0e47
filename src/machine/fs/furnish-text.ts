import { createPublicKey } from 'node:crypto'
import { string, uint32 } from '#codec/ssh-wire.ts'
import type { Persona } from '#persona/persona.ts'
import { overlaidOf } from '../release.ts'
import { uuidOf } from '../uuid.ts'
import { kernelPackageVersion, statusOf } from './release-status.ts'

const day = 86_400_000

/** Accounts that packages of the image make beyond base-passwd's: name, uid, gid, comment, home, shell. */
const added = [
  ['systemd-network', 998, 998, 'systemd Network Management', '/', '/usr/sbin/nologin'],
  ['systemd-timesync', 997, 997, 'systemd Time Synchronization', '/', '/usr/sbin/nologin'],
  ['messagebus', 100, 107, '', '/nonexistent', '/usr/sbin/nologin'],
  ['sshd', 101, 65_534, '', '/run/sshd', '/usr/sbin/nologin'],
] as const
const addedGroups = [
  'systemd-journal:x:999:',
  'systemd-network:x:998:',
  'systemd-timesync:x:997:',
  'crontab:x:101:',
  '_ssh:x:106:',
  'messagebus:x:107:',
]

const text = (rows: readonly string[]): string => rows.map(row => `${row}\n`).join('')

/** /etc/passwd from base-passwd's master file, or with the rows that another release has. */
export const passwd = (master: string, { users }: Persona, rows?: readonly string[]): string => {
  const system = rows ? text(rows) : master.replace(/^([^:]+):\*:/gm, '$1:x:')
  const daemons = rows
    ? []
    : added.map(([name, uid, gid, comment, home, shell]) => `${name}:x:${uid}:${gid}:${comment}:${home}:${shell}\n`)
  const people = users
    .filter(({ uid }) => uid > 0)
    .map(({ name, uid, home, shell }) => `${name}:x:${uid}:${uid}:,,,:${home}:${shell}\n`)
  return [system, ...daemons, ...people].join('')
}

/** Groups of whoever set the machine up: on Ubuntu as its installer and its cloud images give them. */
const groupsOf = (first: string): readonly string[] =>
  first === 'ubuntu'
    ? ['adm', 'dialout', 'cdrom', 'floppy', 'sudo', 'audio', 'dip', 'video', 'plugdev', 'lxd']
    : ['adm', 'cdrom', 'sudo', 'dip', 'plugdev', 'lxd']

export const group = (master: string, { users, os }: Persona, rows?: readonly string[]): string => {
  const people = users.filter(({ uid }) => uid > 0)
  const first = people[0]?.name ?? ''
  const system = rows ? text(rows) : master.replace(/^([^:]+):\*:/gm, '$1:x:') + text(addedGroups)
  const theirs = os.id === 'ubuntu' ? groupsOf(first) : ['sudo']
  const members = theirs.reduce(
    (all, name) => all.replace(new RegExp(`^(${name}:x:\\d+:)$`, 'm'), `$1${first}`),
    system,
  )
  return [members, ...people.map(({ name, uid }) => `${name}:x:${uid}:\n`)].join('')
}

/** Everybody has a password nobody knows: the release's form of crypt(5) over bytes of the persona. */
export const shadow = (passwdText: string, persona: Persona, form: 'yescrypt' | 'sha512crypt' = 'yescrypt'): string => {
  const changed = Math.floor(persona.installedAt / day)
  const named = new Set(persona.users.map(({ name }) => name))
  const rows = passwdText
    .trimEnd()
    .split('\n')
    .map(row => {
      const name = row.slice(0, row.indexOf(':'))
      const text = persona.derive(`shadow ${name}`, 80).toString('base64').replaceAll('+', '.')
      const secret = form === 'yescrypt' ? `$y$j9T$${text.slice(0, 22)}$${text.slice(22, 65)}` : sha512(text)
      return `${name}:${named.has(name) ? secret : '*'}:${changed}:0:99999:7:::\n`
    })
  return rows.join('')
}

const sha512 = (letters: string): string => `$6$${letters.slice(0, 16)}$${letters.slice(16, 102)}`

const mpint = (bytes: Buffer): Buffer => (bytes[0]! & 0x80 ? Buffer.concat([Buffer.alloc(1), bytes]) : bytes)
const field = (bytes: Buffer): Buffer => {
  const length = Buffer.alloc(4)
  length.writeUInt32BE(bytes.length)
  return Buffer.concat([length, bytes])
}

/** RFC 4253 6.6, RFC 5656 3.1, RFC 8709 4: the line of a .pub file. */
export const publicKeyLine = (kind: keyof Persona['hostKeys'], { hostKeys, hostname }: Persona): string => {
  const jwk = createPublicKey(hostKeys[kind]).export({ format: 'jwk' })
  const part = (name: 'x' | 'y' | 'n' | 'e'): Buffer => Buffer.from(jwk[name] ?? '', 'base64url')
  const [name, parts] = {
    ed25519: () => ['ssh-ed25519', [part('x')]] as const,
    ecdsa: () =>
      [
        'ecdsa-sha2-nistp256',
        [Buffer.from('nistp256'), Buffer.concat([Buffer.from([4]), part('x'), part('y')])],
      ] as const,
    rsa: () => ['ssh-rsa', [mpint(part('e')), mpint(part('n'))]] as const,
  }[kind]()
  const blob = Buffer.concat([Buffer.from(name), ...parts].map(field))
  return `${name} ${blob.toString('base64')} root@${hostname}\n`
}

/**
 * OpenSSH's private key file with this machine's public key, and in place of the secret what only looks like it: the real
 * one is not for reading.
 */
export const privateKeyText = (kind: keyof Persona['hostKeys'], persona: Persona): string => {
  const [type = '', base64 = '', comment = ''] = publicKeyLine(kind, persona).trim().split(' ')
  const blob = Buffer.from(base64, 'base64')
  // The blob's own fields behind its type stand in the secret as well.
  const open = blob.subarray(4 + type.length)
  const made = persona.derive(`private ${kind}`, 1000)
  let at = 4
  const number = (bytes: number): Buffer => {
    const digits = made.subarray(at, at + bytes)
    at += bytes
    digits[0]! &= 0x7f
    return string(digits)
  }
  const fields =
    kind === 'ed25519'
      ? [open, string(Buffer.concat([number(32).subarray(4), open.subarray(4)]))]
      : kind === 'ecdsa'
        ? [open, number(32)]
        : [open.subarray(7), open.subarray(0, 7), number(384), number(192), number(192), number(192)]
  const check = made.subarray(0, 4)
  const secret = Buffer.concat([check, check, string(type), ...fields, string(comment)])
  const padding = Buffer.from(Array.from({ length: (8 - (secret.length % 8)) % 8 }, (_, index) => index + 1))
  const none = string('none')
  const head = Buffer.concat([Buffer.from('openssh-key-v1\0'), none, none, string(''), uint32(1)])
  const body = Buffer.concat([head, string(blob), string(Buffer.concat([secret, padding]))]).toString('base64')
  return `-----BEGIN OPENSSH PRIVATE KEY-----\n${body.replace(/.{1,70}/g, '$&\n')}-----END OPENSSH PRIVATE KEY-----\n`
}

export const rootFsUuid = (persona: Persona): string => uuidOf(persona.derive('root uuid', 16), '9')

export const fstab = (persona: Persona): string =>
  `# /etc/fstab: static file system information.\n# <file system> <mount point>   <type>  <options>       <dump>  <pass>\nUUID=${rootFsUuid(persona)} /               ext4    errors=remount-ro 0       1\n`

/** rsyslog's file format of Debian 12: RFC 3339 with the persona's offset. */
const stamp = (at: number, { timezone }: Persona, micros: number): string => {
  const local = new Date(at + timezone.offset * 60_000).toISOString().slice(0, 19)
  const minutes = Math.abs(timezone.offset)
  const two = (value: number): string => `${Math.floor(value)}`.padStart(2, '0')
  return `${local}.${`${micros}`.padStart(6, '0')}${timezone.offset < 0 ? '-' : '+'}${two(minutes / 60)}:${two(minutes % 60)}`
}

/** What cron leaves in a day's log: at most two days, hourly. `form` words one run. */
const hourly = (persona: Persona, now: number, form: (time: string, pid: number) => string): string => {
  const hour = 3_600_000
  const from = Math.ceil(Math.max(persona.bootedAt, now - 2 * day) / hour) * hour
  const lines: string[] = []
  for (let at = from; at + 1_021_000 < now; at += hour) {
    const noise = persona.derive(`cron ${at}`, 4).readUInt32BE()
    lines.push(
      form(stamp(at + 1_021_000, persona, noise % 1_000_000), 700 + Math.floor((at - persona.bootedAt) / 9000)),
    )
  }
  return lines.join('')
}

export const syslog = (persona: Persona, now: number): string =>
  hourly(
    persona,
    now,
    (time, pid) =>
      `${time} ${persona.hostname} CRON[${pid}]: (root) CMD (   cd / && run-parts --report /etc/cron.hourly)\n`,
  )

export const authLog = (persona: Persona, now: number): string =>
  hourly(persona, now, (time, pid) => {
    const said = (what: string): string =>
      `${time} ${persona.hostname} CRON[${pid - 1}]: pam_unix(cron:session): session ${what}\n`
    return said('opened for user root(uid=0) by (uid=0)') + said('closed for user root')
  })

export const history = (persona: Persona): string => {
  const { name, config } =
    persona.software.web.product === 'nginx'
      ? { name: 'nginx', config: 'nano /etc/nginx/sites-available/default' }
      : { name: 'apache2', config: 'nano /etc/apache2/sites-available/000-default.conf' }
  const all = [
    'apt update',
    'apt upgrade -y',
    `apt install ${name}`,
    config,
    `systemctl restart ${name}`,
    `systemctl status ${name}`,
    'df -h',
    'free -m',
    'ip a',
    'tail -f /var/log/syslog',
    'passwd',
    'reboot',
    'uptime',
    'exit',
  ]
  const noise = persona.derive('history', all.length)
  return all
    .filter((_, index) => noise[index]! > 70)
    .map(command => `${command}\n`)
    .join('')
}

export const subordinateIds = ({ users }: Persona): string =>
  users
    .filter(({ uid }) => uid > 0)
    .map(({ name }, index) => `${name}:${100_000 + index * 65_536}:65536\n`)
    .join('')

/** /etc/gshadow of /etc/group. */
export const gshadow = (groupText: string): string => groupText.replace(/^([^:]*):[^:]*:[^:]*:(.*)$/gm, '$1:*::$2')

export const sourcesList = ({ os }: Persona): string => {
  const parts = `main${os.version === '12' ? ' non-free-firmware' : ''}`
  const line = (host: string, suite: string): string =>
    `deb http://${host} ${suite} ${parts}\ndeb-src http://${host} ${suite} ${parts}\n`
  return [
    line('deb.debian.org/debian/', os.codename),
    line('security.debian.org/debian-security', `${os.codename}-security`),
    line('deb.debian.org/debian/', `${os.codename}-updates`),
  ].join('\n')
}

/** dpkg's status file with the versions that the persona's services and kernel show. */
export const dpkgStatus = (image: string, persona: Persona): string => {
  const { software } = persona
  const release = overlaidOf(persona)
  const status = release ? statusOf(image, release, persona) : image
  const versions: [packages: RegExp, version: string | undefined][] = [
    [/^Package: openssh-/, software.ssh.package],
    [/^Package: (libnginx-mod-|nginx)/, software.web.product === 'nginx' ? software.web.package : undefined],
    [/^Package: (openssl|libssl3|libssl1\.1)$/m, software.openssl.package],
    [/^Package: linux-image-/, kernelPackageVersion(persona)],
  ]
  return status
    .split('\n\n')
    .map(entry => {
      const version = versions.find(([packages]) => packages.test(entry))?.[1]
      return version ? entry.replace(/^Version: .*$/m, `Version: ${version}`) : entry
    })
    .join('\n\n')
}

/** /etc/hosts.allow and /etc/hosts.deny as libwrap0, which sshd needs, writes them. */
export const hostsAllow = `# /etc/hosts.allow: list of hosts that are allowed to access the system.
#                   See the manual pages hosts_access(5) and hosts_options(5).
#
# Example:    ALL: LOCAL @some_netgroup
#             ALL: .foobar.edu EXCEPT terminalserver.foobar.edu
#
# If you're going to protect the portmapper use the name "rpcbind" for the
# daemon name. See rpcbind(8) and rpc.mountd(8) for further information.
#

`
export const hostsDeny = `# /etc/hosts.deny: list of hosts that are _not_ allowed to access the system.
#                  See the manual pages hosts_access(5) and hosts_options(5).
#
# Example:    ALL: some.host.name, .some.domain
#             ALL EXCEPT in.fingerd: other.host.name, .other.domain
#
# If you're going to protect the portmapper use the name "rpcbind" for the
# daemon name. See rpcbind(8) and rpc.mountd(8) for further information.
#
# The PARANOID wildcard matches any host whose name does not match its
# address.
#
# You may wish to enable this to ensure any programs that don't
# validate looked up hostnames still leave understandable logs. In past
# versions of Debian this has been the default.
# ALL: PARANOID

`
