import { Exhausted, type Process, type Program } from '../system.ts'
import type { Handle, Pipe } from './streams.ts'

/** Ceilings for all that one attacker's shell starts, subshells and background jobs with it. */
export type Limits = {
  /** Commands, loop turns, matches tried and the like. */
  steps: number
  /** Bytes written to files and to the outer streams. */
  outputBytes: number
  /** Bytes of one value or one command substitution. */
  valueBytes: number
  /** Bytes of all variables of one shell. */
  variableBytes: number
  /** Constructs within constructs. */
  parseDepth: number
  /** Functions, subshells, `eval` and `source` within each other. */
  callDepth: number
  /** Fields from one word by braces or globbing. */
  fields: number
  /** Shells and programs alive at once. */
  processes: number
  /** Wall-clock time of one run. */
  milliseconds: number
}

export const LIMITS: Limits = {
  steps: 200_000,
  outputBytes: 8 << 20,
  valueBytes: 1 << 20,
  variableBytes: 8 << 20,
  parseDepth: 150,
  callDepth: 100,
  fields: 20_000,
  processes: 64,
  milliseconds: 600_000,
}

/**
 * The program behind an absolute path without links. `data`, given where the file is an ELF that nobody knows by its path:
 * what it would do, or `undefined` when this machine cannot run it.
 */
export type Lookup = (path: string, data?: Buffer) => Program | undefined

/** What every shell of one attacker shares: the counts, and who sleeps. */
export type World = {
  process: Process
  lookup: Lookup
  limits: Limits
  steps: number
  outputBytes: number
  turns: number
  alive: number
  over: boolean
  deadline: number
  /** Waits that end when all is over. */
  waiting: Set<() => void>
  /** Background jobs still running. */
  background: Set<Promise<unknown>>
  fifos: Map<string, Pipe>
  /** Process substitutions by their /dev/fd path: what was written, or where to write. */
  substituted: Map<string, Buffer | Handle>
}

export const worldOf = (process: Process, lookup: World['lookup'], limits: Limits): World => ({
  process,
  lookup,
  limits,
  steps: 0,
  outputBytes: 0,
  turns: 0,
  alive: 0,
  over: false,
  deadline: Number.POSITIVE_INFINITY,
  waiting: new Set(),
  background: new Set(),
  fifos: new Map(),
  substituted: new Map(),
})

/** Everything this attacker runs comes to an end. */
export const finish = (world: World): void => {
  world.over = true
  for (const wake of [...world.waiting]) wake()
}

/** A person enters another line: what the last one used is given back. The attacker's own bucket bounds the whole. */
export const refill = (world: World): void => {
  if (world.over) throw new Exhausted()
  world.steps = 0
  world.outputBytes = 0
  world.deadline = performance.now() + world.limits.milliseconds
}

/** Counts work. */
export const spend = (world: World, cost = 1): void => {
  world.steps += cost
  if (!world.over && world.steps > world.limits.steps) finish(world)
  if (world.over) throw new Exhausted()
  world.process.step(cost)
}

/** Counts work, and lets others have the processor now and then. */
export const turn = (world: World): Promise<void> | undefined => {
  spend(world)
  if (++world.turns % 512 !== 0) return undefined
  if (performance.now() > world.deadline) finish(world)
  return new Promise(resolve => setImmediate(resolve))
}

/** Sleeps until one of the set is woken, or all is over. */
export const pause = (world: World, sleepers: Set<() => void>): Promise<void> =>
  new Promise((resolve, reject) => {
    if (world.over) return reject(new Exhausted())
    const wake = () => {
      sleepers.delete(wake)
      world.waiting.delete(wake)
      if (world.over) reject(new Exhausted())
      else resolve()
    }
    sleepers.add(wake)
    world.waiting.add(wake)
  })

export const wakeAll = (sleepers: Set<() => void>): void => {
  for (const wake of [...sleepers]) wake()
}

/** Counts bytes that leave the shell or stay on the disk. */
export const countOutput = (world: World, bytes: number): void => {
  world.outputBytes += bytes
  if (world.outputBytes > world.limits.outputBytes) finish(world)
  spend(world, bytes >> 12)
}
