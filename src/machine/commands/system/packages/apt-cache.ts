import type { Persona } from '#persona/persona.ts'
import { saysOf } from '../../../release.ts'
import type { Process } from '../../../system.ts'
import { calledAs, say, textOf } from '../facts.ts'
import { archive, archiveEntry } from './archive.ts'
import { globMatches, installed, packagesOf } from './status.ts'

/** Where most packages are from: the release itself, or on Ubuntu what was updated since. */
const suiteOf = (persona: Persona): string => (persona.os.id === 'ubuntu' ? saysOf(persona).suite : persona.os.codename)

/** A command line of apt's, read. */
export type Asked = { words: string[]; yes: boolean; quiet: number; dry: boolean; flags: Set<string> }
export type Act = (process: Process, asked: Asked) => Promise<number>

/** `deb` lines of the sources: where, and which suite. */
export const sources = (process: Process): { url: string; suite: string }[] => {
  const found: { url: string; suite: string }[] = []
  for (const line of (textOf(process, '/etc/apt/sources.list') ?? '').split('\n', 200)) {
    const [, url = '', suite = ''] = /^deb\s+(?:\[[^\]]*\]\s+)?(\S+)\s+(\S+)/.exec(line.trim()) ?? []
    if (suite !== '' && found.length < 30) found.push({ url: url.replace(/\/$/, ''), suite })
  }
  return found
}

/** apt list */
export const list: Act = async (process, { words, flags }) => {
  await process.stdout.write(process.isatty[1] ? 'Listing... Done\n' : 'Listing...\n')
  if (flags.has('--upgradable') || flags.has('--upgradeable')) return 0
  const { suite } = saysOf(process.host.persona)
  for (const one of packagesOf(process)) {
    if (!installed(one) || !(words.length === 0 || words.some(word => globMatches(word, one.name)))) continue
    await process.stdout.write(`${one.name}/${suite},now ${one.version} ${one.arch} [installed]\n`)
  }
  return 0
}

/** apt show, apt-cache show */
export const show: Act = async (process, { words }) => {
  const all = packagesOf(process)
  for (const word of words) {
    const one = all.find(({ name }) => name === word)
    if (!one && !archive.has(word)) {
      await process.stderr.write(
        `${calledAs(process) === 'apt' ? `N: Unable to locate package ${word}\n` : ''}E: No packages found\n`,
      )
      return 100
    }
    const text = one
      ? one.text.replace(/^Status: .*\n/m, '').trimEnd()
      : `Package: ${word}\nVersion: ${archiveEntry(process, word)![1]}\nArchitecture: amd64`
    await process.stdout.write(`${text}\n\n`)
  }
  return 0
}

/** apt search, by words in name and first line */
export const search: Act = async (process, { words }) => {
  const found = packagesOf(process).filter(one =>
    words.every(word => `${one.name} ${one.description}`.toLowerCase().includes(word.toLowerCase())),
  )
  return say(process, found.map(one => `${one.name} - ${one.description}\n`).join(''))
}

/** apt-cache policy */
export const policy: Act = async (process, { words }) => {
  const all = packagesOf(process)
  const [first] = sources(process)
  const { persona } = process.host
  for (const word of words) {
    const one = all.find(({ name }) => name === word)
    const known = archiveEntry(process, word)
    const version = one?.version ?? known?.[1]
    if (version === undefined) {
      if (calledAs(process) === 'apt') await process.stderr.write(`N: Unable to locate package ${word}\n`)
      continue
    }
    const mirror = `        500 ${first?.url ?? saysOf(persona).mirror} ${suiteOf(persona)}/main amd64 Packages\n`
    await process.stdout.write(
      one
        ? `${word}:\n  Installed: ${version}\n  Candidate: ${version}\n  Version table:\n *** ${version} 500\n${mirror}        100 /var/lib/dpkg/status\n`
        : `${word}:\n  Installed: (none)\n  Candidate: ${version}\n  Version table:\n     ${version} 500\n${mirror}`,
    )
  }
  return 0
}
