import assert from 'node:assert/strict'
import { once } from 'node:events'
import net from 'node:net'
import { after, before, describe, test } from 'node:test'
import type { Event } from '#events/event.ts'
import { type Inside, startInside } from '../inside.ts'
import { createNetwork, type Network, whyNoNamespaces } from '../namespaces.ts'
import { missing, runClient, type Skep, startSkep } from '../skep.ts'

const asked = (line: string) => (event: Event) =>
  event.skep.service === 'ident' && (event as { process?: { command_line?: string } }).process?.command_line === line

describe('ident', () => {
  let skep: Skep
  before(async () => {
    skep = await startSkep({ config: 'persona: { os: debian-12 }\n' })
  })
  after(() => skep?.stop())
  const ask = async (line: string) => {
    const socket = net.connect(skep.port('ident'), '127.0.0.1')
    socket.write(`${line}\r\n`)
    let heard = ''
    socket.on('data', piece => {
      heard += piece.toString('latin1')
    })
    await once(socket, 'close')
    return heard
  }

  test('tells the owner of a connection while it is open, and no longer', async () => {
    const ours = skep.port('redis')
    const socket = net.connect(ours, '127.0.0.1')
    socket.write('PING\r\n')
    await once(socket, 'data')
    const pair = `${ours} , ${socket.localPort}`
    assert.equal(await ask(pair), `${ours},${socket.localPort}:USERID:UNIX:redis\r\n`)
    await skep.eventually(asked(pair))
    socket.destroy()
    await skep.eventually(e => e.skep.service === 'redis' && e.event.action === 'connection-closed')
    assert.match(await ask(pair), /:ERROR:NO-USER\r\n$/)
  })
  test('asked by netcat', { skip: missing('nc') }, async () => {
    const { out } = await runClient('nc', ['-w', '5', '127.0.0.1', String(skep.port('ident'))], { input: '0 , 25\r\n' })
    assert.equal(out, '0,25:ERROR:INVALID-PORT\r\n')
  })
})

describe('ident at its own port', { skip: whyNoNamespaces() ?? missing('nmap') }, () => {
  let network: Network
  let inside: Inside
  before(async () => {
    network = createNetwork(['attacker', 'sensor'])
    inside = await startInside(network, 'sensor', [])
    await inside.said('ready')
  })
  after(async () => {
    await inside?.remove()
    network?.remove()
  })
  test('nmap’s auth-owners finds whose the services are', () => {
    const { stdout } = network.run(
      'attacker',
      ['nmap', '-Pn', '-n', '-p', '22,110,113,3306', '--script', 'auth-owners', network.address('sensor')],
      { timeout: 120_000 },
    )
    assert.match(stdout, /22\/tcp +open +ssh\n\|_auth-owners: root/)
    assert.match(stdout, /110\/tcp +open +pop3\n\|_auth-owners: dovenull/)
    assert.match(stdout, /3306\/tcp +open +mysql\n\|_auth-owners: mysql/)
  })
})
