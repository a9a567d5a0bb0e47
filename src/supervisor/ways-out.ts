/**
 * Tries to reach out with the exposed side's user, and tells how that went: one line of JSON on standard output. A program
 * of its own, started by egress.ts with that user's and group's ids as arguments. Every address is of a documentation range (RFC 5737, RFC 3849):
 * where no lock holds, a packet to them gets no farther than the first router.
 */
import { spawnSync } from 'node:child_process'
import dgram from 'node:dgram'
import { Resolver } from 'node:dns/promises'
import net from 'node:net'

export const nowhere = { ipv4: '192.0.2.1', ipv6: '2001:db8::1' } as const
export type WayOut = { what: string; how: string }

/** Milliseconds after which a packet that nobody answers is taken for sent or dropped; counters tell which. */
const PATIENCE = 400

const tcp = (host: string) =>
  new Promise<string>(resolve => {
    const socket = net.connect(80, host)
    const end = (how: string) => {
      socket.destroy()
      resolve(how)
    }
    socket.setTimeout(PATIENCE, () => end('no answer'))
    socket.once('connect', () => end('connected'))
    socket.once('error', (error: NodeJS.ErrnoException) => end(error.code ?? error.message))
  })
const udp = (host: string) =>
  new Promise<string>(resolve => {
    const socket = dgram.createSocket(host.includes(':') ? 'udp6' : 'udp4')
    socket.once('error', (error: NodeJS.ErrnoException) => resolve(error.code ?? error.message))
    socket.send('', 9, host, error => {
      socket.close()
      resolve((error as NodeJS.ErrnoException | null)?.code ?? 'sent')
    })
  })
async function dns(host: string): Promise<string> {
  const resolver = new Resolver({ timeout: PATIENCE, tries: 1 })
  resolver.setServers([host.includes(':') ? `[${host}]` : host])
  try {
    await resolver.resolve4('example.com')
    return 'answered'
  } catch (error) {
    return (error as NodeJS.ErrnoException).code ?? String(error)
  }
}

/** By ping(8), which may open such sockets where we may not. */
async function icmp(host: string): Promise<string> {
  const { error, status, stderr } = spawnSync('ping', ['-n', '-c', '1', '-W', '1', host], {
    encoding: 'utf8',
    env: { PATH: '/usr/bin:/bin', LANG: 'C' },
    timeout: 3000,
  })
  if (error) return (error as NodeJS.ErrnoException).code ?? error.message
  if (/unreachable/i.test(stderr)) return 'ENETUNREACH'
  return status === 0 ? 'answered' : /not permitted/.test(stderr) ? 'EPERM' : 'no answer'
}

if (import.meta.main) {
  const [user, group] = process.argv.slice(2).map(Number)
  if (process.getuid?.() === 0) {
    process.setgroups!([])
    process.setgid!(group!)
    process.setuid!(user!)
  }
  const ways = Object.entries(nowhere).flatMap(([family, host]) =>
    Object.entries({ TCP: tcp, UDP: udp, DNS: dns, ICMP: icmp }).map(async ([what, attempt]) => ({
      what: `${what} over ${family === 'ipv4' ? 'IPv4' : 'IPv6'}`,
      how: await attempt(host),
    })),
  )
  console.log(JSON.stringify(await Promise.all(ways)))
}
