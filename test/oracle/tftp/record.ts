/** Records Debian's tftpd-hpa: `sh bin/skep-node test/oracle/tftp/record.ts`. Needs root, which in.tftpd gives up. */
import fs from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { recordDatagrams } from '../kit/datagrams.ts'
import { script } from './script.ts'

const port = 21_069
const home = fs.mkdtempSync(path.join(os.tmpdir(), 'tftp-oracle-'))
fs.chmodSync(home, 0o777)
fs.writeFileSync(path.join(home, 'small.txt'), 'hi\n')
fs.writeFileSync(path.join(home, 'lines.txt'), 'a\nb\r\nc\n'.repeat(70))
fs.writeFileSync(path.join(home, 'big.cfg'), 'a'.repeat(1300))
fs.writeFileSync(path.join(home, 'secret'), 's\n', { mode: 0o600 })
fs.mkdirSync(path.join(home, 'dir'), { mode: 0o755 })
const args = ['-L', '-a', `127.0.0.1:${port}`, '-s', '--create', '-u', 'nobody', home]
await recordDatagrams(
  script,
  port,
  () => ({ command: '/usr/sbin/in.tftpd', args, clean: () => fs.rmSync(home, { recursive: true }) }),
  new URL('fixtures/debian-12.json', import.meta.url),
  { together: true, quiet: 100 },
)
