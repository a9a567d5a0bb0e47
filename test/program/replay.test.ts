import assert from 'node:assert/strict'
import { spawn, spawnSync } from 'node:child_process'
import fs from 'node:fs'
import path from 'node:path'
import { after, before, describe, it } from 'node:test'
import { missing, root, type Skep, startSkep } from '../skep.ts'

const config = `
services:
  ssh:
    access: {rules: ["root:letmein"]}
`

describe('a terminal session', { skip: missing('ssh', 'sshpass') }, () => {
  let skep: Skep
  let session: string
  const command = (...args: string[]) =>
    spawnSync('sh', [path.join(root, 'bin/skep-node'), path.join(root, 'src/cli/main.ts'), ...args], {
      encoding: 'utf8',
      timeout: 60_000,
    })

  before(async () => {
    skep = await startSkep({ config, edition: 'mini' })
    const options = ['StrictHostKeyChecking=no', 'UserKnownHostsFile=/dev/null', 'PubkeyAuthentication=no']
    const ssh = spawn(
      'sshpass',
      [
        ...['-p', 'letmein', 'ssh', '-tt', '-p', String(skep.port('ssh'))],
        ...options.flatMap(option => ['-o', option]),
        'root@127.0.0.1',
      ],
      { stdio: ['pipe', 'pipe', 'ignore'] },
    )
    let shown = ''
    ssh.stdout.on('data', piece => (shown += piece))
    const saw = async (text: string) => {
      for (const until = Date.now() + 20_000; !shown.includes(text); ) {
        if (Date.now() > until) throw new Error(`No ${JSON.stringify(text)} in ${JSON.stringify(shown)}`)
        await new Promise(resolve => setTimeout(resolve, 20))
      }
    }
    await saw('# ')
    for (const [line, answer] of [
      ['echo first$((40+2))', 'first42'],
      ['printf "\\033]0;title\\007\\033[31mred\\033[0m\\n"', 'red'],
    ] as const) {
      ssh.stdin.write(`${line}\r`)
      await saw(answer)
    }
    ssh.stdin.write('exit\r')
    await new Promise(resolve => ssh.once('close', resolve))
    const [event] = await skep.eventually(event => event.event.action === 'recording')
    session = event!.skep.session!
  })
  after(() => skep?.stop())

  it('is an event, with the commands and the terminal beside it', async () => {
    await skep.eventually(event => event.event.action === 'connection-closed' && event.skep.session === session)
    const own = skep.events(event => event.skep.session === session)
    const actions = own.map(event => event.event.action)
    for (const action of ['login', 'terminal', 'command', 'recording', 'connection-closed'])
      assert.ok(actions.includes(action), action)
    assert.equal(actions.indexOf('connection-closed'), actions.length - 1)
    const lines = own.filter(event => event.event.action === 'command')
    const said = lines.map(event => (event as unknown as { process: { command_line: string } }).process.command_line)
    assert.ok(said.includes('echo first$((40+2))') && said.includes('exit'), said.join())
  })

  it('is listed and played back, without what could act on the reader’s terminal', () => {
    const list = command('replay', '--data', skep.data)
    assert.equal(list.status, 0, list.stderr)
    assert.match(list.stdout, new RegExp(session))
    const played = command('replay', session.slice(-8), '--speed', '1000', '--data', skep.data)
    assert.equal(played.status, 0, played.stderr)
    assert.match(played.stdout, /first42\r\n/)
    assert.ok(played.stdout.includes('\x1b[31mred'))
    assert.ok(!played.stdout.includes('\x1b]0;'))
    assert.equal(command('replay', 'nosuch', '--data', skep.data).status, 1)
  })

  it('is an asciicast file that asciinema takes', t => {
    const { stdout, status } = command('replay', session, '--cast', '--data', skep.data)
    assert.equal(status, 0)
    const [head, ...events] = stdout
      .trimEnd()
      .split('\n')
      .map(line => JSON.parse(line))
    assert.equal(head.version, 2)
    assert.ok(events.some(([, kind]: [number, string]) => kind === 'i'))
    assert.ok(events.every(([at]: [number], index: number) => index === 0 || at >= events[index - 1][0]))
    const lacking = missing('asciinema', 'script')
    if (lacking) return t.skip(lacking)
    const file = path.join(skep.data, 'session.cast')
    fs.writeFileSync(file, stdout)
    // It wants a terminal to show it on.
    const shown = spawnSync('script', ['-qec', `asciinema cat '${file}'`, '/dev/null'], {
      encoding: 'utf8',
      env: { ...process.env, LANG: 'C.UTF-8', TERM: 'xterm' },
    })
    assert.equal(shown.status, 0, shown.stdout + shown.stderr)
    assert.match(shown.stdout, /first42/)
  })
})
