/**
 * Records what OpenSSH's sftp-server of Debian 12 answers: `sh bin/skep-node test/oracle/sftp/record.ts`, as root.
 * SKEP_ORACLE names the folder of a chroot as for ../machine/record.ts.
 */
import { spawn } from 'node:child_process'
import fs from 'node:fs'
import path from 'node:path'
import { masked } from './masked.ts'
import { type Conversation, conversations } from './script.ts'

const root = process.env.SKEP_ORACLE ?? '/var/tmp/oracle/root'
if (!fs.existsSync(`${root}/usr/lib/openssh/sftp-server`)) throw new Error(`No sftp-server in a chroot at ${root}`)

const within = `
set -e
mount -t tmpfs tmpfs /mnt
mkdir /mnt/up /mnt/work /mnt/root
mount -t overlay overlay -o lowerdir="$0",upperdir=/mnt/up,workdir=/mnt/work /mnt/root
cd /mnt/root
mount -t proc proc proc
mount --bind /dev dev
chmod 1777 tmp
exec chroot . /usr/bin/env -i HOME=/root PATH=/usr/sbin:/usr/bin:/sbin:/bin /bin/sh -c 'ulimit -n 1024; cd /root; eval "$0"; exec "$@"' "$@"
`
/** The server never answers once it is idle; it has had its time then. */
const idle = 400

const run = ({ packets, as, args = [], before = ':' }: Conversation): Promise<{ answers: string[]; status: number }> =>
  new Promise((resolve, reject) => {
    const program = ['/usr/lib/openssh/sftp-server', ...args]
    const line = as ? ['setpriv', '--reuid', '65534', '--regid', '65534', '--clear-groups', ...program] : program
    const child = spawn(
      'unshare',
      ['--mount', '--pid', '--net', '--fork', 'bash', '-c', within, root, as ? `${before}; cd /tmp` : before, ...line],
      { stdio: ['pipe', 'pipe', 'inherit'] },
    )
    const chunks: Buffer[] = []
    let timer: NodeJS.Timeout | undefined
    const wait = (time: number) => {
      clearTimeout(timer)
      timer = setTimeout(() => child.stdin.end(), time)
    }
    child.stdout.on('data', chunk => {
      chunks.push(chunk)
      wait(idle)
    })
    child.stdin.on('error', () => {})
    child.on('error', reject)
    child.on('close', status => {
      clearTimeout(timer)
      resolve({ answers: masked(Buffer.concat(chunks), Date.now() / 1000), status: status ?? -1 })
    })
    child.stdin.write(Buffer.concat(packets))
    wait(3000)
  })

const recorded: Record<string, { answers: string[]; status: number }> = {}
for (const [name, conversation] of Object.entries(conversations)) recorded[name] = await run(conversation)
const file = path.join(import.meta.dirname, 'fixtures', 'openssh-9.2p1-debian12.json')
fs.mkdirSync(path.dirname(file), { recursive: true })
fs.writeFileSync(file, `${JSON.stringify(recorded, null, 1)}\n`)
console.log(Object.keys(recorded).length, 'conversations recorded')
