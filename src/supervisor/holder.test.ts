import assert from 'node:assert/strict'
import fs from 'node:fs'
import net from 'node:net'
import { test } from 'node:test'
import { portHolder, portsOf } from './holder.ts'

const listen = (host: string) =>
  new Promise<net.Server>(resolve => {
    const server = net.createServer().listen(0, host, () => resolve(server))
  })
const portOf = (server: net.Server) => (server.address() as net.AddressInfo).port

test('a program’s ports are those that others reach; a port’s holder is found by name', async t => {
  const [open, own] = [await listen('0.0.0.0'), await listen('127.0.0.1')]
  t.after(() => {
    open.close()
    own.close()
  })
  const name = fs.readFileSync('/proc/self/comm', 'utf8').trim()
  const ports = portsOf(name)
  assert.ok(ports.includes(portOf(open)))
  assert.ok(!ports.includes(portOf(own)))
  assert.deepEqual(portsOf('no program of this name'), [])
  assert.equal(portHolder('tcp', portOf(own)), `${name} (pid ${process.pid})`)
})
