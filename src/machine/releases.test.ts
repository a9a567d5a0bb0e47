import assert from 'node:assert/strict'
import { test } from 'node:test'
import { type ReleaseId, releaseIds } from '#persona/releases/index.ts'
import { samplePersona } from '#persona/sample.ts'
import type { Computer } from './computer.ts'
import { machineOf } from './machine.ts'
import { kernel as root } from './rights.ts'
import { runLine } from './testing.ts'

const now = Date.UTC(2026, 10, 20, 9, 30)

/** What only the release itself may say. */
const own: Record<ReleaseId, RegExp> = {
  'debian-12': /bookworm|deb12|\b12\.\d+ ?\(|python3\.11\b|6\.1\.0-/i,
  'debian-11': /bullseye|deb11|python3\.9\b|5\.10\.0-/i,
  'ubuntu-22.04': /jammy|22\.04|python3\.10\b|5\.15\.0-/i,
  'ubuntu-20.04': /focal|20\.04|python3\.8\b|5\.4\.0-/i,
}
const vendors = { debian: /ubuntu|canonical\.com/i, ubuntu: /debian/i } as const

/** Where the truth names another: the path, what is allowed there, and why. */
const allowed: readonly (readonly [path: RegExp, words: RegExp])[] = [
  // Ubuntu's says what its packages were made from; Debian's keyrings sign the releases before and after.
  [/^\/etc\/debian_version$/, /./],
  [/archive-(keyring|bullseye|bookworm|trixie|buster|stretch)/, /./],
  // Ubuntu ships these files of Debian with Debian's words in them.
  [
    /^\/(etc\/(bash\.bashrc|skel\/|default\/(grub\.d|useradd)|dpkg\/origins|init\.d|login\.defs|nginx|pam\.d|security|services|hosts\.deny|sudoers|sysctl\.d|vim|profile|apt\/apt\.conf\.d|cron|logrotate|adduser|deluser|ssh|grub\.d|cloud\/templates|debian_version|debconf|update-motd|issue|alternatives|unattended)|root\/\.(bashrc|profile)|home\/[^/]+\/\.(bashrc|profile)|usr\/(lib\/systemd|share\/(base-files|openssh)))/,
    /debian/i,
  ],
  // Which releases may be upgraded to, and distributions' names in the packages' own lists.
  [/release-upgrade|distro|lsb_release|python-apt|templates\//, /./],
  // Debian's packages know of Ubuntu: AppArmor's abstractions, GRUB's and cloud-init's scripts.
  [/^\/etc\/(apparmor\.d|grub\.d|cloud)\/|\/cloudinit\//, /ubuntu/i],
  [/^\/usr\/lib\/os-release$/, /debian/i],
  // What sudo's package says of versions before it, and completion's names of interpreters there may be.
  [/^\/etc\/sudoers\.d\/README$|bash-completion\/completions\/python/, /./],
  // "Original-Maintainer", and Debian's bug numbers and addresses in descriptions.
  [/^\/var\/lib\/dpkg\/status$/, /^(debian|ubuntu|20\.04|focal)$/i],
  [/^\/usr\/lib\/tmpfiles|tmpl$|DebianFiles|share\/apt-listchanges/, /debian/i],
]
const excused = (path: string, line: string, words: RegExp): boolean =>
  // Debian's keyring names the releases before and after it.
  line.includes('/debian-archive-') ||
  allowed.some(([where, what]) => where.test(path) && what.test(words.exec(line)?.[0] ?? ''))

/** Folders whose texts are read; elsewhere names alone. */
const read =
  /^\/(etc|root|home|run|boot|usr\/lib\/(os-release|systemd\/system)|usr\/share\/base-|var\/lib\/(dpkg\/status|update-notifier|ubuntu))/

const contradictions = (computer: Computer, words: readonly RegExp[]): string[] => {
  const login = computer.logIn({
    account: { name: 'root', uid: 0, gid: 0, comment: '', home: '/root', shell: '/bin/bash' },
    witness: new Proxy({}, { get: () => () => {} }) as never,
    from: '198.51.100.7',
    stdin: { read: async () => undefined },
    stdout: { write: async () => {} },
    stderr: { write: async () => {} },
    daemon: { argv: ['sshd: root@notty'], exe: '/usr/sbin/sshd' },
  })
  const { fs } = login.process
  const wrong: string[] = []
  const look = (path: string, text: string): void => {
    for (const word of words)
      for (const line of text.split('\n'))
        if (word.test(line) && !excused(path, line, word)) wrong.push(`${path}: ${line.slice(0, 120)}`)
  }
  const walk = (folder: string): void => {
    for (const name of fs.readdir(folder || '/', root)) {
      const path = `${folder}/${name}`
      if (
        /^\/(proc|sys|dev)$|^\/usr\/share\/(doc|man|locale|lintian|terminfo)|^\/usr\/lib\/(modules|terminfo)/.test(path)
      )
        continue
      const { type, size } = fs.lstat(path, root)
      if (!/debian/i.test(name)) look(path, name)
      if (type === 'directory') walk(path)
      else if (type === 'symlink') look(path, fs.readlink(path, root).replace(/debian[a-z]*/g, ''))
      else if (type === 'file' && size < 1 << 20 && read.test(path)) {
        const data = fs.readFile(path, root)
        if (!data.subarray(0, 512).includes(0)) look(path, data.toString('latin1'))
      }
    }
  }
  walk('')
  login.close()
  return wrong
}

const lines = `
uname -a; cat /proc/version; cat /etc/os-release; cat /etc/issue /etc/issue.net; lsb_release -a 2>/dev/null; hostnamectl
bash --version; ls --version; sed --version; grep --version; tar --version; gzip --version; find --version; awk -W version
python3 --version; python3 -c 'import sys, platform; print(sys.version, platform.platform())'; perl -v; perl -V; openssl version -v
ssh -V; curl --version; curl -sv http://127.0.0.1/; wget --version; git --version; ldd --version; getconf --version; getent --version
systemctl --version; journalctl --version; systemctl status ssh; systemctl status nginx; systemctl list-units --type=service
dpkg --list 'open*'; dpkg -s bash; dpkg -s openssh-server; dpkg -L python3-minimal; apt --version; apt-cache policy openssh-server
apt list --installed; apt-get install -s nmap; apt update; ps aux; top -bn1; free -V; uptime -V; ps -V; ss -lntup; netstat -lntu
mount -V; lsblk -V; fdisk -V; lscpu; dmesg; id; getent passwd; getent group; cat /etc/shadow; sudo -V; sudo -l; su -V; iptables -V
nft -v; ip -V; busybox | head -2; nc -h; telnet --version; dig -v; host -V; rsync --version; screen -v; tmux -V; vi --version; nano --version
run-parts /etc/update-motd.d; cat /etc/motd; cat /etc/apt/sources.list; ls /boot /lib/modules/; cat /etc/resolv.conf; cat /etc/fstab
`
  .trim()
  .split(/;|\n/)
  .map(line => line.trim())
  .filter(Boolean)

/** Programs of Debian's that name it wherever they run, and what Ubuntu's own outputs say of it. */
const said =
  /^(dpkg --list|dpkg -s|dpkg -L|apt list|cat \/etc\/os-release|getent|id$|cat \/etc\/shadow|systemctl|ls |apt update|screen|lsblk|nc -h|apt-get install)/

for (const id of releaseIds) {
  const others = releaseIds.filter(other => other !== id)
  const vendor = id.startsWith('ubuntu') ? 'ubuntu' : 'debian'
  const words = [...others.map(other => own[other]), vendors[vendor]]
  for (const seed of ['one', 'two', 'three']) {
    test(`${id}: nothing says it is another release (${seed})`, { timeout: 120_000 }, async () => {
      const persona = await samplePersona(`release ${seed}`, { os: id })
      const computer = machineOf(persona, { now: () => now, random: bytes => Buffer.alloc(bytes, 7) }).computer()
      const wrong = seed === 'one' ? contradictions(computer, words) : []
      for (const line of lines) {
        const { stdout, stderr, status } = await runLine(line, { computer })
        assert.notEqual(status, 127, `${line}: ${stderr}`)
        for (const word of words) {
          if (said.test(line) && word === vendors[vendor]) continue
          const text = (stdout + stderr).replaceAll(persona.fqdn, '').replaceAll(persona.hostname, '')
          for (const output of text.split('\n'))
            if (
              word.test(output) &&
              !/release-upgrade|New release|debianutils|debian\.org\/|Debian patchlevel/.test(output)
            )
              wrong.push(`$ ${line}: ${output.slice(0, 120)}`)
        }
      }
      assert.deepEqual([...new Set(wrong)], [])
    })
  }
}
