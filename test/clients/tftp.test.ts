import assert from 'node:assert/strict'
import fs from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { after, before, describe, test } from 'node:test'
import type { Event } from '#events/event.ts'
import { missing, runClient, type Skep, startSkep } from '../skep.ts'

const ofAction = (action: string) => (event: Event) => event.skep.service === 'tftp' && event.event.action === action
const upload = (name: string) => (event: Event) =>
  ofAction('file-upload')(event) && (event as { file?: { path?: string } }).file?.path === `/${name}`
const commandLine = (line: RegExp) => (event: Event) =>
  ofAction('command')(event) &&
  line.test((event as { process?: { command_line?: string } }).process?.command_line ?? '')

describe('TFTP, with real clients', () => {
  let skep: Skep
  let port: string
  let home: string
  const program = `\x7fELF\x01\x01\x01${'\0'.repeat(1500)}`
  before(async () => {
    home = fs.mkdtempSync(path.join(os.tmpdir(), 'tftp-clients-'))
    fs.writeFileSync(path.join(home, 'bot'), program)
    skep = await startSkep({
      config:
        'persona: { os: debian-12 }\nedition: mini\nservices: { tftp: { enabled: true } }\nlimits: { udpPerSource: 1000 }\n',
    })
    port = String(skep.port('tftp'))
  })
  after(async () => {
    await skep?.stop()
    fs.rmSync(home, { recursive: true })
  })
  const kept = async (name: string) => {
    const [event] = await skep.eventually(upload(name))
    assert.equal((event as unknown as { file: { size: number } }).file.size, program.length)
  }

  test('tftp-hpa leaves a program, and reads what is small', { skip: missing('tftp') }, async () => {
    const script = `binary\nput ${home}/bot bot-hpa\nget test.txt ${home}/test.txt\nget nope-nope-nope ${home}/nope\n`
    const { out, err } = await runClient('tftp', ['127.0.0.1', port], { input: script })
    assert.match(out + err, /Error code 1: File not found/)
    assert.equal(fs.readFileSync(`${home}/test.txt`, 'latin1'), 'test\n')
    await kept('bot-hpa')
  })
  test('curl does too', { skip: missing('curl') }, async () => {
    const url = `tftp://127.0.0.1:${port}`
    const sent = await runClient('curl', ['-sS', '-m', '20', '-T', `${home}/bot`, `${url}/bot-curl`])
    assert.equal(sent.status, 0, sent.err)
    await kept('bot-curl')
    const got = await runClient('curl', ['-sS', '-m', '20', `${url}/test.txt`])
    assert.equal(got.out, 'test\n', got.err)
    const absent = await runClient('curl', ['-sS', '-m', '20', `${url}/startup-config`])
    assert.equal(absent.status, 68, absent.err)
  })
  test('so does atftp, in large blocks', { skip: missing('atftp') }, async () => {
    const args = ['--put', '-l', `${home}/bot`, '-r', 'bot-atftp', '--option', 'blksize 1024', '127.0.0.1', port]
    const { status, err } = await runClient('atftp', args)
    assert.equal(status, 0, err)
    await kept('bot-atftp')
  })
  test('nmap looks for files', { skip: missing('nmap') || (process.getuid!() !== 0 && 'needs root') }, async () => {
    const args = ['-Pn', '-n', '-sU', '-p', port, '--script', '+tftp-enum', '127.0.0.1']
    await runClient('nmap', args, { seconds: 120 })
    await skep.eventually(commandLine(/^RRQ .*(?:cfg|conf|boot)/i))
  })
})
