/**
 * Records what Debian 12's wget, curl and BusyBox print when a download succeeds: `sh bin/skep-node
 * test/oracle/network/record.ts`, as root, with the chroot of test/oracle/machine/record.ts. The server is ours, on the
 * loopback.
 */
import { spawn } from 'node:child_process'
import fs from 'node:fs'
import net from 'node:net'
import path from 'node:path'
import { downloads, masked, modified, type Output, replyFor } from './downloads.ts'

const root = process.env.SKEP_ORACLE ?? '/var/tmp/oracle/root'
const stamp = new Date(modified).toUTCString()
const reasons: Record<number, string> = { 200: 'OK', 404: 'Not Found' }

const server = net.createServer(socket => {
  let text = ''
  socket.on('error', () => {})
  socket.on('data', data => {
    text += data.toString('latin1')
    for (;;) {
      const end = text.indexOf('\r\n\r\n')
      const length = Number(/content-length: (\d+)/i.exec(text)?.[1] ?? 0)
      if (end < 0 || text.length < end + 4 + length) return
      const [method = '', target = ''] = text.split(' ')
      text = text.slice(end + 4 + length)
      const { status, type, body } = replyFor(target)
      const etag = `"${Math.floor(modified / 1000).toString(16)}-${body.length.toString(16)}"`
      socket.write(
        `HTTP/1.1 ${status} ${reasons[status]}\r\nServer: nginx\r\nDate: ${new Date().toUTCString()}\r\nContent-Type: ${type}\r\nContent-Length: ${body.length}\r\nLast-Modified: ${stamp}\r\nConnection: keep-alive\r\nETag: ${etag}\r\nAccept-Ranges: bytes\r\n\r\n`,
      )
      if (method !== 'HEAD') socket.write(body)
    }
  })
})
await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
const { port } = server.address() as net.AddressInfo

const run = (line: string): Promise<Output> =>
  new Promise(resolve => {
    const folder = fs.mkdtempSync(path.join(root, 'tmp/skep-'))
    const inside = folder.slice(root.length)
    const child = spawn(
      'chroot',
      [
        root,
        '/usr/bin/env',
        '-i',
        'HOME=/nonexistent',
        'PATH=/usr/bin:/bin',
        'bash',
        '-c',
        `cd ${inside}; ${line.replaceAll('URL', `http://127.0.0.1:${port}`)}`,
      ],
      { stdio: ['ignore', 'pipe', 'pipe'] },
    )
    let [stdout, stderr] = ['', '']
    child.stdout.on('data', data => (stdout += data.toString('latin1')))
    child.stderr.on('data', data => (stderr += data.toString('latin1')))
    child.on('close', status => {
      const files = fs
        .readdirSync(folder, { recursive: true, withFileTypes: true })
        .filter(entry => entry.isFile())
        .map(
          entry =>
            `${path.relative(folder, path.join(entry.parentPath, entry.name)).replace(/127\.0\.0\.1:\d+/, 'HOST:PORT')} ${fs.statSync(path.join(entry.parentPath, entry.name)).size}`,
        )
        .toSorted()
      fs.rmSync(folder, { recursive: true })
      resolve({ stdout: masked(stdout), stderr: masked(stderr), status: status ?? -1, files })
    })
  })

const answers: Record<string, Output> = {}
for (const line of downloads) answers[line] = await run(line)
fs.writeFileSync(path.join(import.meta.dirname, 'fixtures/downloads.json'), `${JSON.stringify(answers, null, 1)}\n`)
server.close()
console.log(downloads.length, 'downloads recorded')
