// Records what Debian's Dropbear says to every probe that its algorithms allow: `sh bin/skep-node
// test/oracle/ssh/record-dropbear.ts` with dropbear-bin installed. Runs one with keys of its own on a loopback port.
import { execFileSync, spawn } from 'node:child_process'
import fs from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { dropbearProbes } from './probes-dropbear.ts'
import { recordProbes } from './recording.ts'

const port = 22933
const home = fs.mkdtempSync(path.join(os.tmpdir(), 'dropbear-'))
const keys = [
  ['rsa', '2048'],
  ['ecdsa', '256'],
  ['ed25519', '256'],
] as const
for (const [type, bits] of keys)
  execFileSync('dropbearkey', ['-t', type, ...(type === 'ed25519' ? [] : ['-s', bits]), '-f', path.join(home, type)], {
    stdio: 'ignore',
  })
const dropbear = spawn(
  '/usr/sbin/dropbear',
  [
    '-F',
    '-E',
    '-p',
    `127.0.0.1:${port}`,
    '-P',
    path.join(home, 'pid'),
    ...keys.flatMap(([type]) => ['-r', path.join(home, type)]),
  ],
  { stdio: 'ignore' },
)
await sleep(1000)
// It takes five that are not logged in from one address, and a log-in's delay is spent in each.
await recordProbes({ port, probes: dropbearProbes, atOnce: 4, fixture: 'dropbear-2022.83.json' })
dropbear.kill()
fs.rmSync(home, { recursive: true })
process.exit(0)
