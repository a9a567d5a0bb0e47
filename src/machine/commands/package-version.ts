import { saysOf } from '../release.ts'
import { kernel } from '../rights.ts'
import { type Process, SystemError } from '../system.ts'

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

/** What Debian 12 has, for whoever lost dpkg's list before anybody asked. */
const otherwise: ReadonlyMap<string, string> = new Map([
  ['adduser', '3.134'],
  ['apt', '2.6.1'],
  ['cloud-init', '22.4.2-1'],
  ['coreutils', '9.1-1'],
  ['diffutils', '1:3.8-4'],
  ['dmidecode', '3.4-1'],
  ['findutils', '4.9.0-4'],
  ['grep', '3.8-5'],
  ['gzip', '1.12-1'],
  ['hostname', '3.23'],
  ['iptables', '1.8.9-2'],
  ['libc6', '2.36-9+deb12u10'],
  ['lsof', '4.95.0-1'],
  ['mawk', '1.3.4.20200120-3.1'],
  ['nano', '7.2-1'],
  ['nftables', '1.0.6-2'],
  ['procps', '2:4.0.2-3'],
  ['python3', '3.11.2-1'],
  ['rsync', '3.2.7-1'],
  ['sed', '4.9-1'],
  ['sudo', '1.9.13p3-1'],
  ['systemd', '252.38-1~deb12u1'],
  ['tar', '1.34+dfsg-1.2'],
  ['util-linux', '2.38.1-5'],
  ['wget', '1.21.3-1'],
])

/** The part of a package's version that is its author's: `9.1` of `9.1-1`, `1.34` of `1:1.34+dfsg-1`. */
export const upstreamVersion = (process: Process, name: string): string =>
  packageVersion(process, name, otherwise.get(name) ?? '')
    .replace(/^\d+:/, '')
    .replace(/-[^-]*$/, '')
    .replace(/\+(dfsg|ds|nmu).*$/, '')

/** A text of ours with `@package@` where the version of that package belongs. */
export const versioned = (process: Process, text: string): string =>
  text.replace(/@([\w.+-]+)@/g, (_, name: string) => upstreamVersion(process, name))

/** `(Debian GLIBC 2.36-9+deb12u10) 2.36`, as the C library's programs say behind their name. */
export const glibcVersion = (process: Process): string => {
  const full = packageVersion(process, 'libc6', otherwise.get('libc6')!)
  return `(${saysOf(process.host.persona).glibc} ${full}) ${full.replace(/-.*$/, '')}`
}

/** `252 (252.38-1~deb12u1)`, as systemd's programs say. */
export const systemdVersion = (process: Process): string => {
  const full = packageVersion(process, 'systemd', otherwise.get('systemd')!)
  return `${full.replace(/[.-].*$/, '')} (${full})`
}

/** `3.11.2`: of the interpreter, which is newer than python3's own package where security updates came. */
export const pythonVersion = (process: Process): string => {
  const own = upstreamVersion(process, 'python3')
  const minor = own.replace(/^(\d+\.\d+).*$/, '$1')
  return packageVersion(process, `python${minor}`, own).replace(/[-~].*$/, '')
}
