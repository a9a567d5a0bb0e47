import { readFileSync } from 'node:fs'
import type { Persona } from '#persona/persona.ts'
import { onX86 } from '../commands/elf.ts'
import { programs } from '../commands/index.ts'
import { debianDisk } from '../fs/debian.ts'
import { systemProcesses } from '../fs/process-table.ts'
import { accountFor } from '../housing.ts'
import type { Model } from '../model.ts'
import { overlaidOf, renamed, saysOf } from '../release.ts'
import type { Program } from '../system.ts'

// Read while it can be: a sensor that gave up root may not search the folders above its code any more.
const image = readFileSync(new URL('../../../data/machine/debian-12.img', import.meta.url))

const shells = new Map([
  ['/usr/bin/bash', 'bash' as const],
  ['/usr/bin/dash', 'sh' as const],
])

/** Programs at the paths that they have in this persona's release. */
const programsOf = (persona: Persona): ReadonlyMap<string, Program> => {
  const release = overlaidOf(persona)
  return release ? new Map([...programs].map(([path, program]) => [renamed(release, path), program])) : programs
}

/** The virtual server that a persona is: Debian or Ubuntu on x86-64. */
export const server = (persona: Persona): Model => ({
  persona,
  make: {
    ...onX86,
    pids: 4_194_304,
    path: saysOf(persona).path,
  },
  disk: debianDisk(image),
  running: systemProcesses(persona),
  programs: programsOf(persona),
  shells,
  installed: /^\/usr\/(s?bin|lib|libexec)\//,
  language: (_, executable) => shells.get(executable),
  account: (fs, user) => accountFor(fs, persona, user),
})
