/**
 * Records Debian's Xvfb with TCP, on loopback: `sh bin/skep-node test/oracle/x11/record.ts`. It listens on every address while
 * it runs, for a moment a dialogue, and shows an empty screen.
 */
import fs from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { recordDialogues } from '../kit/record.ts'
import { script } from './script.ts'

const display = 61
const home = fs.mkdtempSync(path.join(os.tmpdir(), 'x11-oracle-'))
// .Xauthority: family FamilyWild, no address, no number, name and data, lengths in network order.
const cookies = path.join(home, 'cookies')
const field = (text: string) => Buffer.concat([Buffer.of(0, text.length), Buffer.from(text, 'latin1')])
fs.writeFileSync(
  cookies,
  Buffer.concat([Buffer.of(0xff, 0xff), field(''), field(''), field('MIT-MAGIC-COOKIE-1'), field('sixteen bytes!!!')]),
)
await recordDialogues(
  script,
  6000 + display,
  name => ({
    command: '/usr/bin/Xvfb',
    args: [
      ...[`:${display}`, '-screen', '0', '1024x768x24', '-listen', 'tcp', '-nolisten', 'unix', '-nolisten', 'local'],
      ...(name.startsWith('open') ? ['-ac'] : ['-auth', cookies]),
    ],
  }),
  new URL('fixtures/debian-12.json', import.meta.url),
  100,
)
fs.rmSync(home, { recursive: true })
