import { spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import fs from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'

/** Where the recorded server listens, on loopback only. */
export const PORT = 23_306

/**
 * Runs Debian's mariadbd with a directory and accounts of its own while `use` goes on, as an unprivileged user; nothing
 * is left behind. Settings are those of Debian's /etc/mysql that a client can tell. `tester` may do everything and has
 * the password `secret`.
 */
export async function withServer(use: (home: string) => Promise<void>): Promise<void> {
  const home = fs.mkdtempSync(path.join(os.tmpdir(), 'mariadb-oracle-'))
  const user = process.getuid?.() === 0 ? ['--user=nobody'] : []
  try {
    if (user.length) spawnSync('chown', ['nobody', home])
    spawnSync('mariadb-install-db', [
      '--no-defaults',
      `--datadir=${home}/data`,
      '--auth-root-authentication-method=normal',
      '--skip-test-db',
      ...user,
    ])
    const server = spawn(
      'mariadbd',
      [
        '--no-defaults',
        `--datadir=${home}/data`,
        `--port=${PORT}`,
        '--bind-address=127.0.0.1',
        `--socket=${home}/socket`,
        `--pid-file=${home}/pid`,
        '--character-set-server=utf8mb4',
        '--collation-server=utf8mb4_general_ci',
        '--expire-logs-days=10',
        ...user,
      ],
      { stdio: 'ignore' },
    )
    const gone = once(server, 'exit')
    try {
      const made =
        "CREATE USER tester@'%' IDENTIFIED BY 'secret'; GRANT ALL ON *.* TO tester@'%' WITH GRANT OPTION; CREATE USER tester@localhost IDENTIFIED BY 'secret'; GRANT ALL ON *.* TO tester@localhost WITH GRANT OPTION"
      for (
        let left = 300;
        spawnSync('mariadb', ['-h127.0.0.1', `-P${PORT}`, '-uroot', '-e', made]).status !== 0;
        left--
      ) {
        if (left === 0 || server.exitCode !== null) throw new Error('mariadbd did not start')
        await sleep(100)
      }
      await use(home)
    } finally {
      server.kill('SIGTERM')
      await gone
    }
  } finally {
    fs.rmSync(home, { recursive: true })
  }
}
