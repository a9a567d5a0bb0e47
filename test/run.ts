/**
 * Everything that must hold, in one go: types, style, tests in memory, the program with real clients, the page in a real
 * browser. `npm test -- unit` or any other part's name runs that part alone.
 */
import { spawn } from 'node:child_process'
import fs from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { run } from 'node:test'
import { spec } from 'node:test/reporters'
import { installPrograms } from './programs.ts'

const root = path.resolve(import.meta.dirname, '..')
const bin = (name: string) => path.join(root, 'node_modules/.bin', name)

type Sum = { passed: number; failed: number; skipped: number }
const sum: Sum = { passed: 0, failed: 0, skipped: 0 }
const skips: string[] = []

/** A program whose exit code is the verdict. */
async function check(title: string, command: string, args: string[]): Promise<void> {
  const code = await new Promise(resolve => {
    const child = spawn(command, args, { cwd: root, stdio: ['ignore', 'inherit', 'inherit'] })
    child.once('error', () => resolve(-1))
    child.once('exit', resolve)
  })
  if (code === 0) sum.passed++
  else sum.failed++
  console.log(`${code === 0 ? '✔' : '✖'} ${title}`)
}

/** Test files; together in this process, or one process each where they start programs. */
async function tests(title: string, files: string[], isolation: 'none' | 'process'): Promise<void> {
  console.log(`\n${title}: ${files.length} files`)
  const stream = run({
    files,
    isolation,
    concurrency: isolation === 'none' ? undefined : 1,
    timeout: 900_000,
    // A test that failed half-way may leave something running in its own process.
    ...(isolation === 'process' ? { forceExit: true } : {}),
    cwd: root,
  } as never)
  stream.on('test:pass', ({ details, skip, name }) => {
    if (details.type === 'suite') return
    if (skip === undefined) sum.passed++
    else {
      sum.skipped++
      skips.push(`${name}: ${skip}`)
    }
  })
  stream.on('test:fail', ({ details }) => {
    if (details.type !== 'suite') sum.failed++
  })
  for await (const line of stream.compose(spec)) process.stdout.write(line)
}

/**
 * Test files that need no process of their own, in as many processes as there are processors: each loads for many tests
 * what they share. The first is heard as it goes, the others when they are done; sums come over a channel of their own.
 */
async function shared(title: string, files: string[]): Promise<void> {
  const shares = Math.min(os.availableParallelism(), 8)
  console.log(`\n${title}: ${files.length} files in ${shares} processes`)
  const share = (index: number) =>
    new Promise<string>(resolve => {
      const child = spawn(process.execPath, [...process.execArgv, import.meta.filename, 'share'], {
        cwd: root,
        stdio: ['pipe', index === 0 ? 'inherit' : 'pipe', 'inherit', 'ipc'],
      })
      let output = ''
      child.stdout?.setEncoding('utf8').on('data', (text: string) => (output += text))
      let told = false
      child.on('message', message => {
        told = true
        const { passed, failed, skipped, why } = message as Sum & { why: string[] }
        sum.passed += passed
        sum.failed += failed
        sum.skipped += skipped
        skips.push(...why)
      })
      child.once('close', code => {
        // What died in the midst has failed, whatever it had passed.
        if (!told) sum.failed++
        resolve(told ? output : `${output}\n✖ process ${index + 1} ended with ${code} before its tests did\n`)
      })
      child.stdin!.end(JSON.stringify(files.filter((_, at) => at % shares === index)))
    })
  for (const output of await Promise.all(Array.from({ length: shares }, (_, index) => share(index))))
    process.stdout.write(output)
}

/** One of those processes: its files come as JSON on the input. */
async function runShare(): Promise<never> {
  await tests('A share', JSON.parse(fs.readFileSync(0, 'utf8')) as string[], 'none')
  await new Promise(resolve => process.send!({ ...sum, why: skips }, resolve))
  process.exit(0)
}

function find(folder: string, wanted: (file: string) => boolean): string[] {
  return fs
    .readdirSync(path.join(root, folder), { recursive: true, encoding: 'utf8' })
    .map(file => path.join(folder, file))
    .filter(file => /\.test\.tsx?$/.test(file) && wanted(file))
    .sort()
    .map(file => path.join(root, file))
}

const parts = new Map<string, () => Promise<void>>([
  [
    'check',
    async () => {
      await check('types', bin('tsc'), ['-p', '.'])
      await check('types of the page', bin('tsc'), ['-p', 'dashboard'])
      await check('the page builds', 'sh', [
        'bin/skep-node',
        'node_modules/vite/bin/vite.js',
        'build',
        'dashboard',
        '--logLevel',
        'warn',
      ])
      await check('style', bin('biome'), ['check', '--diagnostic-level=warn'])
    },
  ],
  [
    'unit',
    () =>
      shared('In memory', [
        ...find('src', () => true),
        ...find('test', f => path.dirname(f) === 'test' && !/page|program/.test(f)),
        ...find('test/oracle', () => true),
      ]),
  ],
  [
    'program',
    () =>
      tests(
        'The program and its clients',
        find('test', f => /test\/(program|clients|sequences)\//.test(f)),
        'process',
      ),
  ],
  [
    'page',
    () =>
      tests(
        'The page',
        [...find('test', f => /^test\/page/.test(f)), ...find('dashboard', f => !/node_modules/.test(f))],
        'process',
      ),
  ],
])

const wanted = process.argv.slice(2)
if (wanted[0] === 'share') await runShare()
const unknown = wanted.filter(name => !parts.has(name))
if (unknown.length) {
  console.error(`No such part: ${unknown.join(', ')}; there are ${[...parts.keys()].join(', ')}`)
  process.exit(2)
}
if (wanted.length === 0 || wanted.includes('program') || wanted.includes('page')) installPrograms()
for (const [name, part] of parts) if (wanted.length === 0 || wanted.includes(name)) await part()
if (skips.length) console.log(`\nSkipped:\n${skips.map(line => `  ${line}`).join('\n')}`)
console.log(`\n${sum.passed} passed, ${sum.failed} failed, ${sum.skipped} skipped`)
process.exit(sum.failed ? 1 : 0)
