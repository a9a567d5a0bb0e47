import type { Persona } from '#persona/persona.ts'
import { compareVersions } from '../commands/files/versions.ts'
import { type Overlaid, renamed } from '../release.ts'

const withoutEpoch = (version: string): string => version.replace(/^\d+:/, '')
/** Debian Policy §5.6.12, by dpkg's order. */
const newer = (a: string, b: string): boolean => {
  const epoch = (version: string): number => Number(/^(\d+):/.exec(version)?.[1] ?? 0)
  if (epoch(a) !== epoch(b)) return epoch(a) > epoch(b)
  return compareVersions(withoutEpoch(a), withoutEpoch(b)) > 0
}

/** The version of the package of the persona's kernel: `6.1.153-1`, `5.15.0-122.132`. */
export const kernelPackageVersion = ({ os }: Persona): string | undefined => {
  const upload = /^#(\d+)-Ubuntu/.exec(os.kernelVersion)?.[1]
  if (upload === undefined) return /Debian (\S+)/.exec(os.kernelVersion)?.[1]
  return `${os.kernel.replace(/-generic$/, '')}.${upload}`
}

/** The image's status file as another release has it: other versions, other names, packages fewer and more. */
export const statusOf = (status: string, overlaid: Overlaid, persona: Persona): string => {
  const { without, into, binaries, added, maintainer } = overlaid
  const { ssh, openssl, web } = persona.software
  const versions: Overlaid['versions'] = {
    ...overlaid.versions,
    openssh: ssh.package,
    openssl: openssl.package,
    ...(web.product === 'nginx' ? { nginx: web.package, 'libnginx-mod-http-echo': web.package } : {}),
  }
  const entries = status.split('\n\n').filter(entry => entry.includes('Package: '))
  const fieldOf = (entry: string, name: string): string => new RegExp(`^${name}: (.*)$`, 'm').exec(entry)?.[1] ?? ''
  const installed = new Map<string, string>()
  /** Versions that only Debian 12 has, which other packages speak of. */
  const updates = new Map<string, string>()
  const absent = new Set(without)
  const kept = entries.flatMap(entry => {
    const name = fieldOf(entry, 'Package')
    const source = (fieldOf(entry, 'Source') || name).replace(/ .*/, '')
    const target = into[name]
    // A package that became part of another one which is there anyway.
    const merged = target !== undefined && entries.some(other => fieldOf(other, 'Package') === target)
    if (merged) absent.add(name)
    if (absent.has(name)) return []
    const was = fieldOf(entry, 'Version')
    const version =
      binaries[name] ??
      versions[source] ??
      (source.startsWith('linux-signed') ? kernelPackageVersion(persona) : undefined) ??
      was
    const here = renamed(overlaid, target ?? name)
    installed.set(here, version)
    if (was.includes('deb12')) updates.set(was, version)
    return [{ entry, here, version }]
  })
  for (const [name, { version }] of Object.entries(added)) installed.set(name, version)
  /** A relation cannot ask for more than is there. */
  const relation = (line: string): string => {
    const [field = '', list = ''] = line.split(': ', 2)
    const left = list.split(', ').filter(item => !absent.has(item.replace(/[ :].*/, '')))
    let relations = left.join(', ')
    for (const [old, current] of updates) relations = relations.replaceAll(old, current)
    return left.length === 0 ? '' : `${field}: ${capped(renamed(overlaid, relations))}`
  }
  const capped = (text: string): string =>
    text.replace(/([\w.+-]+)((?::\w+)?) \((>=|=) ([^)]*)\)/g, (all, name, arch, operator, wanted) => {
      const own = installed.get(name)
      if (own === undefined) return all
      const fits =
        operator === '=' || newer(wanted, own) ? own.replace(/-[^-]*$/, operator === '=' ? '$&' : '') : wanted
      return `${name}${arch} (${operator} ${fits})`
    })
  const rewritten = kept.map(({ entry, here, version }) =>
    entry
      .replace(
        /^(Depends|Pre-Depends|Recommends|Suggests|Breaks|Replaces|Conflicts|Provides|Enhances): .*$/gm,
        relation,
      )
      .replaceAll('\n\n', '\n')
      .replace('tzdata-bookworm', `tzdata-${persona.os.codename}`)
      .replace(/^Package: .*$/m, `Package: ${here}`)
      .replace(/^Version: .*$/m, `Version: ${version}`)
      .replace(/^Source: (\S+)(?: \(.*\))?$/m, (_, source) => `Source: ${renamed(overlaid, source)}`)
      .replace(
        /^(Depends|Pre-Depends|Recommends|Suggests|Breaks|Replaces|Conflicts|Provides|Enhances): .*$/gm,
        relation,
      )
      .replace(/^Maintainer: (.*)$/m, (line, was) =>
        maintainer === undefined ? line : `Maintainer: ${maintainer}\nOriginal-Maintainer: ${was}`,
      )
      .replace(/^ \/.*$/gm, line => renamed(overlaid, line)),
  )
  const more = Object.entries(added).map(([name, { version, section, arch, size, description }]) =>
    [
      `Package: ${name}`,
      'Status: install ok installed',
      'Priority: optional',
      `Section: ${section}`,
      `Installed-Size: ${size}`,
      `Maintainer: ${maintainer ?? 'Debian QA Group <packages@qa.debian.org>'}`,
      `Architecture: ${arch}`,
      `Version: ${version}`,
      `Description: ${description}`,
    ].join('\n'),
  )
  return `${[...rewritten.map(entry => entry.trimEnd()), ...more].toSorted().join('\n\n')}\n\n`
}
