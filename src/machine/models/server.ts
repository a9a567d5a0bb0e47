import { readFileSync } from 'node:fs'
import type { Persona } from '#persona/persona.ts'
import { onX86 } from '../commands/elf.ts'
import { programs } from '../commands/index.ts'
import { debianDisk } from '../fs/debian.ts'
import { systemProcesses } from '../fs/process-table.ts'
import { accountFor } from '../housing.ts'
import type { Model } from '../model.ts'

// Read while it can be: a sensor that gave up root may not search the folders above its code any more.
const image = readFileSync(new URL('../../../data/machine/debian-12.img', import.meta.url))

const shells = new Map([
  ['/usr/bin/bash', 'bash' as const],
  ['/usr/bin/dash', 'sh' as const],
])

/** The virtual server that a persona is: Debian on x86-64. */
export const server = (persona: Persona): Model => ({
  persona,
  make: {
    ...onX86,
    pids: 4_194_304,
    path: '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin',
  },
  disk: debianDisk(image),
  running: systemProcesses(persona),
  programs,
  shells,
  installed: /^\/usr\/(s?bin|lib|libexec)\//,
  language: (_, executable) => shells.get(executable),
  account: (fs, user) => accountFor(fs, persona, user),
})
