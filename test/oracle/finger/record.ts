/** Records Debian's fingerd behind xinetd: `FINGERD=… FINGER=… sh bin/skep-node test/oracle/finger/record.ts`, as root. */
import fs from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { recordDialogues } from '../kit/record.ts'
import { script } from './script.ts'

const port = 21_079
const home = fs.mkdtempSync(path.join(os.tmpdir(), 'finger-oracle-'))
const file = path.join(home, 'xinetd.conf')
fs.writeFileSync(
  file,
  `service finger
{
 type = UNLISTED
 socket_type = stream
 protocol = tcp
 bind = 127.0.0.1
 port = ${port}
 cps = 1000 1
 user = nobody
 wait = no
 server = ${process.env.FINGERD ?? '/usr/sbin/in.fingerd'}
 server_args = -p ${process.env.FINGER ?? '/usr/bin/finger'}
}
`,
)
await recordDialogues(
  script,
  port,
  () => ({ command: '/usr/sbin/xinetd', args: ['-dontfork', '-f', file] }),
  new URL('fixtures/debian-12.json', import.meta.url),
  60,
)
fs.rmSync(home, { recursive: true })
