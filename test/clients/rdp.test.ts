import assert from 'node:assert/strict'
import fs from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { after, before, describe, test } from 'node:test'
import type { Event } from '#events/event.ts'
import { missing, runClient, type Skep, startSkep } from '../skep.ts'

type Told = Event & { user?: { name: string }; skep: { login?: { password?: string }; rdp?: Record<string, unknown> } }
const of =
  (action: string, wanted: (event: Told) => boolean = () => true) =>
  (event: Event) =>
    event.skep.service === 'rdp' && event.event.action === action && wanted(event as Told)
const guess = (user: string, password: string) =>
  of('login', event => event.user?.name === user && event.skep.login?.password === password)

describe('RDP, with real clients', () => {
  let skep: Skep
  let at: string
  before(async () => {
    skep = await startSkep({ config: 'persona: { os: debian-12 }\nservices: { rdp: {} }\n', edition: 'sensor' })
    at = `127.0.0.1:${skep.port('rdp')}`
  })
  after(() => skep?.stop())

  const freerdp = (user: string, password: string, security: string) =>
    runClient(
      'xvfb-run',
      [
        '-a',
        'timeout',
        '8',
        'xfreerdp',
        `/v:${at}`,
        `/u:${user}`,
        `/p:${password}`,
        `/sec:${security}`,
        '/cert:ignore',
      ],
      { seconds: 30 },
    )

  describe('FreeRDP', { skip: missing('xfreerdp', 'xvfb-run') }, () => {
    test('through TLS, to the desktop', async () => {
      const { err, out } = await freerdp('administrator', 'P@ssw0rd', 'tls')
      assert.doesNotMatch(`${out}${err}`, /ERRCONNECT|failed to connect|transport_connect/i)
      await skep.eventually(guess('administrator', 'P@ssw0rd'))
      await skep.eventually(of('rdp-hello', event => Array.isArray(event.skep.rdp?.channels)))
    })
    test('through the standard security of before', async () => {
      const { err, out } = await freerdp('root', 'letmein', 'rdp')
      assert.doesNotMatch(`${out}${err}`, /ERRCONNECT|failed to connect/i)
      await skep.eventually(guess('root', 'letmein'))
    })
  })

  test('rdesktop, whose user trusts any certificate', { skip: missing('rdesktop', 'xvfb-run') }, async () => {
    const home = fs.mkdtempSync(path.join(os.tmpdir(), 'rdesktop-'))
    const args = ['rdesktop', '-u', 'admin', '-p', 'secret99', '-g', '800x600', at]
    const rdesktop = ['-a', 'env', `HOME=${home}`, 'timeout', '8', ...args]
    const { out, err } = await runClient('xvfb-run', rdesktop, { input: 'yes\n', seconds: 30 })
    fs.rmSync(home, { recursive: true })
    assert.match(out + err, /Connection established using SSL/)
    await skep.eventually(guess('admin', 'secret99'))
  })

  test('ncrack: every guess is recorded', { skip: missing('ncrack') }, async () => {
    const list = path.join(os.tmpdir(), `skep-rdp-${process.pid}.txt`)
    fs.writeFileSync(list, 'alpha1\nbravo2\n')
    await runClient('ncrack', ['-v', '--user', 'operator', '-P', list, `rdp://${at}`, '-g', 'cl=1,to=45s'], {
      seconds: 60,
    })
    fs.rmSync(list)
    for (const password of ['alpha1', 'bravo2']) await skep.eventually(guess('operator', password))
  })

  test('nmap names xrdp and lists what it agrees to', { skip: missing('nmap') }, async () => {
    const port = at.split(':')[1]!
    const { out } = await runClient(
      'nmap',
      ['-n', '-Pn', '-sV', '--script', '+rdp-enum-encryption', '-p', port, '127.0.0.1'],
      { seconds: 120 },
    )
    assert.match(out, /xrdp/)
    assert.match(out, /Native RDP: SUCCESS/)
    assert.match(out, /SSL: SUCCESS/)
  })
})
