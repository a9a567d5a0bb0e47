/**
 * Records Debian's Xtigervnc, in the foreground and on loopback: `sh bin/skep-node test/oracle/vnc/record.ts`. Its password is
 * nobody's; its screen is empty.
 */
import { spawnSync } from 'node:child_process'
import fs from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { recordDialogues } from '../kit/record.ts'
import { script } from './script.ts'

const port = 25_900
const home = fs.mkdtempSync(path.join(os.tmpdir(), 'vnc-oracle-'))
const passwords = path.join(home, 'passwd')
fs.writeFileSync(passwords, spawnSync('vncpasswd', ['-f'], { input: 'secret\n' }).stdout)
await recordDialogues(
  script,
  port,
  name => ({
    command: '/usr/bin/Xtigervnc',
    args: [
      ':87',
      ...['-rfbport', String(port), '-interface', '127.0.0.1', '-localhost', '-nolisten', 'unix'],
      ...['-geometry', '1024x768', '-depth', '24', '-desktop', 'relay3:1 (root)'],
      ...(name.startsWith('open') ? ['-SecurityTypes', 'None'] : ['-SecurityTypes', 'VncAuth,TLSVnc']),
      ...['-PasswordFile', passwords],
    ],
  }),
  new URL('fixtures/debian-12.json', import.meta.url),
  120,
)
fs.rmSync(home, { recursive: true })
