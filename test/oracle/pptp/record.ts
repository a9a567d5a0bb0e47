/**
 * Records the control connection of Debian's pptpd 1.4.0: `sh bin/skep-node test/oracle/pptp/record.ts`. It knows no other port
 * than 1723, of loopback here, and needs root for its GRE socket; instead of pppd a program runs that says nothing.
 */
import fs from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { recordDialogues } from '../kit/record.ts'
import { script } from './script.ts'

const home = fs.mkdtempSync(path.join(os.tmpdir(), 'pptp-oracle-'))
fs.writeFileSync(path.join(home, 'ppp'), '#!/bin/sh\nexec sleep 20\n', { mode: 0o755 })
fs.writeFileSync(path.join(home, 'options'), '')
fs.writeFileSync(
  path.join(home, 'conf'),
  `ppp ${home}/ppp\noption ${home}/options\nlisten 127.0.0.1\nlocalip 192.0.2.1\nremoteip 192.0.2.10-20\npidfile ${home}/pid\n`,
)
const daemon = () => ({ command: '/usr/sbin/pptpd', args: ['--fg', '--conf', path.join(home, 'conf')] })
await recordDialogues(script, 1723, daemon, new URL('fixtures/debian-12.json', import.meta.url), 100)
fs.rmSync(home, { recursive: true })
