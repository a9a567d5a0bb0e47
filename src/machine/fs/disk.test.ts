import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { test } from 'node:test'
import { samplePersona } from '#persona/sample.ts'
import type { FileSystem } from '../system.ts'
import { debianDisk } from './debian.ts'
import { restoreDelta, saveDelta } from './delta.ts'
import { machineDisk } from './disk.ts'
import { type ProcessTable, systemProcesses } from './process-table.ts'
import { alice, errnoOf, root } from './testing.ts'

const image = readFileSync(new URL('../../../data/machine/debian-12.img', import.meta.url))
const persona = await samplePersona('disk', { os: 'debian-12', web: 'nginx' })
const now = Date.UTC(2026, 0, 15, 9, 30)
const disk = machineDisk(debianDisk(image), persona, { now: () => now, random: bytes => Buffer.alloc(bytes, 9) })
const running = systemProcesses(persona)
const processes: ProcessTable = { list: () => running, self: () => running.at(-1)!.pid }
const opened = (from: typeof disk) => {
  const tree = from.layer()
  return { tree, ...from.view(tree, processes) }
}
const fresh = () => opened(disk)
const text = (fs: FileSystem, path: string, max?: number): string =>
  fs.readFile(path, root, max === undefined ? {} : { max }).toString('latin1')

test('the first bytes of a program are an x86-64 ELF header, as long as the real one', () => {
  const { fs } = fresh()
  const head = fs.readFile('/bin/echo', root, { max: 20 })
  assert.equal(head.toString('hex'), '7f454c4602010100000000000000000003003e00')
  const { size } = fs.stat('/bin/echo', root)
  assert.equal(fs.readFile('/bin/echo', root).length, size)
  assert.ok(text(fs, '/bin/echo', 2000).includes('/lib64/ld-linux-x86-64.so.2'))
})

test('filler is the same whatever part is read', () => {
  const { fs } = fresh()
  const whole = fs.readFile('/usr/bin/bash', root)
  for (const at of [0, 1, 63, 64, 799, 4097, 70_001]) {
    assert.deepEqual(fs.readFile('/usr/bin/bash', root, { at, max: 333 }), whole.subarray(at, at + 333))
  }
  assert.equal(fs.readFile('/usr/bin/bash', root, { at: whole.length, max: 10 }).length, 0)
  const script = text(fs, '/usr/bin/ldd')
  for (const at of [0, 5, 81, 160])
    assert.equal(fs.readFile('/usr/bin/ldd', root, { at, max: 99 }).toString('latin1'), script.slice(at, at + 99))
})

test('the usr-merge, alternatives and hard links are there', () => {
  const { fs } = fresh()
  assert.equal(fs.realpath('/bin/sh', root), '/usr/bin/dash')
  assert.equal(fs.realpath('/usr/bin/awk', root), '/usr/bin/mawk')
  assert.equal(fs.stat('/usr/bin/perl', root).ino, fs.stat('/usr/bin/perl5.36.0', root).ino)
  assert.equal(fs.stat('/usr/bin/perl', root).nlink, 2)
  assert.equal(fs.stat('/', root).ino, 2)
  assert.equal(fs.stat('/usr/bin/passwd', root).mode, 0o4755)
})

test('every path of the image can be looked at, and every directory counts its own', () => {
  const { fs } = fresh()
  const seen = new Map<number, { times: number; nlink: number; path: string }>()
  let count = 0
  const visit = (path: string): void => {
    const stat = fs.lstat(path, root)
    count++
    if (stat.dev === 0x801 && stat.type !== 'directory') {
      seen.set(stat.ino, { times: (seen.get(stat.ino)?.times ?? 0) + 1, nlink: stat.nlink, path })
    }
    if (stat.type === 'symlink') fs.readlink(path, root)
    if (stat.type !== 'directory') return
    const names = fs.readdir(path, root)
    assert.equal(new Set(names).size, names.length, path)
    let below = 0
    for (const name of names) {
      const inner = `${path === '/' ? '' : path}/${name}`
      if (fs.lstat(inner, root).type === 'directory') below++
      if (stat.dev === 0x801 || stat.dev === 21 || stat.dev === 20) visit(inner)
    }
    if (stat.dev === 0x801) assert.equal(stat.nlink, below + 2, path)
  }
  visit('/')
  assert.ok(count > 29_000, `${count}`)
  for (const { times, nlink, path } of seen.values()) assert.equal(times, nlink, path)
})

test('files of the machine are the persona', () => {
  const { fs } = fresh()
  assert.equal(text(fs, '/etc/hostname'), `${persona.hostname}\n`)
  assert.equal(text(fs, '/proc/sys/kernel/hostname'), `${persona.hostname}\n`)
  assert.match(text(fs, '/etc/passwd'), /^root:x:0:0:root:\/root:\/bin\/bash\ndaemon:x:1:1:/)
  for (const { name, home, uid } of persona.users) {
    assert.ok(text(fs, '/etc/passwd').includes(`${name}:x:${uid}:`))
    assert.equal(fs.stat(home, root).uid, uid)
  }
  assert.equal(
    errnoOf(() => fs.readFile('/etc/shadow', alice)),
    'EACCES',
  )
  assert.match(text(fs, '/etc/shadow'), /^root:\$y\$j9T\$[./0-9A-Za-z]{22}\$[./0-9A-Za-z]{43}:\d+:0:99999:7:::$/m)
  assert.match(text(fs, '/etc/ssh/ssh_host_ed25519_key.pub'), /^ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAI\S{43} root@/)
  assert.match(text(fs, '/etc/ssh/ssh_host_ecdsa_key.pub'), /^ecdsa-sha2-nistp256 AAAAE2VjZHNhLXNoYTItbmlzdHAyNTY/)
  assert.match(text(fs, '/etc/ssh/ssh_host_rsa_key.pub'), /^ssh-rsa AAAAB3NzaC1yc2EAAAADAQAB/)
  assert.ok(!text(fs, '/etc/ssh/ssh_host_ed25519_key').includes(persona.hostKeys.ed25519.split('\n')[1]!))
  assert.equal(fs.stat('/etc/hostname', root).size, persona.hostname.length + 1)
  assert.ok(fs.readdir('/lib/modules', root).includes(persona.os.kernel))
  assert.match(text(fs, '/etc/os-release'), /^PRETTY_NAME="Debian GNU\/Linux 12 \(bookworm\)"$/m)
})

test('accounts, groups and their secrets are there once each and agree', () => {
  const { fs } = fresh()
  const firsts = (path: string): string[] =>
    text(fs, path)
      .trimEnd()
      .split('\n')
      .map(row => row.split(':')[0]!)
  for (const path of ['/etc/passwd', '/etc/group', '/etc/shadow', '/etc/gshadow']) {
    assert.equal(new Set(firsts(path)).size, firsts(path).length, path)
  }
  assert.deepEqual(firsts('/etc/shadow'), firsts('/etc/passwd'))
  assert.deepEqual(firsts('/etc/gshadow'), firsts('/etc/group'))
  for (const path of [
    '/etc/nsswitch.conf',
    '/etc/apt/sources.list',
    '/root/.bashrc',
    '/etc/crontab',
    '/etc/login.defs',
  ]) {
    assert.ok(!/^#*$/.test(text(fs, path).slice(0, 90)), path)
  }
})

test('dpkg knows the versions that the services show', () => {
  const status = text(fresh().fs, '/var/lib/dpkg/status')
  const version = (name: string): string | undefined =>
    new RegExp(`^Package: ${name}\n(?:.+\n)*?Version: (.*)$`, 'm').exec(status)?.[1]
  assert.equal(version('openssh-server'), persona.software.ssh.package)
  assert.equal(version('nginx-light'), persona.software.web.package)
  assert.equal(version('openssl'), persona.software.openssl.package)
  assert.match(persona.os.kernelVersion, new RegExp(`Debian ${version('linux-image-.*')?.replaceAll('.', '\\.')} `))
  assert.equal(status.match(/^Package: /gm)?.length, status.match(/^Version: /gm)?.length)
})

test('no time lies before the packages or after now, and logs end before now', () => {
  const { fs } = fresh()
  for (const path of [
    '/',
    '/etc',
    '/etc/passwd',
    '/bin/ls',
    '/home',
    '/var/log/syslog',
    '/dev/null',
    '/proc',
    '/proc/1',
    '/tmp',
  ]) {
    const { atime, mtime, ctime } = fs.stat(path, root)
    for (const time of [atime, mtime, ctime])
      assert.ok(time > Date.UTC(2015) && time <= now, `${path} ${new Date(time)}`)
    assert.ok(ctime >= persona.installedAt, path)
  }
  assert.ok(fs.stat('/bin/ls', root).mtime < fs.stat('/bin/ls', root).ctime)
  const last = text(fs, '/var/log/syslog').trimEnd().split('\n').at(-1)!
  const at = Date.parse(last.split(' ')[0]!)
  assert.ok(at < now && at > now - 2 * 3_600_000, last)
})

test('devices behave, and give no more than is asked for', () => {
  const { fs } = fresh()
  fs.writeFile('/dev/null', Buffer.from('gone'), root)
  assert.equal(fs.readFile('/dev/null', root).length, 0)
  assert.deepEqual(fs.readFile('/dev/zero', root, { max: 5 }), Buffer.alloc(5))
  assert.equal(fs.readFile('/dev/urandom', root).length, 65_536)
  assert.equal(fs.readFile('/dev/zero', root, { max: 2 ** 40 }).length, 16 << 20)
  assert.equal(
    errnoOf(() => fs.writeFile('/dev/full', Buffer.from('x'), root)),
    'ENOSPC',
  )
  assert.equal(
    errnoOf(() => fs.readFile('/dev/mem', root)),
    'EPERM',
  )
  assert.equal(
    errnoOf(() => fs.readFile('/dev/tty', root)),
    'ENXIO',
  )
  assert.deepEqual(fs.stat('/dev/null', root).rdev, { major: 1, minor: 3 })
})

test('/proc agrees with itself and with the persona', () => {
  const { fs } = fresh()
  assert.match(text(fs, '/proc/version'), new RegExp(`^Linux version ${persona.os.kernel.replaceAll('.', '\\.')} `))
  assert.equal(text(fs, '/proc/cpuinfo').match(/^processor\t: /gm)?.length, persona.cpu.cores)
  assert.ok(text(fs, '/proc/cpuinfo').includes(`model name\t: ${persona.cpu.model}\n`))
  const kib = (name: string): number =>
    Number(new RegExp(`^${name}: +(\\d+) kB$`, 'm').exec(text(fs, '/proc/meminfo'))?.[1])
  assert.equal(kib('MemTotal'), Math.round(persona.memory / 1024))
  assert.ok(kib('MemFree') <= kib('MemAvailable') && kib('MemAvailable') < kib('MemTotal'))
  assert.ok(kib('MemFree') + kib('Buffers') + kib('Cached') < kib('MemTotal'))
  assert.equal(text(fs, '/proc/uptime').split(' ')[0], ((now - persona.bootedAt) / 1000).toFixed(2))
  assert.ok(text(fs, '/proc/mounts').includes('\n/dev/sda1 / ext4 rw,'))
  assert.equal(fs.readlink('/proc/self', root), `${processes.self()}`)
  assert.equal(text(fs, '/proc/1/comm'), 'systemd\n')
  assert.equal(fs.readlink('/proc/1/exe', root), '/usr/lib/systemd/systemd')
  for (const { pid, argv, exe } of running) {
    assert.equal(text(fs, `/proc/${pid}/cmdline`), argv.map(word => `${word}\0`).join(''))
    assert.equal(
      text(fs, `/proc/${pid}/stat`)
        .replace(/\(.*\)/, 'name')
        .trim()
        .split(' ').length,
      52,
    )
    // The guest agent and telnetd aside, whatever runs is on the disk.
    if (exe) assert.equal(fs.stat(exe, root).type, 'file', exe)
  }
  assert.equal(new Set(running.map(({ pid }) => pid)).size, running.length)
  assert.equal(text(fs, `/sys/class/net/${persona.interface}/address`), `${persona.mac}\n`)
  assert.ok(text(fs, '/proc/net/dev').includes(`${persona.interface}:`))
})

test('/proc and /sys refuse as the kernel does', () => {
  const { fs } = fresh()
  const put = (path: string) => errnoOf(() => fs.writeFile(path, Buffer.from('x'), root))
  assert.equal(put('/proc/x'), 'ENOENT')
  assert.equal(put('/proc/version'), 'EIO')
  assert.equal(put('/sys/x'), 'EACCES')
  assert.equal(
    errnoOf(() => fs.mkdir('/proc/x', 0o755, root)),
    'ENOENT',
  )
  assert.equal(
    errnoOf(() => fs.mkdir('/sys/x', 0o755, root)),
    'EPERM',
  )
  assert.equal(
    errnoOf(() => fs.unlink('/proc/version', root)),
    'EPERM',
  )
  assert.equal(
    errnoOf(() => fs.rmdir('/proc', root)),
    'EBUSY',
  )
  assert.equal(
    errnoOf(() => fs.rename('/proc', '/p', root)),
    'EBUSY',
  )
  assert.equal(
    errnoOf(() => fs.rename('/etc/hostname', '/dev/shm/h', root)),
    'EXDEV',
  )
  assert.equal(
    errnoOf(() => fs.link('/etc/hostname', '/proc/h', root)),
    'ENOENT',
  )
  assert.equal(
    errnoOf(() => fs.chmod('/proc/version', 0o777, root)),
    'EPERM',
  )
  assert.equal(put('/proc/sys/vm/nr_hugepages'), '')
  assert.equal(text(fs, '/proc/sys/vm/nr_hugepages'), 'x')
  assert.equal(text(fresh().fs, '/proc/sys/vm/nr_hugepages'), '0\n')
})

test('two attackers do not see each other, and neither changes the disk below', () => {
  const [one, two] = [fresh(), fresh()]
  one.fs.writeFile('/tmp/x', Buffer.from('one'), root)
  one.fs.writeFile('/etc/passwd', Buffer.from('evil::0:0::/:/bin/sh\n'), root, { append: true })
  one.fs.unlink('/usr/bin/wget', root)
  one.fs.rename('/etc/nginx', '/opt/nginx', root)
  two.fs.writeFile('/tmp/x', Buffer.from('two'), root)
  assert.equal(text(one.fs, '/tmp/x'), 'one')
  assert.equal(text(two.fs, '/tmp/x'), 'two')
  assert.ok(text(one.fs, '/etc/passwd').startsWith('root:x:0:0') && text(one.fs, '/etc/passwd').includes('evil::0:0'))
  assert.ok(!text(two.fs, '/etc/passwd').includes('evil'))
  assert.equal(
    errnoOf(() => one.fs.stat('/usr/bin/wget', root)),
    'ENOENT',
  )
  assert.equal(two.fs.stat('/usr/bin/wget', root).type, 'file')
  assert.equal(one.fs.stat('/opt/nginx/nginx.conf', root).type, 'file')
  assert.equal(
    errnoOf(() => two.fs.stat('/opt/nginx', root)),
    'ENOENT',
  )
  assert.ok(two.tree.nodes.size < 5)
})

test('what an attacker left comes back from its delta, and not upon another disk', () => {
  const before = fresh()
  before.fs.mkdir('/tmp/.x', 0o700, root)
  before.fs.writeFile('/tmp/.x/a', Buffer.from('a'.repeat(5000)), root)
  before.fs.link('/tmp/.x/a', '/tmp/b', root)
  before.fs.symlink('/tmp/b', '/tmp/c', root)
  before.fs.truncate('/tmp/b', 9000, root)
  before.fs.unlink('/etc/motd', root)
  before.fs.chmod('/bin/ls', 0, root)
  before.fs.mknod('/tmp/fifo', 'fifo', 0o600, root)
  const delta = saveDelta(before.tree)
  assert.ok(delta.length < 1500, `${delta.length}`)
  const after = fresh()
  assert.equal(restoreDelta(after.tree, delta), true)
  for (const path of ['/tmp', '/tmp/.x', '/tmp/.x/a', '/tmp/b', '/tmp/c', '/bin/ls', '/tmp/fifo', '/etc']) {
    assert.deepEqual(after.fs.lstat(path, root), before.fs.lstat(path, root), path)
  }
  assert.equal(text(after.fs, '/tmp/c'), `${'a'.repeat(5000)}${'\0'.repeat(4000)}`)
  assert.equal(
    errnoOf(() => after.fs.stat('/etc/motd', root)),
    'ENOENT',
  )
  after.fs.writeFile('/tmp/new', Buffer.from('n'), root)
  assert.equal(text(after.fs, '/tmp/b').length, 9000)
  const other = opened(machineDisk(debianDisk(image), persona, { now: () => now, random: Buffer.alloc }))
  assert.equal(restoreDelta(other.tree, delta), true)
  other.tree.version = 'another'
  assert.equal(restoreDelta(other.tree, delta), false)
})
