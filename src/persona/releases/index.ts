import { debian11 } from './debian-11.ts'
import { debian12 } from './debian-12.ts'
import { type Release, releaseIds } from './release.ts'
import { ubuntu2004 } from './ubuntu-20.04.ts'
import { ubuntu2204 } from './ubuntu-22.04.ts'

/**
 * What a sensor can be, with how often it shall be that: as such servers are met on the Internet, where Ubuntu's are more
 * than Debian's, and where those past their free support (Debian 11, Ubuntu 20.04) go on in good numbers.
 */
export const releases: readonly (readonly [weight: number, release: Release])[] = [
  [34, debian12],
  [38, ubuntu2204],
  [12, debian11],
  [16, ubuntu2004],
]
export const releaseOf = (id: string): Release => {
  const found = releases.find(([, release]) => release.id === id)
  if (!found) throw new Error(`Unknown release ${JSON.stringify(id)}; one of ${releaseIds.join(', ')}`)
  return found[1]
}

export { asOf, packageVersion, type Release, type ReleaseId, releaseIds } from './release.ts'
