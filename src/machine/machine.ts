import type { Persona } from '#persona/persona.ts'
import { broughtProgram } from './commands/binary.ts'
import { type Computer, createComputer } from './computer.ts'
import { type MachineDisk, machineDisk } from './fs/disk.ts'
import { createIdentities } from './identity.ts'
import { createInternet } from './internet.ts'
import { shelfOf } from './kept.ts'
import { type ModelName, models } from './model.ts'
import { machineSettings } from './settings.ts'
import { shellProgram } from './shell/program.ts'
import type { Lookup } from './shell/world.ts'
import type { Internet, Program } from './system.ts'

/** One of the computers that a sensor pretends to be, of which every attacker sees a copy of their own. */
export type Machine = {
  /**
   * What an attacker finds: the machine as installed, or what was kept of it under the name `of` that they have.
   * `internet` stands for the one that the settings shape.
   */
  computer(about?: { internet?: Internet; of?: string }): Computer
}

export type Clock = {
  /** Milliseconds since the epoch, as the machine's clock shows it. */
  now(): number
  random(bytes: number): Buffer
}

/** A program that is installed and not pretended: rarely used ones, which end well without a word. */
const quiet: Program = async () => 0

const machines = new WeakMap<Persona, Map<ModelName, Machine>>()

/** The persona's machine of this model, made once: attackers share its disk as installed. */
export const machineOf = (persona: Persona, clock: Clock, name: ModelName = 'server'): Machine => {
  const made = machines.get(persona) ?? new Map<ModelName, Machine>()
  machines.set(persona, made)
  const found = made.get(name) ?? createMachine(persona, clock, name)
  made.set(name, found)
  return found
}

const createMachine = (sensor: Persona, clock: Clock, name: ModelName): Machine => {
  const model = models[name](sensor)
  const { persona, programs, shells } = model
  let disk: MachineDisk | undefined
  const { downloads, leavings } = machineSettings(sensor)
  const internet = createInternet(persona, downloads)
  const identities = createIdentities(() => disk!, [...programs.keys(), ...shells.keys()])
  /** The program that came with the system at this path, or whose copy the content is. */
  const programOf = (lookup: Lookup, path: string, data?: Buffer) => {
    const original = data === undefined ? path : identities.of(data)
    if (original === undefined) return data === undefined ? undefined : broughtProgram(path, data)
    const shell = shells.get(original)
    if (shell) return shellProgram(shell, lookup)
    return programs.get(original) ?? (model.installed.test(original) ? quiet : undefined)
  }
  return {
    computer({ internet: network = internet, of } = {}) {
      disk ??= machineDisk(model.disk, persona, clock)
      return createComputer({
        model,
        clock,
        disk,
        internet: network,
        ...(leavings && of !== undefined ? { kept: shelfOf(leavings, `${name} ${of}`) } : {}),
        programOf,
        installed: identities.installed,
      })
    },
  }
}
