import assert from 'node:assert/strict'
import net from 'node:net'
import { test } from 'node:test'
import { underWay } from './conversations.ts'

test('conversations under way are read as the kernel lists them', () => {
  const head = '  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode\n'
  const tables = new Map([
    [
      '/proc/net/tcp',
      `${head}   0: 0264A8C0:0016 010200C0:C350 01 00000000:00000000\n   1: 00000000:0016 00000000:0000 0A 0:0\n   2: junk\n`,
    ],
    [
      '/proc/net/tcp6',
      `${head}   0: B80D0120000000000000000002000000:0050 B80D0120000000000000000001000000:D431 01 0:0
   1: 0000000000000000FFFF00000264A8C0:0050 0000000000000000FFFF0000010200C0:D432 08 0:0\n`,
    ],
  ])
  assert.deepEqual(
    underWay(file => tables.get(file)!),
    ['6 192.0.2.1 50000 192.168.100.2 22', '6 2001:db8::1 54321 2001:db8::2 80', '6 192.0.2.1 54322 192.168.100.2 80'],
  )
})

test('a conversation of our own is among them', async t => {
  const server = net.createServer().listen(0, '127.0.0.1')
  await new Promise(resolve => server.once('listening', resolve))
  const { port } = server.address() as net.AddressInfo
  const socket = net.connect(port, '127.0.0.1')
  await new Promise(resolve => socket.once('connect', resolve))
  t.after(() => {
    socket.destroy()
    server.close()
  })
  assert.ok(underWay().includes(`6 127.0.0.1 ${socket.localPort} 127.0.0.1 ${port}`))
})
