import { spawnSync } from 'node:child_process'
import dgram from 'node:dgram'
import dns from 'node:dns'
import fs from 'node:fs'
import net from 'node:net'
import { Worker } from 'node:worker_threads'

/** One thing the exposed side must not be able to do, tried for real. */
export type Attempt = { what: string; refused: boolean; how: string }

/**
 * Tries what an intruder would try, with exactly the rights of this process. All addresses are loopback: even where
 * nothing refuses, nothing leaves the machine. `network` is false where a process keeps the network on purpose.
 */
export function probe({ network }: { network: boolean }): Promise<Attempt[]> {
  return Promise.all([
    attempt('read /etc/passwd', () => fs.readFileSync('/etc/passwd')),
    attempt('read its own environment', () => fs.readFileSync('/proc/self/environ')),
    attempt('write outside the data directory', () => fs.writeFileSync('/tmp/skep-probe', '')),
    attempt('write into the compiled code', () =>
      fs.writeFileSync(`${process.env.NODE_COMPILE_CACHE ?? '/tmp'}/skep-probe`, ''),
    ),
    attempt('make a symbolic link', () => fs.symlinkSync('/etc', 'journal/probe')),
    attempt('start a program', () => {
      const { error } = spawnSync('/bin/true')
      if (error) throw error
    }),
    attempt('start a thread', () => void new Worker('0', { eval: true })),
    attempt('load an add-on', () => process.dlopen({ exports: {} }, 'probe.node')),
    attempt('run text as code', () => new Function('return 1')()),
    ...(network
      ? [
          attempt('connect over IPv4', () => connect('127.0.0.1')),
          attempt('connect over IPv6', () => connect('::1')),
          attempt('connect to a Unix socket', () => connect('/run/skep-probe.sock')),
          attempt('look up a name', () => dns.promises.lookup('localhost')),
          attempt('send a datagram', () => send('127.0.0.1')),
          attempt('open another port', () => listen()),
        ]
      : []),
  ])
}

async function attempt(what: string, act: () => unknown): Promise<Attempt> {
  try {
    await act()
    return { what, refused: false, how: 'it worked' }
  } catch (error) {
    const { code, name, message } = error as NodeJS.ErrnoException
    const how = code ?? name
    // Only a refusal by the permission model counts: a network that happens to be down proves nothing.
    const refused =
      how === 'ERR_ACCESS_DENIED' ||
      how === 'ERR_DLOPEN_DISABLED' ||
      (name === 'EvalError' && /disallowed/.test(message))
    return { what, refused, how }
  }
}

function connect(host: string): Promise<void> {
  return new Promise((resolve, reject) => {
    const socket = host.startsWith('/') ? net.connect(host) : net.connect(9, host)
    socket.setTimeout(500, () => {
      socket.destroy()
      resolve()
    })
    socket.once('connect', () => {
      socket.destroy()
      resolve()
    })
    // Refused by the other side means that a packet left.
    socket.once('error', (error: NodeJS.ErrnoException) =>
      error.code === 'ERR_ACCESS_DENIED' ? reject(error) : resolve(),
    )
  })
}

function send(host: string): Promise<void> {
  // A denied look-up of the address raises past every handler; with a look-up of our own, `send` itself throws.
  const lookup = (name: string, _: unknown, done: (error: null, address: string, family: number) => void) =>
    done(null, name, 4)
  const socket = dgram.createSocket({ type: 'udp4', lookup: lookup as never })
  return new Promise<void>((resolve, reject) => {
    socket.once('error', reject)
    socket.send('probe', 9, host, error => (error ? reject(error) : resolve()))
  }).finally(() => socket.close())
}

function listen(): Promise<void> {
  // Checked first: a denied listen raises past every handler.
  if (process.permission && !process.permission.has('net'))
    throw Object.assign(new Error('Access to this API has been restricted'), { code: 'ERR_ACCESS_DENIED' })
  const server = net.createServer()
  return new Promise<void>((resolve, reject) => {
    server.once('error', reject)
    server.listen(0, '127.0.0.1', () => server.close(() => resolve()))
  })
}
