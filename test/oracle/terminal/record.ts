/**
 * Records what programs of a real Debian 12 send to a terminal, key by key: `sh bin/skep-node test/oracle/terminal/record.ts`,
 * as root. SKEP_ORACLE names the folder of the chroot, as for the machine's corpus; SKEP_CASE records one case alone.
 */
import { spawnSync } from 'node:child_process'
import fs from 'node:fs'
import path from 'node:path'
import { cases } from './cases.ts'
import { masked } from './play.ts'

const root = process.env.SKEP_ORACLE ?? '/var/tmp/oracle/root'
const file = path.join(import.meta.dirname, 'fixtures', 'terminal.json')
const recorded: Record<string, string[]> = fs.existsSync(file) ? JSON.parse(fs.readFileSync(file, 'utf8')) : {}
const wanted = cases.filter(({ name }) => !process.env.SKEP_CASE || name === process.env.SKEP_CASE)
const { stdout, stderr, status } = spawnSync('python3', [path.join(import.meta.dirname, 'record.py'), root], {
  input: JSON.stringify(wanted),
  maxBuffer: 1 << 26,
  encoding: 'utf8',
})
if (status !== 0) throw new Error(stderr)
const answers: string[][] = JSON.parse(stdout)
for (const [i, { name }] of wanted.entries()) recorded[name] = answers[i]!.map(masked)
const names = new Set(cases.map(({ name }) => name))
const kept = Object.fromEntries(Object.entries(recorded).filter(([name]) => names.has(name)))
fs.writeFileSync(file, `${JSON.stringify(kept, null, 1)}\n`)
console.log(wanted.length, 'cases recorded')
