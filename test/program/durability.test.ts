import assert from 'node:assert/strict'
import { type ChildProcess, spawn, spawnSync } from 'node:child_process'
import fs from 'node:fs'
import net from 'node:net'
import { test } from 'node:test'
import type { Event } from '#events/event.ts'
import { missing, root, type Skep, startSkep, until } from '../skep.ts'

/** Log-ins at FTP, one connection after another; every password that was answered, in order. */
function ftpGuesses(port: number, label: string): { answered: string[]; stop: () => void } {
  const answered: string[] = []
  let stopped = false
  let n = 0
  const next = () => {
    if (stopped) return
    const password = `${label}-${n++}`
    const socket = net.connect(port, '127.0.0.1')
    let heard = ''
    socket.on('error', () => {})
    // Some servers refuse at once: hundreds of guesses are enough.
    socket.on('close', () => setTimeout(next, 100))
    socket.setEncoding('latin1').on('data', (chunk: string) => {
      heard += chunk
      if (/^220 .*\r\n$/.test(heard)) socket.write('USER guess\r\n')
      else if (/\r\n331 .*\r\n$/.test(heard)) socket.write(`PASS ${password}\r\n`)
      else if (/\r\n530 .*\r\n$/.test(heard)) {
        answered.push(password)
        socket.destroy()
      }
    })
  }
  for (let i = 0; i < 8; i++) next()
  return { answered, stop: () => (stopped = true) }
}

const sshGuesser = `
import paramiko, socket, sys, threading
port, label = int(sys.argv[1]), sys.argv[2]
lock = threading.Lock()
def run(lane):
    n = 0
    while True:
        try:
            t = paramiko.Transport(socket.create_connection(('127.0.0.1', port)))
            t.start_client(timeout=20)
            for _ in range(3):
                n += 1
                word = f'{label}-{lane}-{n}'
                try: t.auth_password('guess', word)
                except paramiko.AuthenticationException:
                    with lock: sys.stdout.write(word + '\\n'); sys.stdout.flush()
            t.close()
        except Exception: return
for lane in range(4): threading.Thread(target=run, args=(lane,)).start()
`

function sshGuesses(port: number, label: string): { answered: string[]; child: ChildProcess } {
  const answered: string[] = []
  const child = spawn('/usr/bin/python3', ['-c', sshGuesser, String(port), label], {
    stdio: ['ignore', 'pipe', 'ignore'],
  })
  let rest = ''
  child.stdout!.setEncoding('utf8').on('data', (chunk: string) => {
    const lines = (rest + chunk).split('\n')
    rest = lines.pop()!
    answered.push(...lines)
  })
  return { answered, child }
}

const passwords = (events: Event[]) =>
  events.filter(e => e.event.action === 'login').map(e => (e.skep as { login?: { password?: string } }).login?.password)

const sql = (data: string, query: string) => {
  const { stdout, stderr } = spawnSync(
    'sh',
    ['bin/skep-node', 'src/cli/main.ts', 'sql', query, '--json', '--limit', '10000', '--data', data],
    {
      cwd: root,
      encoding: 'utf8',
      maxBuffer: 64 << 20,
    },
  )
  if (stderr && !stdout) throw new Error(stderr)
  return stdout
    .split('\n')
    .filter(Boolean)
    .map(line => JSON.parse(line) as Record<string, unknown>)
}

/** Waits until the store holds as many events as the journal, each of them once. */
async function caughtUp(program: Skep) {
  const all = () => {
    const wanted = program.events().length
    const [row] = sql(program.data, 'SELECT count(*) AS rows, count(DISTINCT id) AS ids FROM events')
    const { rows, ids } = row as { rows: number; ids: number }
    assert.equal(Number(rows), Number(ids), 'an event is stored twice')
    return Number(rows) >= wanted
  }
  await until(all, 'the store has not caught up', 120)
}

/** How often each guess stands in the store. */
const stored = (data: string) =>
  new Map(
    sql(data, "SELECT password, count(*) AS n FROM events WHERE action = 'login' AND user = 'guess' GROUP BY ALL").map(
      ({ password, n }) => [password as string, Number(n)],
    ),
  )

const seconds = (n: number) => new Promise(resolve => setTimeout(resolve, n * 1000))

test('kill -9 of everything, three times: what was answered is in the journal, and in the store once', {
  skip: missing('hydra', 'python3'),
  timeout: 300_000,
}, async t => {
  let data: string | undefined
  const answered: string[] = []
  let program: Skep | undefined
  for (let round = 0; round < 3; round++) {
    program = await startSkep({ config: 'limits: { perSource: 512 }\n', ...(data === undefined ? {} : { data }) })
    data ??= program.data
    // Others hammer at the same time.
    const hydra = spawn(
      'hydra',
      ['-I', '-l', 'root', '-x', '4:6:1', '-t', '8', '-s', String(program.port('ftp')), '127.0.0.1', 'ftp'],
      { stdio: 'ignore', cwd: '/tmp', detached: true },
    )
    const ftp = ftpGuesses(program.port('ftp'), `ftp-${round}`)
    const ssh = sshGuesses(program.port('ssh'), `ssh-${round}`)
    // Its children outlive it.
    const endHydra = () => {
      try {
        process.kill(-hydra.pid!, 'SIGKILL')
      } catch {
        // It is over already.
      }
    }
    t.after(() => {
      ftp.stop()
      endHydra()
      ssh.child.kill('SIGKILL')
    })
    // A slow machine may need a while to start both; each round lasts long enough for batches to be under way.
    for (const [began, until] = [Date.now(), Date.now() + 60_000]; Date.now() < until; await seconds(0.2))
      if (Date.now() > began + 6000 && ftp.answered.length > 20 && ssh.answered.length > 5) break
    await program.kill()
    ftp.stop()
    await seconds(0.5)
    endHydra()
    ssh.child.kill('SIGKILL')
    assert.ok(ftp.answered.length > 5, `only ${ftp.answered.length} FTP log-ins were answered`)
    assert.ok(ssh.answered.length > 3, `only ${ssh.answered.length} SSH log-ins were answered`)
    answered.push(...ftp.answered, ...ssh.answered)
  }
  const last = await startSkep({ data: data! })
  const recorded = passwords(last.events())
  for (const password of answered)
    assert.equal(recorded.filter(p => p === password).length, 1, `${password} in the journal`)
  await caughtUp(last)
  const inStore = stored(data!)
  for (const password of answered) assert.equal(inStore.get(password), 1, `${password} in the store`)
  console.log(`${answered.length} answered log-ins among ${last.events().length} events, all in journal and store`)
  await last.stop()
  fs.rmSync(data!, { recursive: true })
})

test('kill -9 of the sensor or the hive: the other goes on, and all is caught up', {
  skip: missing('curl'),
  timeout: 240_000,
}, async t => {
  const program = await startSkep()
  const pidOf = (name: string) =>
    program.children().find(pid => fs.readFileSync(`/proc/${pid}/cmdline`, 'utf8').includes(`src/${name}/main.ts`))!
  const guess = ftpGuesses(program.port('ftp'), 'alone')
  t.after(guess.stop)
  /** Log-ins go on being answered; failure delays make some of them slow. */
  const moreAnswers = async (why: string) => {
    const before = guess.answered.length
    await until(() => guess.answered.length >= before + 3, why)
  }
  await moreAnswers('nothing is answered')
  process.kill(pidOf('hive'), 'SIGKILL')
  await moreAnswers('the sensor stopped with the hive')
  await until(() => pageAnswers(program), 'the hive is not back')
  process.kill(pidOf('sensor'), 'SIGKILL')
  assert.ok(pageAnswers(program), 'the hive stopped with the sensor')
  await moreAnswers('the sensor did not come back')
  guess.stop()
  await seconds(1)
  await caughtUp(program)
  const inStore = stored(program.data)
  for (const password of guess.answered) assert.equal(inStore.get(password), 1, password)
  const restarts = program.events(e => e.event.action === 'health' && /waiting/.test(String(e.message)))
  assert.equal(restarts.length, 2)
  await program.stop()
})

const pageAnswers = (program: Skep) =>
  spawnSync('curl', ['-sk', '-o', '/dev/null', '-w', '%{http_code}', program.page], { encoding: 'utf8' }).stdout !==
  '000'
