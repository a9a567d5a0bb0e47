import { execFileSync } from 'node:child_process'
import fs from 'node:fs'
import path from 'node:path'

/**
 * The little world into which recorders of proxies let the real ones connect, in name spaces of its own (`unshare -m -n`): a host
 * that answers at one port and at no other, its name, and a host that never answers. The pretended internet of the talks' persona has
 * all of them as they are here.
 */
export const OWN = '192.0.2.1'
export const HOST = '192.0.2.10'
export const NAME = 'www.example.com'
export const SILENT = '10.1.2.3'
export const PORT = 80
/** Where nobody listens. */
export const NOBODY = 75

/** Makes that world around this process; `home` takes the files that are seen in place of others. */
export function makeOutside(home: string): void {
  const hosts = path.join(home, 'hosts')
  fs.writeFileSync(hosts, `127.0.0.1 localhost\n${HOST} ${NAME}\n`)
  execFileSync('mount', ['--bind', hosts, '/etc/hosts'])
  const ip = (...args: string[]) => execFileSync('ip', args)
  ip('link', 'set', 'lo', 'up')
  for (const address of [OWN, HOST]) ip('address', 'add', `${address}/32`, 'dev', 'lo')
  // Takes packets, and answers none.
  ip('link', 'add', 'away', 'arp', 'off', 'type', 'veth', 'peer', 'name', 'far')
  ip('link', 'set', 'far', 'up')
  ip('link', 'set', 'away', 'up')
  ip('route', 'add', `${SILENT}/32`, 'dev', 'away', 'src', OWN)
}
