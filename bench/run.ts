/**
 * `npm run bench` measures every part, `npm run bench -- connect store=10` those named. Prints a Markdown table each,
 * with ✓ or ✗ beside what has a ceiling; never fails because of a figure.
 */
import fs from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { machine } from './machine.ts'
import { type Part, print } from './table.ts'

const parts = new Map<string, { what: string; load: () => Promise<{ default: Part }>; onRequest?: true }>([
  ['start', { what: 'from start to ready', load: () => import('./start.ts') }],
  ['memory', { what: 'the idle program with the page open', load: () => import('./memory.ts') }],
  ['growth', { what: 'what many services cost beside a few', load: () => import('./growth.ts') }],
  ['connect', { what: 'connection and banner', load: () => import('./connect.ts') }],
  ['http', { what: 'GET, with and without keep-alive', load: () => import('./http.ts') }],
  ['logins', { what: 'log-ins refused, FTP and Redis', load: () => import('./logins.ts') }],
  ['ssh', { what: 'SSH handshakes and log-ins beside sshd', load: () => import('./ssh.ts') }],
  ['shell', { what: 'command lines on the pretended machine', load: () => import('./shell.ts') }],
  ['payload', { what: 'looking into payloads', load: () => import('./payload.ts') }],
  ['held', { what: '10,000 idle connections', load: () => import('./held.ts') }],
  ['catchall', { what: 'one-shot payloads to ports of nobody', load: () => import('./catchall.ts') }],
  ['packets', { what: 'packets taken apart and put into stories', load: () => import('./packets.ts') }],
  ['journal', { what: 'events made durable; journal=DIR for another disk', load: () => import('./journal.ts') }],
  ['store', { what: 'ingest and questions; store=10 for ten million events', load: () => import('./store.ts') }],
  ['million', { what: 'a million log-ins from one address', load: () => import('./million.ts'), onRequest: true }],
])

// Every start of the program leaves a watch on this process's end.
process.setMaxListeners(0)

const asked = process.argv.slice(2)
const unknown = asked.filter(part => !parts.has(part.split('=')[0]!))
if (unknown.length || process.platform !== 'linux') {
  for (const [name, { what, onRequest }] of parts)
    console.error(`${name.padEnd(8)} ${what}${onRequest ? ' (only when named)' : ''}`)
  console.error(unknown.length ? `No such part: ${unknown.join(', ')}` : 'Linux only: figures come from /proc')
  process.exit(2)
}

// Pages of a program file count in part for each process that runs it; the measured ones shall not share with us.
const node = process.env.SKEP_BENCH_NODE
if (node === undefined) {
  const copy = path.join(fs.mkdtempSync(path.join(os.tmpdir(), 'skep-bench-')), 'node')
  fs.copyFileSync(process.execPath, copy)
  const env = { ...process.env, SKEP_BENCH_NODE: process.execPath }
  process.execve!(copy, [copy, ...process.execArgv, import.meta.filename, ...asked], env)
} else {
  process.once('exit', () => fs.rmSync(path.dirname(process.execPath), { recursive: true }))
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => process.exit(1))
  console.log(`${machine(node)}\n`)
  const chosen = asked.length ? asked : [...parts].filter(([, { onRequest }]) => !onRequest).map(([name]) => name)
  for (const part of chosen) {
    const [name, argument] = part.split('=')
    const { default: measure } = await parts.get(name!)!.load()
    try {
      print(await measure(argument))
    } catch (error) {
      console.log(`### ${name}: not measured\n`)
      console.error(error)
      process.exitCode = 1
    }
  }
}
