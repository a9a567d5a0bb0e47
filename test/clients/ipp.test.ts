import assert from 'node:assert/strict'
import dgram from 'node:dgram'
import fs from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { after, before, describe, test } from 'node:test'
import type { Event } from '#events/event.ts'
import { missing, type Ran, runClient, type Skep, startSkep } from '../skep.ts'

const ofAction = (action: string) => (event: Event) => event.skep.service === 'ipp' && event.event.action === action
const operation = (name: string) => (event: Event) =>
  ofAction('command')(event) && (event as { process?: { name?: string } }).process?.name === name

describe('ipp, with real clients', () => {
  let skep: Skep
  let home: string
  let server: string
  let queue = ''
  /** The user's own account of a client of CUPS; `-U` names another. */
  const cups = (program: string, ...args: string[]): Promise<Ran> => runClient(program, ['-h', server, ...args])
  before(async () => {
    home = fs.mkdtempSync(path.join(os.tmpdir(), 'ipp-clients-'))
    skep = await startSkep({
      config: 'persona: { os: debian-12 }\nedition: mini\nservices: { ipp: { enabled: true } }\n',
    })
    server = `127.0.0.1:${skep.port('ipp')}`
  })
  after(async () => {
    await skep?.stop()
    fs.rmSync(home, { recursive: true })
  })

  describe('the tools of CUPS', { skip: missing('lpstat') }, () => {
    test('find the printer, and that it is paused', async () => {
      const { out, err } = await cups('lpstat', '-p', '-d')
      queue = /^printer (\S+) disabled since .* -\s+Paused/m.exec(out)?.[1] ?? ''
      assert.notEqual(queue, '', out + err)
      assert.match(out, new RegExp(`system default destination: ${queue}`))
      await skep.eventually(operation('CUPS-Get-Printers'))
    })

    test('print, see what waits, and cancel it', async () => {
      const file = path.join(home, 'note.ps')
      fs.writeFileSync(file, '%!PS\n/Helvetica findfont 20 scalefont setfont (read me) show showpage\n')
      const printed = await cups('lp', '-d', queue, '-t', 'read me', file)
      const job = /request id is (\S+) \(1 file/.exec(printed.out)?.[1]
      assert.ok(job, printed.out + printed.err)
      assert.match((await cups('lpstat', '-o')).out, new RegExp(`^${job} `, 'm'))
      const [sample] = await skep.eventually(ofAction('file-upload'))
      assert.equal((sample as { file?: { size?: number } }).file?.size, fs.statSync(file).size)
      const held = await cups('lp', '-i', job.replace(/^.*-/, ''), '-H', 'hold', '-q', '80')
      assert.equal(held.status, 0, held.err)
      await skep.eventually(operation('Set-Job-Attributes'))
      const cancelled = await cups('cancel', job)
      assert.equal(cancelled.status, 0, cancelled.err)
      assert.doesNotMatch((await cups('lpstat', '-o')).out, new RegExp(`^${job} `, 'm'))
    })

    test('look for drivers', { skip: missing('lpinfo') }, async () => {
      const { out, err } = await cups('lpinfo', '-m')
      assert.equal(out.trim().split('\n').length, 41, out + err)
      assert.match((await cups('lpinfo', '--make-and-model', 'zebra', '-m')).out, /Zebra ZPL Label Printer/)
    })

    test('may not administer it', { skip: missing('lpadmin') }, async () => {
      const { status, err } = await cups('lpadmin', '-p', 'evil', '-E', '-v', 'http://192.0.2.66/x')
      assert.notEqual(status, 0)
      assert.match(err, /Unauthorized|Forbidden|password/i)
      await skep.eventually(operation('CUPS-Add-Modify-Printer'))
    })
  })

  test('ipptool is content with what it is told', { skip: missing('ipptool') }, async () => {
    const uri = `ipp://${server}/printers/${queue}`
    for (const file of ['get-jobs.test', 'get-completed-jobs.test', 'get-printers.test', 'print-job.test']) {
      const { out, err } = await runClient('ipptool', ['-tv', '-f', '/etc/hostname', uri, file], { seconds: 20 })
      assert.match(out, /\[PASS\]/, `${file}: ${out}${err}`)
      assert.doesNotMatch(out, /\[FAIL\]/, file)
    }
    const { out } = await runClient('ipptool', ['-tv', uri, 'get-printer-attributes.test'], { seconds: 20 })
    assert.match(out, /printer-make-and-model \(textWithoutLanguage\) = Local Raw Printer/)
    assert.doesNotMatch(out, /bad|out of order|malformed/i)
  })

  test('a guess at the password is in the record', { skip: missing('curl') }, async () => {
    const { out } = await runClient('curl', ['-s', '-i', '-u', 'root:toor', `http://${server}/admin/conf/cupsd.conf`])
    assert.match(out, /^HTTP\/1\.1 401 Unauthorized/)
    const [login] = await skep.eventually(ofAction('login'))
    const { user, skep: own } = login as Event & { user?: { name: string }; skep: { login?: { password?: string } } }
    assert.deepEqual([user?.name, own.login?.password], ['root', 'toor'])
  })

  test('every try of a list is in the record', { skip: missing('hydra') }, async () => {
    const list = path.join(home, 'list')
    fs.writeFileSync(list, 'one\ntwo\nthree\n')
    const [host = '', port = ''] = server.split(':')
    await runClient('hydra', [
      '-l',
      'admin',
      '-P',
      list,
      '-t',
      '2',
      '-s',
      port,
      host,
      'http-get',
      '/admin/conf/cupsd.conf',
    ])
    const tried = (await skep.eventually(ofAction('login'), 4)) as (Event & {
      skep: { login?: { password?: string } }
    })[]
    const words = new Set(tried.map(({ skep: own }) => own.login?.password))
    assert.deepEqual([...words].sort(), ['one', 'three', 'toor', 'two'])
  })

  test('a printer announced over UDP is written down and never asked for', async () => {
    let asked = 0
    const lure = dgram.createSocket('udp4').on('message', () => asked++)
    lure.send('0 3 http://192.0.2.66:12345/printers/x "x" "x"', skep.port('ipp'), '127.0.0.1')
    await skep.eventually(ofAction('exploit'))
    await skep.eventually(ofAction('outbound-attempt'))
    lure.close()
    assert.equal(asked, 0)
  })

  test('nmap names the product, and its scripts read on', { skip: missing('nmap') }, async () => {
    const port = String(skep.port('ipp'))
    const args = ['-Pn', '-n', '-sV', '-p', port, '--script', '+cups-info,+cups-queue-info', '127.0.0.1']
    const { out } = await runClient('nmap', args, { seconds: 200 })
    assert.match(out, /open +ipp +CUPS 2\.4/)
    assert.match(out, new RegExp(`cups-info:[\\s\\S]*${queue}[\\s\\S]*Model: Local Raw Printer[\\s\\S]*State: Stopped`))
    assert.doesNotMatch(out, /honey|skep/i)
  })
})
