import { type Process, SystemError } from '../system.ts'

const kernel = { uid: 0, gid: 0, groups: [] }
const statusFile = '/var/lib/dpkg/status'
/** What dpkg knows is looked up once for each machine: programs do not change their version when the list is lost. */
const known = new WeakMap<object, Map<string, string>>()

/** The version of an installed package as dpkg shows it: `7.88.1-10+deb12u12`; `fallback` where dpkg knows none. */
export const packageVersion = (process: Process, name: string, fallback: string): string => {
  const { persona } = process.host
  let versions = known.get(persona)
  if (!versions) {
    versions = new Map()
    try {
      const text = process.fs.readFile(statusFile, kernel).toString('latin1')
      process.step(text.length >> 10)
      for (const [, found = '', version = ''] of text.matchAll(/^Package: (\S+)\n(?:[A-Z ].*\n)*?Version: (\S+)$/gm))
        versions.set(found, version)
      known.set(persona, versions)
    } catch (error) {
      if (!(error instanceof SystemError)) throw error
    }
  }
  return versions.get(name) ?? fallback
}
