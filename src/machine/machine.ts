import { readFileSync } from 'node:fs'
import type { Persona } from '#persona/persona.ts'
import { broughtProgram } from './commands/binary.ts'
import { programs } from './commands/index.ts'
import { type Computer, createComputer } from './computer.ts'
import { type MachineDisk, machineDisk } from './fs/disk.ts'
import { systemProcesses } from './fs/process-table.ts'
import { createIdentities } from './identity.ts'
import { createInternet } from './internet.ts'
import { shellProgram } from './shell/program.ts'
import type { Lookup } from './shell/world.ts'
import type { Internet, Program } from './system.ts'

// Read while it can be: a sensor that gave up root may not search the folders above its code any more.
const image = readFileSync(new URL('../../data/machine/debian-12.img', import.meta.url))

/** The one computer that a sensor pretends to be, of which every attacker sees a copy of their own. */
export type Machine = {
  /** What a new attacker finds; `internet` stands for the one that policies shape. */
  computer(internet?: Internet): Computer
}

export type Clock = {
  /** Milliseconds since the epoch, as the machine's clock shows it. */
  now(): number
  random(bytes: number): Buffer
}

/** Where the system keeps programs whose content is not in the image. */
const systemFolder = /^\/usr\/(s?bin|lib|libexec)\//
/** A program that is installed and not pretended: rarely used ones, which end well without a word. */
const quiet: Program = async () => 0

const machines = new WeakMap<Persona, Machine>()

/** The persona's machine, made once: attackers share its disk as installed. */
export const machineOf = (persona: Persona, clock: Clock): Machine => {
  const found = machines.get(persona)
  if (found) return found
  let disk: MachineDisk | undefined
  const running = systemProcesses(persona)
  const internet = createInternet(persona)
  const identities = createIdentities(() => disk!)
  const machine: Machine = {
    computer(network = internet) {
      disk ??= machineDisk(image, persona, clock)
      return createComputer({
        persona,
        clock,
        disk,
        running,
        internet: network,
        programOf,
        installed: identities.installed,
      })
    },
  }
  const shells = new Map([
    ['/usr/bin/bash', 'bash' as const],
    ['/usr/bin/dash', 'sh' as const],
  ])
  /** The program that came with the system at this path, or whose copy the content is. */
  const programOf = (lookup: Lookup, path: string, data?: Buffer) => {
    const original = data === undefined ? path : identities.of(data)
    if (original === undefined) return data === undefined ? undefined : broughtProgram(path, data)
    const shell = shells.get(original)
    if (shell) return shellProgram(shell, lookup)
    return programs.get(original) ?? (systemFolder.test(original) ? quiet : undefined)
  }
  machines.set(persona, machine)
  return machine
}
