import { spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import fs from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'

/** Where the recorded server listens, on loopback only. */
export const PORT = 25_432
const bin = '/usr/lib/postgresql/15/bin'

/** A question put to the server by psql, as the superuser: rows of cells. */
export const ask = (home: string, sql: string): string[][] => {
  const { stdout, stderr, status } = spawnSync(
    'psql',
    ['-h', home, '-p', String(PORT), '-U', 'postgres', '-X', '-A', '-t', '-F', '\x1f', '-P', 'null=\\N', '-c', sql],
    { encoding: 'utf8' },
  )
  if (status !== 0) throw new Error(`${sql}: ${stderr}`)
  return stdout
    .split('\n')
    .filter(Boolean)
    .map(line => line.split('\x1f'))
}

/**
 * Runs Debian's PostgreSQL with a directory of its own while `use` goes on, as an unprivileged user; nothing is left
 * behind. `postgres` has the password `secret`.
 */
export async function withServer(use: (home: string) => Promise<void>): Promise<void> {
  const home = fs.mkdtempSync(path.join(os.tmpdir(), 'postgresql-oracle-'))
  const as = (program: string, args: string[]): [string, string[]] =>
    process.getuid?.() === 0
      ? ['setpriv', ['--reuid', 'nobody', '--clear-groups', '--', `${bin}/${program}`, ...args]]
      : [`${bin}/${program}`, args]
  try {
    if (process.getuid?.() === 0) spawnSync('chown', ['nobody', home])
    fs.chmodSync(home, 0o755)
    spawnSync(
      ...as('initdb', [
        '-D',
        `${home}/data`,
        '-U',
        'postgres',
        '--auth-host=scram-sha-256',
        '--auth-local=trust',
        '-E',
        'UTF8',
        '--locale=C.UTF-8',
      ]),
    )
    const options = [
      '-D',
      `${home}/data`,
      '-p',
      String(PORT),
      '-c',
      'listen_addresses=127.0.0.1',
      '-c',
      `unix_socket_directories=${home}`,
      '-c',
      'fsync=off',
      '-c',
      'timezone=Etc/UTC',
    ]
    const server = spawn(...as('postgres', options), { stdio: 'ignore' })
    const gone = once(server, 'exit')
    try {
      for (let left = 200; ; left--)
        try {
          ask(home, "ALTER ROLE postgres PASSWORD 'secret'")
          break
        } catch (error) {
          if (left === 0 || server.exitCode !== null) throw error
          await sleep(100)
        }
      await use(home)
    } finally {
      server.kill('SIGINT')
      await gone
    }
  } finally {
    fs.rmSync(home, { recursive: true })
  }
}
