import { debian11 } from './debian-11.ts'
import { debian12 } from './debian-12.ts'
import { type Release, releaseIds } from './release.ts'
import { ubuntu2004 } from './ubuntu-20.04.ts'
import { ubuntu2204 } from './ubuntu-22.04.ts'

/**
 * What a sensor can be, with how often it shall be that. The machine behind the shells has Debian 12's disk and programs,
 * so a sensor is one of the others only where its operator asks for it.
 */
export const releases: readonly (readonly [weight: number, release: Release])[] = [
  [1, debian12],
  [0, ubuntu2204],
  [0, debian11],
  [0, ubuntu2004],
]
export const releaseOf = (id: string): Release => {
  const found = releases.find(([, release]) => release.id === id)
  if (!found) throw new Error(`Unknown release ${JSON.stringify(id)}; one of ${releaseIds.join(', ')}`)
  return found[1]
}

export { asOf, packageVersion, type Release, type ReleaseId, releaseIds } from './release.ts'
