/**
 * Everything that must hold, in one go: types, style, tests in memory, the program with real clients, the page in a real
 * browser. `npm test -- unit` or any other part's name runs that part alone.
 */
import { spawn } from 'node:child_process'
import fs from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { installDrivers } from './drivers.ts'
import { createNetwork, whyNoNamespaces } from './namespaces.ts'
import { installPrograms } from './programs.ts'
import { answerJob, type Job, nothing, runBeside, type Sum, type Sums } from './runner.ts'

const root = path.resolve(import.meta.dirname, '..')
const bin = (name: string) => path.join(root, 'node_modules/.bin', name)

/** A program whose exit code is the verdict. */
async function check(title: string, command: string, args: string[]): Promise<Sum> {
  const code = await new Promise(resolve => {
    const child = spawn(command, args, { cwd: root, stdio: ['ignore', 'inherit', 'inherit'] })
    child.once('error', () => resolve(-1))
    child.once('exit', resolve)
  })
  console.log(`${code === 0 ? '✔' : '✖'} ${title}`)
  return { ...nothing(), ...(code === 0 ? { passed: 1 } : { failed: 1 }) }
}

function find(folder: string, wanted: (file: string) => boolean): string[] {
  return fs
    .readdirSync(path.join(root, folder), { recursive: true, encoding: 'utf8' })
    .map(file => path.join(folder, file))
    .filter(file => /\.test\.tsx?$/.test(file) && !file.includes('node_modules') && wanted(file))
    .sort()
    .map(file => path.join(root, file))
}

/** In as many processes as there are processors. */
async function inMemory(files: string[]): Promise<Sum[]> {
  const shares = Math.min(os.availableParallelism(), 8)
  console.log(`\nIn memory: ${files.length} files in ${shares} processes`)
  const share = (index: number): Job => ({ files: files.filter((_, at) => at % shares === index), how: 'together' })
  return [...(await runBeside(Array.from({ length: shares }, (_, index) => share(index)))).values()]
}

/** One after the other. */
function inTurn(title: string, files: string[], within: string[] = []): Promise<Sums> {
  console.log(`\n${title}: ${files.length} files`)
  return runBeside([{ files, how: 'in turn', within }])
}

/**
 * Tests that start the program, which mostly wait for it and its clients: in lanes beside each other, each in a network of
 * its own, so that nobody takes another's ports. What failed in company is run again alone, and counts by that, and it is
 * said so.
 */
async function inLanes(title: string, files: string[]): Promise<Sum[]> {
  const why = whyNoNamespaces()
  if (why !== undefined) return [...(await inTurn(`${title}, one by one (${why})`, files)).values()]
  // In a network of one there is no registry to have them from.
  installDrivers()
  const lanes = Math.min(2 * os.availableParallelism(), 6)
  console.log(`\n${title}: ${files.length} files in ${lanes} lanes`)
  const names = Array.from({ length: lanes }, (_, index) => `lane${index}`)
  const network = createNetwork(names)
  try {
    const sums = await runBeside(
      names.map((name, index) => ({
        files: files.filter((_, at) => at % lanes === index),
        how: 'in turn',
        within: network.within(name),
      })),
    )
    return await again('Again, alone, what failed in company', sums, network.within(names[0]!))
  } finally {
    network.remove()
  }
}

/** What failed once may have been the machine's fault: it has a second try, which is said and which counts. */
async function again(title: string, sums: Sums, within?: string[]): Promise<Sum[]> {
  const failed = [...sums].flatMap(([file, sum]) => (sum.failed > 0 ? [file] : []))
  if (failed.length === 0) return [...sums.values()]
  const better = await inTurn(title, failed, within)
  return [...new Map([...sums, ...better]).values()]
}

const parts = new Map<string, () => Promise<Sum[]>>([
  [
    'check',
    async () => [
      await check('types', bin('tsc'), ['-p', '.']),
      await check('types of the page', bin('tsc'), ['-p', 'dashboard']),
      await check('the page builds', 'sh', [
        'bin/skep-node',
        'node_modules/vite/bin/vite.js',
        'build',
        'dashboard',
        '--logLevel',
        'warn',
      ]),
      await check('style', bin('biome'), ['check', '--diagnostic-level=warn']),
    ],
  ],
  [
    'unit',
    () =>
      inMemory([
        ...find('src', () => true),
        ...find('test', f => path.dirname(f) === 'test' && !/page|program/.test(f)),
        ...find('test/oracle', () => true),
      ]),
  ],
  [
    'program',
    () =>
      inLanes(
        'The program and its clients',
        find('test', file => /test\/(program|clients|sequences)\//.test(file)),
      ),
  ],
  [
    'page',
    async () =>
      again(
        'Again what failed of the page',
        await inTurn('The page', [...find('test', f => /^test\/page/.test(f)), ...find('dashboard', () => true)]),
      ),
  ],
])

const wanted = process.argv.slice(2)
if (wanted[0] === 'job') await answerJob()
const unknown = wanted.filter(name => !parts.has(name))
if (unknown.length) {
  console.error(`No such part: ${unknown.join(', ')}; there are ${[...parts.keys()].join(', ')}`)
  process.exit(2)
}
if (wanted.length === 0 || wanted.includes('program') || wanted.includes('page')) installPrograms()
const sums: Sum[] = []
for (const [name, part] of parts) if (wanted.length === 0 || wanted.includes(name)) sums.push(...(await part()))
const why = sums.flatMap(sum => sum.why)
if (why.length) console.log(`\nSkipped:\n${why.map(line => `  ${line}`).join('\n')}`)
const total = (key: 'passed' | 'failed' | 'skipped') => sums.reduce((all, sum) => all + sum[key], 0)
console.log(`\n${total('passed')} passed, ${total('failed')} failed, ${total('skipped')} skipped`)
process.exit(total('failed') ? 1 : 0)
