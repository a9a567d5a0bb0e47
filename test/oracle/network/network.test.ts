import assert from 'node:assert/strict'
import fs from 'node:fs'
import path from 'node:path'
import { test } from 'node:test'
import type { Internet } from '#machine/system.ts'
import { testComputer } from '#machine/testing.ts'
import { downloads, masked, modified, type Output, replyFor } from './downloads.ts'

const recorded: Record<string, Output> = JSON.parse(
  fs.readFileSync(path.join(import.meta.dirname, 'fixtures/downloads.json'), 'utf8'),
)

/** The server of the recording, at an address for documentation. */
const internet: Internet = {
  resolve: name => ({ v4: name }),
  connect: () => ({ seconds: 0 }),
  fetch: url => ({ ...replyFor(new URL(url).pathname), server: 'nginx', modified, seconds: 0.0002 }),
  made: () => true,
}

const run = async (line: string): Promise<Output> => {
  const written = { stdout: '', stderr: '' }
  const sink = (name: keyof typeof written) => ({
    async write(data: Buffer | string) {
      written[name] += typeof data === 'string' ? data : data.toString('latin1')
    },
  })
  const silent = () => {}
  const computer = testComputer(internet)
  const login = computer.logIn({
    account: { name: 'root', uid: 0, gid: 0, comment: '', home: '/tmp', shell: '/bin/bash' },
    witness: {
      command: silent,
      download: silent,
      connection: silent,
      file: silent,
      read: silent,
      execution: silent,
      account: silent,
    } as never,
    from: '198.51.100.7',
    stdin: { read: async () => undefined },
    stdout: sink('stdout'),
    stderr: sink('stderr'),
    daemon: { argv: ['sshd: root@notty'], exe: '/usr/sbin/sshd' },
  })
  const { fs: disk, who } = login.process
  const before = new Set(disk.readdir('/tmp', who))
  const status = await login.exec(line.replaceAll('URL', 'http://192.0.2.10:8080'))
  const files: string[] = []
  const walk = (folder: string): void => {
    for (const name of disk.readdir(folder, who)) {
      const place = `${folder}/${name}`
      if (folder === '/tmp' && before.has(name)) continue
      const stat = disk.stat(place, who)
      if (stat.type === 'directory') walk(place)
      else files.push(`${place.slice(5).replace(/192\.0\.2\.10:\d+/, 'HOST:PORT')} ${stat.size}`)
    }
  }
  walk('/tmp')
  login.close()
  return { stdout: masked(written.stdout), stderr: masked(written.stderr), status, files: files.toSorted() }
}

for (const line of downloads)
  test(`a download prints what Debian's program prints: ${line}`, async () => {
    assert.deepEqual(await run(line), recorded[line])
  })
