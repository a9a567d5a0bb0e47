import assert from 'node:assert/strict'
import { X509Certificate } from 'node:crypto'
import net from 'node:net'
import { after, before, test } from 'node:test'
import tls from 'node:tls'
import type { Listening } from '#supervisor/messages.ts'
import { assertClean, describeCertificate, type Place, places } from '../denylist.ts'
import { type Skep, startSkep } from '../skep.ts'

let skep: Skep
let listening: Listening[]
before(async () => {
  skep = await startSkep()
  const ready = skep.log.find(line => line.event === 'ready') as { services: Listening[] }
  listening = ready.services.filter(p => p.transport === 'tcp' && p.state === 'listening')
})
after(() => skep?.stop())

const placeOf = (service: string): Place => places.find(place => place === service) ?? 'anything'

/** Everything a service says to what one client sends, until it is quiet for a while or closes. */
function hear({ port, tls: secure }: Listening, sent: string): Promise<Buffer> {
  return new Promise(resolve => {
    const heard: Buffer[] = []
    const socket = secure
      ? tls.connect({ port, host: '127.0.0.1', rejectUnauthorized: false })
      : net.connect(port, '127.0.0.1')
    const done = () => {
      socket.destroy()
      resolve(Buffer.concat(heard))
    }
    let timer = setTimeout(done, 2500)
    socket.on('error', done)
    socket.on('close', done)
    socket.on('data', (chunk: Buffer) => {
      heard.push(chunk)
      clearTimeout(timer)
      timer = setTimeout(done, 700)
    })
    socket.write(sent, 'latin1')
  })
}

const sent = new Map([
  [
    'ftp',
    ['', 'USER anonymous\r\nPASS a@b\r\nSYST\r\nFEAT\r\nHELP\r\nSTAT\r\nPWD\r\nNOPE\r\nQUIT\r\n', 'x'.repeat(9000)],
  ],
  [
    'http',
    [
      'GET / HTTP/1.1\r\nHost: a\r\n\r\n',
      'GET /nope HTTP/1.0\r\n\r\n',
      'OPTIONS * HTTP/1.1\r\nHost: a\r\n\r\n',
      'nonsense\r\n\r\n',
    ],
  ],
  ['redis', ['INFO\r\nCONFIG GET *\r\nCLIENT LIST\r\nKEYS *\r\nNOPE\r\nCOMMAND\r\nACL LIST\r\n', '*1\r\n$x\r\n']],
  ['ssh', ['', 'SSH-2.0-Go\r\n', 'GET / HTTP/1.0\r\n\r\n']],
  ['telnet', ['', 'root\r\n', '\xff\xfb\x18\xff\xfd\x01']],
])

test('nothing that a running sensor says is a mark of a known decoy', async () => {
  const said = new Set<string>()
  for (const at of listening)
    for (const words of sent.get(at.service) ?? ['\r\n']) {
      const answer = await hear(at, words)
      if (answer.length > 0) said.add(at.service)
      const what = `${at.service} at ${at.port} to ${JSON.stringify(words.slice(0, 40))}`
      assertClean(answer, { place: placeOf(at.service), what })
      if (at.service === 'ssh' && answer.length > 0) {
        const identification = answer.toString('latin1').split('\r\n', 1)[0]!
        assertClean(identification, { place: 'ssh-identification', what })
      }
    }
  for (const service of sent.keys()) assert.ok(said.has(service), `${service} said nothing`)
})

test('nor is anything in the certificates it shows', async () => {
  const secure = listening.filter(at => at.tls)
  assert.ok(secure.length > 0)
  for (const { port, service } of secure) {
    const raw = await new Promise<Buffer>((resolve, reject) => {
      const socket = tls.connect({ port, host: '127.0.0.1', rejectUnauthorized: false }, () => {
        resolve(socket.getPeerCertificate().raw)
        socket.destroy()
      })
      socket.once('error', reject)
    })
    assertClean(describeCertificate(new X509Certificate(raw).toString()), { place: 'certificate', what: service })
  }
})
