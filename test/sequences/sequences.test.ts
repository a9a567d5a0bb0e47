import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import type { Computer } from '#machine/computer.ts'
import { inputOf, type Seen, testComputer, testWitness } from '#machine/testing.ts'
import { botnets } from './botnets.ts'
import { footholds } from './footholds.ts'
import { miners } from './miners.ts'
import type { Sequence } from './sequence.ts'

/** Seconds after which somebody gives a line up, as bots do with what waits for ever. */
const usualPatience = 40

/** One line as `ssh root@machine 'line'` runs it, hung up on when it takes too long. */
const run = async (
  computer: Computer,
  line: string,
  stdin: string,
  seen: Seen[],
  seconds: number,
): Promise<[string, string]> => {
  const [stdout, stderr]: [string[], string[]] = [[], []]
  const collect = (into: string[]) => ({
    async write(data: Buffer | string) {
      into.push(data.toString('latin1'))
    },
  })
  const login = computer.logIn({
    account: { name: 'root', uid: 0, gid: 0, comment: 'root', home: '/root', shell: '/bin/bash' },
    witness: testWitness(seen),
    from: '198.51.100.7',
    stdin: inputOf(stdin),
    stdout: collect(stdout),
    stderr: collect(stderr),
    daemon: { argv: ['sshd: root@notty'], exe: '/usr/sbin/sshd' },
  })
  let timer: NodeJS.Timeout | undefined
  const enough = new Promise<void>(resolve => {
    timer = setTimeout(resolve, seconds * 1000)
  })
  try {
    await Promise.race([login.exec(line), enough])
  } finally {
    clearTimeout(timer)
    login.abandon()
    await new Promise(setImmediate)
    login.close()
  }
  return [stdout.join(''), stderr.join('')]
}

/** All lines of a sequence on one machine: what was answered, and what was witnessed. */
const play = async ({ how, lines, patience = usualPatience }: Sequence) => {
  const computer = testComputer()
  const seen: Seen[] = []
  let [stdout, stderr] = ['', '']
  const latin1 = (text: string): string => Buffer.from(text).toString('latin1')
  const steps = how === 'exec' ? lines.map(line => [latin1(line), '']) : [['bash', latin1(`${lines.join('\n')}\n`)]]
  for (const [line = '', stdin = ''] of steps) {
    const [out, err] = await run(computer, line, stdin, seen, patience)
    stdout += out
    stderr += err
  }
  return { stdout, stderr, seen }
}

const has = (seen: Seen[], what: Seen['what'], fields: object): boolean =>
  seen.some(
    one =>
      one.what === what &&
      Object.entries(fields).every(([name, value]) => (one.details as Record<string, unknown>)[name] === value),
  )

// Downloads take their time here as they do there: all at once.
describe('what malware does ends with its evidence', { concurrency: true }, () => {
  for (const sequence of [...botnets, ...miners, ...footholds]) test(sequence.name, () => check(sequence))
})

async function check(sequence: Sequence): Promise<void> {
  const { stdout, stderr, seen } = await play(sequence)
  const missing: string[] = []
  const witnessed = seen.filter(({ what }) => what === 'file' || what === 'execution')
  for (const url of sequence.urls ?? []) if (!has(seen, 'download', { url })) missing.push(`download of ${url}`)
  for (const [index, sample] of (sequence.samples ?? []).entries()) {
    const wanted = Buffer.from(sample as string, 'latin1')
    if (!witnessed.some(({ details }) => (details as { data: Buffer }).data.equals(wanted)))
      missing.push(`sample ${index}`)
  }
  for (const account of sequence.accounts ?? [])
    if (!has(seen, 'account', account)) missing.push(`account ${JSON.stringify(account)}`)
  for (const connection of sequence.connections ?? [])
    if (!has(seen, 'connection', connection)) missing.push(`connection ${JSON.stringify(connection)}`)
  for (const path of sequence.runs ?? []) if (!has(seen, 'execution', { path })) missing.push(`execution of ${path}`)
  for (const pattern of sequence.output ?? []) if (!pattern.test(stdout)) missing.push(`output ${pattern}`)
  const unknown = stderr
    .split(/[\r\n]+/)
    .filter(line => line !== '' && !(sequence.errors ?? []).some(pattern => pattern.test(line)))
  assert.deepEqual({ missing, unknown }, { missing: [], unknown: [] }, `\n${stdout.slice(-3000)}`)
}
