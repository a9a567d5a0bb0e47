import { Broken } from '../system.ts'
import type { AndOr, Command, List, Pipeline, Redirection } from './ast.ts'
import { runCompound } from './compound.ts'
import { controlsJobs, foregrounded, running as resumed } from './foreground.ts'
import { startJob } from './jobs.ts'
import { runSubshell } from './process.ts'
import { runSimple } from './simple.ts'
import { fork, Killed, Leave, replaceable, type Shell, write } from './state.ts'
import { pipeOf, readEnd, release, writeEnd } from './streams.ts'
import { dropSubstitution } from './substitution.ts'
import { runPendingTraps, runTrap } from './traps.ts'
import { spend, turn } from './world.ts'

/** Runs the commands one after the other; the status of the last. */
export const runList = async (sh: Shell, list: List): Promise<number> => {
  for (const item of list) {
    if (item.background) sh.status = await startJob(sh, item)
    else {
      sh.entered = item.source
      await runAndOr(sh, item)
    }
  }
  return sh.status
}

/** `a && b || c`: only the last may end the shell under `set -e`. */
export const runAndOr = async (sh: Shell, item: AndOr): Promise<number> => {
  const { first, rest } = item
  await runPipeline(sh, first, rest.length > 0)
  for (const [i, { operator, pipeline }] of rest.entries()) {
    if ((sh.status === 0) !== (operator === '&&')) continue
    await runPipeline(sh, pipeline, i < rest.length - 1)
  }
  return sh.status
}

/** Runs with `set -e` asleep, as in conditions. */
export const guarded = async <T>(sh: Shell, run: () => Promise<T>): Promise<T> => {
  sh.guarded++
  try {
    return await run()
  } finally {
    sh.guarded--
  }
}

const runPipeline = async (sh: Shell, pipeline: Pipeline, condition: boolean): Promise<void> => {
  const quiet = condition || pipeline.negated
  const from = performance.now()
  if (quiet) sh.guarded++
  try {
    if (pipeline.commands.length === 0) sh.status = 0
    else if (pipeline.commands.length === 1) {
      sh.status = await runCommand(sh, pipeline.commands[0]!)
      sh.pipeStatus = [sh.status]
    } else sh.status = await runStages(sh, pipeline)
  } finally {
    if (quiet) sh.guarded--
  }
  if (pipeline.negated) sh.status = sh.status === 0 ? 1 : 0
  else if (sh.status !== 0 && !condition) await failed(sh, pipeline)
  if (pipeline.timed) await write(sh, 2, timeReport(sh, performance.now() - from))
}

/** `set -e` and the ERR trap. */
const failed = async (sh: Shell, pipeline: Pipeline): Promise<void> => {
  if (sh.guarded > 0) return
  const last = pipeline.commands.at(-1)!
  // A group or loop fails by the command inside it, which has had its say already.
  if (pipeline.commands.length === 1 && !['simple', 'subshell', 'test', 'let'].includes(last.kind)) return
  const action = sh.traps.get('ERR')
  if (action && !sh.inTrap) {
    await runTrap(sh, action)
  }
  if (sh.options.has('errexit')) throw new Leave('exit', sh.status)
}

const timeReport = (sh: Shell, milliseconds: number): string => {
  const seconds = milliseconds / 1000
  const shown = `${Math.floor(seconds / 60)}m${(seconds % 60).toFixed(3)}s`
  return sh.flavour === 'sh' ? '' : `\nreal\t${shown}\nuser\t0m0.000s\nsys\t0m0.000s\n`
}

/** What `|&` stands for; it comes after the command's own redirections. */
const ERRORS_TOO: Redirection = {
  fd: 2,
  operator: '>&',
  target: { parts: [{ kind: 'text', text: '1', quoted: false }], raw: '1' },
}

/** All stages at once, each in a shell of its own, with pipes between them. */
const runStages = async (sh: Shell, pipeline: Pipeline): Promise<number> => {
  const { commands, both } = pipeline
  const running: Promise<number>[] = []
  let input: ReturnType<typeof readEnd> | undefined
  for (const [i, command] of commands.entries()) {
    const child = fork(sh)
    child.becomes = replaceable(command)
    if (input) {
      release(child.handles.get(0))
      child.handles.set(0, input)
      input = undefined
    }
    if (i < commands.length - 1) {
      const pipe = pipeOf(sh.world)
      const end = writeEnd(pipe)
      input = readEnd(pipe)
      release(child.handles.get(1))
      child.handles.set(1, end)
    }
    const body: List = [
      {
        first: {
          commands: [both[i] ? { ...command, redirections: [...command.redirections, ERRORS_TOO] } : command],
          both: [],
          negated: false,
          timed: false,
        },
        rest: [],
        background: false,
        source: '',
      },
    ]
    running.push(runSubshell(child, body))
  }
  const all = async (): Promise<number> => {
    const ended = await Promise.allSettled(running)
    const broken = ended.find(one => one.status === 'rejected')
    if (broken?.status === 'rejected') throw broken.reason
    sh.pipeStatus = ended.map(one => (one.status === 'fulfilled' ? one.value : 1))
    if (sh.options.has('pipefail')) return [...sh.pipeStatus].reverse().find(status => status !== 0) ?? 0
    return sh.pipeStatus.at(-1)!
  }
  return foregrounded(sh, all())
}

/** One command of whatever kind. */
export const runCommand = async (sh: Shell, command: Command): Promise<number> => {
  const wait = turn(sh.world)
  if (wait) await wait
  if (sh.signals.length > 0) await runPendingTraps(sh)
  if (sh.group?.stopped) await resumed(sh)
  if (sh.group?.interrupted && controlsJobs(sh)) throw new Leave('fatal', 130)
  if (++sh.depth > sh.world.limits.callDepth * 6) {
    sh.depth--
    spend(sh.world, sh.world.limits.steps)
  }
  const mark = sh.substitutions.length
  try {
    return command.kind === 'simple' ? await runSimple(sh, command) : await runCompound(sh, command)
  } catch (error) {
    if (error instanceof Broken) throw new Killed(13)
    throw error
  } finally {
    sh.depth--
    for (const path of sh.substitutions.splice(mark)) dropSubstitution(sh, path)
  }
}
