import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import type { Event } from '#events/event.ts'
import { missing, runClient, type Skep, startSkep } from '../skep.ts'

type Told = Event & { process?: { command_line?: string }; url?: { original: string } }
const ofAction = (action: string) => (event: Event) => event.skep.service === 'x11' && event.event.action === action
const commandLine = (line: string) => (event: Event) =>
  ofAction('command')(event) && (event as Told).process?.command_line === line

describe('X11, with real clients', () => {
  let skep: Skep
  let display: string
  before(async () => {
    skep = await startSkep({ config: 'persona: { os: debian-12 }\n' })
    display = `127.0.0.1:${skep.port('x11') - 6000}`
  })
  after(() => skep?.stop())

  test('xdpyinfo sees Debian’s server', { skip: missing('xdpyinfo') }, async () => {
    const { out } = await runClient('xdpyinfo', ['-display', display])
    assert.match(out, /vendor string: +The X\.Org Foundation/)
    assert.match(out, /X\.Org version: 1\.21\.1\.7/)
    assert.match(out, /number of extensions: +23/)
    assert.match(out, /dimensions: +1024x768 pixels/)
    assert.match(out, /number of visuals: +390/)
  })
  test('xwininfo lists the windows', { skip: missing('xwininfo') }, async () => {
    const { out } = await runClient('xwininfo', ['-display', display, '-root', '-tree'])
    assert.match(out, /"xclock": \("xclock" "XClock"\) +164x164/)
    assert.match(out, /\("xterm" "XTerm"\) +484x316/)
    await skep.eventually(ofAction('command'))
  })
  test('xwd takes a picture', { skip: missing('xwd') }, async () => {
    const { out, status } = await runClient('sh', ['-c', `xwd -silent -root -display ${display} | wc -c`])
    assert.equal(status, 0)
    assert.ok(Number(out) > 1024 * 768 * 4, out)
    await skep.eventually(commandLine('GetImage 0x50d 1024x768'))
  })
  test('xdotool types a line that fetches something', { skip: missing('xdotool') }, async () => {
    const url = 'http://192.0.2.66/typed.sh'
    const { err } = await runClient('sh', ['-c', `DISPLAY=${display} xdotool type --delay 20 "wget -q ${url}"`])
    // Every call is a connection of its own.
    await runClient('sh', ['-c', `DISPLAY=${display} xdotool key Return`])
    assert.doesNotMatch(err, /X Error/)
    await skep.eventually(commandLine(`wget -q ${url}`))
    const [download] = (await skep.eventually(ofAction('file-download'))) as Told[]
    assert.equal(download?.url?.original, url)
  })
  test('nmap finds it open', { skip: missing('nmap') }, async () => {
    const { out } = await runClient(
      'nmap',
      ['-Pn', '-n', '-sV', '-p', String(skep.port('x11')), '--script', 'x11-access', '127.0.0.1'],
      { seconds: 150 },
    )
    assert.match(out, /open +X11 +X\.Org \(open\)/)
    assert.doesNotMatch(out, /honey|skep/i)
  })
})
