import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import type { Event } from '#events/event.ts'
import { missing, runClient, type Skep, startSkep } from '../skep.ts'

const ofAction = (action: string) => (event: Event) => event.skep.service === 'inetd' && event.event.action === action
const root = process.getuid!() !== 0 && 'needs root'

describe('inetd’s small services, with real clients', () => {
  let skep: Skep
  before(async () => {
    skep = await startSkep({ config: 'edition: mini\nservices: { inetd: { enabled: true } }\n' })
  })
  after(() => skep?.stop())
  const at = (port: number) => String(port + skep.offset)

  describe('nc', { skip: missing('nc') }, () => {
    const nc = (port: number, input: string, ...args: string[]) =>
      runClient('nc', ['-w', '2', ...args, '127.0.0.1', at(port)], { input, seconds: 20 })
    test('hears itself', async () => {
      assert.equal((await nc(7, 'hello\n', '-N')).out, 'hello\n')
      assert.equal((await nc(7, 'hello\n', '-u')).out, 'hello\n')
    })
    test('hears the day', async () => {
      assert.match((await nc(13, '')).out, /^\d\d [A-Z]{3} 20\d\d \d\d:\d\d:\d\d \S+\r\n$/)
    })
    test('hears characters over TCP and none over UDP', async () => {
      assert.match((await nc(19, '')).out, /^!"#\$%&'\(\)\*\+[^\r]+\r\n"#\$%&/)
      assert.equal((await nc(19, 'x', '-u')).out, '')
      await skep.eventually(ofAction('reflection'), 1, 30)
    })
    test('hears nothing, and is kept', async () => {
      assert.equal((await nc(9, 'a worm says hello\n', '-N')).out, '')
      await skep.eventually(ofAction('payload'))
    })
  })
  test('nmap knows them', { skip: missing('nmap') || root }, async () => {
    const ports = [7, 13, 19, 37].map(at).join(',')
    const { out } = await runClient('nmap', ['-Pn', '-n', '-sV', '-p', ports, '127.0.0.1'], { seconds: 180 })
    assert.match(out, new RegExp(`${at(7)}/tcp +open +echo`))
    assert.match(out, new RegExp(`${at(13)}/tcp +open +daytime`))
    assert.match(out, new RegExp(`${at(19)}/tcp +open +chargen`))
  })
})
