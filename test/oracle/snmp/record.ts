/** Records Debian's snmpd: `sh bin/skep-node test/oracle/snmp/record.ts`. */
import fs from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { recordDatagrams } from '../kit/datagrams.ts'
import { script } from './script.ts'

const port = 21_162
const home = fs.mkdtempSync(path.join(os.tmpdir(), 'snmp-oracle-'))
fs.writeFileSync(
  path.join(home, 'snmpd.conf'),
  `agentaddress udp:127.0.0.1:${port}\nrocommunity public\nrwcommunity private\nsysServices 72\n`,
)
const args = ['-f', '-C', '-c', path.join(home, 'snmpd.conf'), '-Ln', `--persistentDir=${home}/state`]
await recordDatagrams(
  script,
  port,
  () => ({ command: '/usr/sbin/snmpd', args, clean: () => fs.rmSync(home, { recursive: true }) }),
  new URL('fixtures/debian-12.json', import.meta.url),
  { together: true, start: 4000, quiet: 80 },
)
