import assert from 'node:assert/strict'
import { once } from 'node:events'
import net from 'node:net'
import { after, before, describe, test } from 'node:test'
import type { Event } from '#events/event.ts'
import { missing, runClient, type Skep, startSkep } from '../skep.ts'

type Told = Event & { process?: { command_line: string }; skep: { environment?: { name: string; value: string } } }
const said = (line: RegExp) => (event: Event) =>
  event.skep.service === 'pptp' && line.test((event as Told).process?.command_line ?? '')
const needsRoot = process.getuid!() !== 0 && 'needs root'

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

  test('pptp, the client of Linux, starts and calls', { skip: missing('pptp') || needsRoot }, async t => {
    // It knows no other port.
    const relay = net.createServer(wire => {
      const far = net.connect(port, '127.0.0.1')
      wire.pipe(far).pipe(wire)
      for (const side of [wire, far]) side.on('error', () => {})
    })
    relay.listen(1723, '127.0.0.1')
    const [failure] = (await Promise.race([once(relay, 'listening'), once(relay, 'error')])) as [Error?]
    if (failure) return t.skip('port 1723 is taken')
    try {
      const args = ['127.0.0.1', '--nolaunchpppd', '--loglevel', '2', '--nobuffer']
      // It stays on the line until it is ended.
      const client = runClient('pptp', args, { seconds: 30 })
      const called = skep.eventually(said(/^Outgoing-Call-Request call \d+ speed/)).then(() => undefined)
      called.catch(() => {})
      const over = await Promise.race([client, called])
      if (over && /getaddrinfo/.test(over.out + over.err))
        return t.skip('pptp looks up no address where there is loopback alone')
      await called
    } finally {
      relay.close()
    }
    await skep.eventually(said(/^Start-Control-Connection-Request version 1\.0/))
    const vendor = (event: Event) => (event as Told).skep.environment?.name === 'PPTP vendor'
    assert.ok((await skep.eventually(vendor)).length > 0)
  })
})
