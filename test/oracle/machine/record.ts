/**
 * Records what a real Debian 12 answers to the corpus: `sh bin/skep-node test/oracle/machine/record.ts FAMILY …`, as root.
 * SKEP_ORACLE names the folder of a chroot made by debootstrap with the packages of tools/image/packages.ts. Each line
 * runs with `bash -c` in /root as root, without a network, on a fresh overlay of that chroot.
 */
import { spawnSync } from 'node:child_process'
import fs from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { type Answer, corpus, families, masked } from './corpus.ts'

const root = process.env.SKEP_ORACLE ?? '/var/tmp/oracle/root'
if (!fs.existsSync(`${root}/bin/bash`))
  throw new Error(`No chroot at ${root}: debootstrap --variant=minbase bookworm ${root}`)

// In namespaces of its own, so that nothing of it is left: an overlay, /proc, a /dev that may be spoilt, then the line.
const within = `
set -e
mkdir "$2/up" "$2/work" "$2/root"
mount -t overlay overlay -o lowerdir="$0",upperdir="$2/up",workdir="$2/work" "$2/root"
ip link set lo up
cd "$2/root"
[ -z "$3" ] || sed -i 's/^hosts:.*/hosts: files/' etc/nsswitch.conf
mount -t proc proc proc
mount -t tmpfs -o mode=755 tmpfs dev
for node in null zero full random urandom tty; do cp -a /dev/$node dev/; done
ln -s /proc/self/fd dev/fd
for name in stdin:0 stdout:1 stderr:2; do ln -s /proc/self/fd/\${name#*:} dev/\${name%:*}; done
mkdir dev/shm dev/pts
mount -t devpts -o newinstance,ptmxmode=0666 devpts dev/pts
ln -s pts/ptmx dev/ptmx
echo relay3 > etc/hostname
exec chroot . /usr/bin/env -i HOME=/root USER=root LOGNAME=root SHELL=/bin/bash PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin \\
  /bin/sh -c 'cd /root; hostname relay3 2>/dev/null; exec timeout 20 bash -c "$0"' "$1"
`

/** Families in which names are looked up: a resolver that answers says no, and one that is out of reach says "try again". */
const resolving = new Set(['network', 'busybox', 'interpreters'])

const wanted = process.argv.length > 2 ? process.argv.slice(2) : families()
for (const family of wanted) {
  const answers: Record<string, Answer> = {}
  for (const { line, script } of corpus(family)) {
    // Not in memory: directories of tmpfs have other sizes than those of ext4.
    const scratch = fs.mkdtempSync(path.join(process.env.SKEP_SCRATCH ?? os.tmpdir(), 'skep-oracle-'))
    const { stdout, stderr, status } = spawnSync(
      'unshare',
      [
        '--mount',
        '--pid',
        '--net',
        '--uts',
        '--fork',
        'bash',
        '-c',
        within,
        root,
        script,
        scratch,
        resolving.has(family) ? 'yes' : '',
      ],
      { encoding: 'latin1', timeout: 30_000, stdio: ['ignore', 'pipe', 'pipe'] },
    )
    fs.rmSync(scratch, { recursive: true, force: true })
    answers[line] = { stdout: masked(stdout), stderr: masked(stderr), status: status ?? -1 }
  }
  const file = path.join(import.meta.dirname, 'fixtures', `${family}.json`)
  fs.mkdirSync(path.dirname(file), { recursive: true })
  fs.writeFileSync(file, `${JSON.stringify(answers, null, 1)}\n`)
  console.log(family, Object.keys(answers).length, 'lines recorded')
}
