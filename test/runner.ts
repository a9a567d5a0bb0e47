import { spawn } from 'node:child_process'
import fs from 'node:fs'
import path from 'node:path'
import { run } from 'node:test'
import { spec } from 'node:test/reporters'

const root = path.resolve(import.meta.dirname, '..')

/** What came of some test files; `why` says it of each test that was skipped. */
export type Sum = { passed: number; failed: number; skipped: number; why: string[] }
export const nothing = (): Sum => ({ passed: 0, failed: 0, skipped: 0, why: [] })
/** By file, as its path is given. */
export type Sums = Map<string, Sum>

/**
 * Test files and how they are run: `together` in one process, which loads for many what they share, or `in turn`, each in
 * a process of its own, where they start programs.
 */
export type Job = { files: string[]; how: 'together' | 'in turn' }

/** Runs test files; all that they have in common is one sum where they run together. */
export async function runJob({ files, how }: Job, done: (file: string, sum: Sum) => void): Promise<void> {
  if (how === 'together') return done(files.join(), await runHere(files))
  for (const file of files)
    for (const sum of (await runBeside([{ files: [file], how: 'together' }])).values()) done(file, sum)
}

/**
 * Runs test files in this process, which is to end afterwards: a test that failed half-way may leave something running.
 * (Node's own way to have each in a process of its own, ended by force, loses results.)
 */
async function runHere(files: string[]): Promise<Sum> {
  const sum = nothing()
  const stream = run({ files, isolation: 'none', timeout: 900_000, cwd: root } as never)
  stream.on('test:pass', ({ details, skip, name }) => {
    if (details.type === 'suite') return
    if (skip === undefined) sum.passed++
    else {
      sum.skipped++
      sum.why.push(`${name}: ${skip}`)
    }
  })
  stream.on('test:fail', ({ details }) => {
    if (details.type !== 'suite') sum.failed++
  })
  for await (const line of stream.compose(spec)) process.stdout.write(line)
  return sum
}

/**
 * Runs jobs beside each other, each in a process of its own, behind `within` where its network is not this one. The first
 * is heard as it goes, the others when they are done; sums come over a channel of their own. A file of which nothing came
 * has failed: its process died.
 */
export async function runBeside(
  jobs: (Job & { within?: string[] })[],
  hearing: 'heard' | 'unheard' = 'heard',
): Promise<Sums> {
  const sums: Sums = new Map()
  const outputs = await Promise.all(
    jobs.map(({ files, how, within = [] }, index) => {
      const told: Sums = new Map()
      const [program, ...args] = [
        ...within,
        process.execPath,
        ...process.execArgv,
        path.join(root, 'test/run.ts'),
        'job',
      ]
      const child = spawn(program!, args, {
        cwd: root,
        stdio: ['pipe', index === 0 && hearing === 'heard' ? 'inherit' : 'pipe', 'inherit', 'ipc'],
        // Whoever is run by a test is no part of it.
        env: { ...process.env, NODE_TEST_CONTEXT: undefined },
      })
      child.on('message', message => {
        const [file, sum] = message as [string, Sum]
        told.set(file, sum)
      })
      child.stdin!.end(JSON.stringify({ files, how } satisfies Job))
      let output = ''
      child.stdout?.setEncoding('utf8').on('data', (text: string) => (output += text))
      return new Promise<string>(resolve =>
        child.once('close', code => {
          const expected = how === 'together' ? [files.join()] : files
          for (const file of expected) sums.set(file, told.get(file) ?? { ...nothing(), failed: 1 })
          resolve(told.size === expected.length ? output : `${output}\n✖ process ${index + 1} ended with ${code}\n`)
        }),
      )
    }),
  )
  if (hearing === 'heard') for (const output of outputs) process.stdout.write(output)
  return sums
}

/** The other end of `runBeside`: the job comes as JSON on the input. */
export async function answerJob(): Promise<never> {
  const job = JSON.parse(fs.readFileSync(0, 'utf8')) as Job
  let sent = Promise.resolve()
  await runJob(job, (file, sum) => {
    sent = sent.then(() => new Promise(resolve => process.send!([file, sum], () => resolve())))
  })
  await sent
  process.exit(0)
}
