import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import fs from 'node:fs'
import net from 'node:net'
import os from 'node:os'
import path from 'node:path'
import { after, before, describe, test } from 'node:test'
import type { Event } from '#events/event.ts'
import { whyNoNamespaces } from '../namespaces.ts'
import { missing, runClient, type Skep, startSkep } from '../skep.ts'

type Told = Event & { process?: { command_line: string }; skep: { environment?: { name: string; value: string } } }
const said = (line: RegExp) => (event: Event) =>
  event.skep.service === 'pptp' && line.test((event as Told).process?.command_line ?? '')

describe('PPTP, with real clients', () => {
  let skep: Skep
  let port: number
  before(async () => {
    skep = await startSkep({
      config: 'persona: { os: debian-12 }\nedition: mini\nservices: { pptp: { enabled: true } }\n',
    })
    port = skep.port('pptp')
  })
  after(() => skep?.stop())

  test('nmap reads its names and its firmware', { skip: missing('nmap') }, async () => {
    const args = ['-Pn', '-n', '-sT', '-sV', '-p', String(port), '--script', '+pptp-version', '127.0.0.1']
    const { out } = await runClient('nmap', args, { seconds: 200 })
    assert.match(out, /open +pptp +linux \(Firmware: 1\)/)
    const vendor = (event: Event) => (event as Told).skep.environment?.value === 'nmap'
    await skep.eventually(vendor)
  })

  test('pptp, the client of Linux, starts and calls', {
    skip: missing('pptp', 'ip', 'ncat', 'unshare') || whyNoNamespaces(),
  }, async () => {
    const home = fs.mkdtempSync(path.join(os.tmpdir(), 'pptp-client-'))
    const socket = path.join(home, 'out')
    // It knows no other port, and no address where there is loopback alone: it gets a network of its own, with a way out to us.
    const wayOut = net.createServer(wire => {
      const far = net.connect(port, '127.0.0.1')
      wire.pipe(far).pipe(wire)
      for (const side of [wire, far]) side.on('error', () => {})
    })
    wayOut.listen(socket)
    await once(wayOut, 'listening')
    const within = `ip link set lo up && ip addr add 192.0.2.1/24 dev lo
ncat -lk 192.0.2.1 1723 --sh-exec 'exec ncat -U ${socket}' &
until ncat -z 192.0.2.1 1723; do sleep 0.1; done
exec pptp 192.0.2.1 --nolaunchpppd --loglevel 2 --nobuffer`
    const client = spawn('unshare', ['-n', '-p', '--fork', '--kill-child', 'sh', '-c', within], { stdio: 'ignore' })
    try {
      await skep.eventually(said(/^Outgoing-Call-Request call \d+ speed/), 1, 20)
    } finally {
      client.kill('SIGKILL')
      wayOut.close()
      fs.rmSync(home, { recursive: true })
    }
    await skep.eventually(said(/^Start-Control-Connection-Request version 1\.0/))
    const vendor = (event: Event) => (event as Told).skep.environment?.name === 'PPTP vendor'
    assert.ok((await skep.eventually(vendor)).length > 0)
  })
})
