import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import type { Event } from '#events/event.ts'
import { missing, runClient, type Skep, startSkep } from '../skep.ts'

const commandLine = (line: string) => (event: Event) =>
  event.skep.service === 'finger' && (event as { process?: { command_line?: string } }).process?.command_line === line

describe('finger, with real clients', () => {
  let skep: Skep
  let port: string
  before(async () => {
    skep = await startSkep({ config: 'edition: mini\nservices: { finger: { enabled: true } }\n' })
    port = String(skep.port('finger'))
  })
  after(() => skep?.stop())

  test('nc asks for names', { skip: missing('nc') }, async () => {
    const ask = async (query: string) => (await runClient('nc', ['-w', '5', '127.0.0.1', port], { input: query })).out
    assert.match(await ask('root\r\n'), /^Login: root +\t\t\tName: root\r\nDirectory: \/root +\tShell: \/bin\/bash\r\n/)
    assert.equal(await ask('toor\r\n'), 'finger: toor: no such user.\r\n')
    await skep.eventually(commandLine('finger toor'))
  })
  test('curl asks, as gopher', { skip: missing('curl') }, async () => {
    const { out } = await runClient('curl', ['-sS', '-m', '10', `gopher://127.0.0.1:${port}/0www-data`])
    assert.match(out, /Directory: \/var\/www/)
  })
  test('nmap knows it', { skip: missing('nmap') }, async () => {
    const args = ['-Pn', '-n', '-sV', '-p', port, '--script', '+finger', '127.0.0.1']
    const { out } = await runClient('nmap', args, { seconds: 150 })
    assert.match(out, /open +finger/, out)
    assert.match(out, /No one logged on/)
  })
})
