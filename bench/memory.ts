import { type ChildProcess, spawn } from 'node:child_process'
import fs from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'
import { startBrowser } from '../test/page.ts'
import { root, startSkep } from '../test/skep.ts'
import { ROUNDS } from './load.ts'
import { commandLine, descendants, pss } from './process.ts'
import { inEmpty, withCache } from './surroundings.ts'
import { atMost, median, type Table } from './table.ts'

const MB = 2 ** 20
const CEILING = 256
/** Seconds after `ready`. */
const SETTLED = 30

const chromium = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'].find(fs.existsSync)

/** What the idle program weighs, all decoys listening and the overview open in a browser; the browser is not counted. */
export default async function memory(): Promise<Table> {
  if (!chromium) throw new Error('No Chromium here: apt-get install chromium')
  const first: Part[][] = []
  const later: Part[][] = []
  for (let round = 0; round < ROUNDS; round++)
    await inEmpty(cache =>
      withCache(cache, async () => {
        first.push(await direct())
        later.push(await direct())
      }),
    )
  const byNpm = await underNpm()
  const starters = byNpm.filter(({ name }) => name.startsWith('npm') || name === 'sh')
  const sum = (parts: Part[]) => parts.reduce((total, part) => total + part.mb, 0)
  const trees = [first, later].map(rounds => rounds.map(sum))
  const each = (rounds: Part[][], i: number) => median(rounds.map(parts => parts[i]!.mb)).toFixed(0)
  return {
    title: `Memory, ${SETTLED} s after ready, page open`,
    columns: ['PSS, MB', 'first start ever', 'later start'],
    rows: [
      ...later[0]!.map(({ name }, i) => [name, each(first, i), each(later, i)]),
      ['whole tree', ...trees.map(mb => median(mb).toFixed(0))],
      ['ceiling', ...trees.map(mb => atMost(median(mb), CEILING))],
      ['whole tree, rounds', ...trees.map(mb => mb.map(one => one.toFixed(0)).join(', '))],
      ['whole tree under `npm start`, once', '', sum(byNpm).toFixed(0)],
      ['… of which npm and its shell', '', sum(starters).toFixed(0)],
    ],
    notes: [
      'Proportional set sizes. The process that measures runs another copy of Node, so it shares nothing with these. The very',
      'first start strips and compiles the source, which takes memory that is not given back; later starts find it done.',
    ],
  }
}

type Part = { name: string; mb: number }

function weigh(root: number): Part[] {
  // The supervisor starts the TCP side first.
  const sides = ['sensor, TCP', 'sensor, UDP']
  return [root, ...descendants(root)].map(pid => {
    const name = nameOf(commandLine(pid))
    return { name: name === 'sensor' ? sides.shift()! : name, mb: pss(pid) / MB }
  })
}
function nameOf(line: string): string {
  if (line.includes('src/sensor/main.ts')) return 'sensor'
  if (line.includes('src/hive/main.ts')) return 'hive'
  if (line.includes('src/cli/main.ts')) return 'supervisor'
  return line.startsWith('sh ') ? 'sh' : line.slice(0, 40)
}

async function direct(): Promise<Part[]> {
  const program = await startSkep({ edition: 'standard' })
  return withPageOpen(program.page, program.password!, () => weigh(program.pid)).finally(program.stop)
}

async function withPageOpen<T>(address: string, password: string, look: () => T): Promise<T> {
  const browser = await startBrowser(chromium!)
  try {
    const page = await browser.newPage({ ignoreHTTPSErrors: true })
    await page.goto(address)
    await page.fill('#user', 'admin')
    await page.fill('#password', password)
    await page.keyboard.press('Enter')
    await page.waitForSelector('.top')
    await sleep(SETTLED * 1000)
    return look()
  } finally {
    await browser.close()
  }
}

const underNpm = (): Promise<Part[]> =>
  inEmpty(async data => {
    const flags = ['--listen', '127.0.0.1', '--port-offset', '18000', '--dashboard', '127.0.0.1:29443', '--data', data]
    const npm = spawn('npm', ['start', '--', '--json', '--edition', 'standard', ...flags], {
      cwd: root,
      detached: true,
      stdio: ['ignore', 'pipe', 'inherit'],
    })
    try {
      const { page, password } = await ready(npm)
      return await withPageOpen(page, password, () => weigh(npm.pid!))
    } finally {
      const gone = new Promise(resolve => npm.once('exit', resolve))
      process.kill(-npm.pid!, 'SIGTERM')
      await gone
    }
  })

function ready(npm: ChildProcess): Promise<{ page: string; password: string }> {
  return new Promise((resolve, reject) => {
    let said = ''
    npm.stdout!.setEncoding('utf8').on('data', chunk => {
      said += chunk
      const log = said
        .split('\n')
        .slice(0, -1)
        .filter(line => line.startsWith('{'))
        .map(line => JSON.parse(line) as Record<string, string>)
      if (!log.some(({ event }) => event === 'ready')) return
      resolve({
        page: log.find(({ message }) => message?.startsWith('page: '))!.message!.slice(6),
        password: log.find(({ event }) => event === 'password')!.password!,
      })
    })
    npm.once('exit', code => reject(new Error(`npm start ended with ${code}: ${said.slice(-500)}`)))
  })
}
