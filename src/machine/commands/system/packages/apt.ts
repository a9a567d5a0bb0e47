import { saysOf } from '../../../release.ts'
import type { Process, Program } from '../../../system.ts'
import { versioned } from '../../package-version.ts'
import { ask } from '../accounts/ask.ts'
import { calledAs, say } from '../facts.ts'
import { type Act, type Asked, list, policy, search, show, sources } from './apt-cache.ts'
import { archive, archiveEntry } from './archive.ts'
import { globMatches, installed, type Package, packagesOf, removePackage, shownName } from './status.ts'

const unstable = '\nWARNING: apt does not have a stable CLI interface. Use with caution in scripts.\n\n'
const taking = new Set(['-o', '-c', '-t', '-q=', '--option', '--config-file', '--target-release', '--default-release'])

const read = (words: readonly string[]): Asked => {
  const asked: Asked = { words: [], yes: false, quiet: 0, dry: false, flags: new Set() }
  for (let at = 0; at < words.length; at++) {
    const word = words[at]!
    if (!word.startsWith('-') || word === '-') {
      asked.words.push(word)
      continue
    }
    if (taking.has(word)) at++
    asked.flags.add(word)
    if (/^-[a-zA-Z]+$/.test(word)) for (const letter of word.slice(1)) asked.flags.add(`-${letter}`)
    if (word.startsWith('-qq') || word === '-q=2') asked.quiet = 2
    else if (word.startsWith('-q') || word === '--quiet') asked.quiet = Math.max(1, asked.quiet)
  }
  const { flags } = asked
  asked.yes = ['-y', '--yes', '--assume-yes', '--force-yes'].some(flag => flags.has(flag)) || asked.quiet > 1
  asked.dry = ['-s', '--simulate', '--dry-run', '--just-print', '--no-act', '--recon'].some(flag => flags.has(flag))
  return asked
}

/** The progress lines that begin most of what apt does: `Done` where somebody watches. */
const prelude = async (process: Process, { quiet }: Asked, ...lines: string[]): Promise<void> => {
  if (quiet > 1) return
  const done = process.isatty[1] ? ' Done' : ''
  for (const line of lines) {
    await process.stdout.write(`${line}...${line.startsWith('Building') ? done : done}\n`)
    await process.sleep(line.startsWith('Reading package') ? 0.4 : 0.1)
  }
}
const state = ['Reading package lists', 'Building dependency tree', 'Reading state information']

const locked = async (process: Process): Promise<boolean> => {
  if (process.who.uid === 0) return false
  await process.stderr.write(
    'E: Could not open lock file /var/lib/dpkg/lock-frontend - open (13: Permission denied)\nE: Unable to acquire the dpkg frontend lock (/var/lib/dpkg/lock-frontend), are you root?\n',
  )
  return true
}

const update: Act = async (process, asked) => {
  if (process.who.uid !== 0) {
    await prelude(process, asked, 'Reading package lists')
    await process.stderr.write(
      'E: Could not open lock file /var/lib/apt/lists/lock - open (13: Permission denied)\nE: Unable to lock directory /var/lib/apt/lists/\n',
    )
    return 100
  }
  const { internet, witness } = process.host
  const failed: string[] = []
  const lines: string[] = []
  for (const [index, { url, suite }] of sources(process).entries()) {
    const address = `${url}/dists/${suite}/InRelease`
    witness.download({ url: address, tool: calledAs(process), argv: process.argv })
    const host = /^https?:\/\/([^/:]+)/.exec(url)?.[1] ?? ''
    await process.sleep(0.2)
    if (
      /(^|\.)(debian|ubuntu)\.(org|com)$/.test(host) ||
      (internet.resolve(host) !== undefined && internet.connect(host, 80).refused === undefined)
    ) {
      if (/(^|\.)(debian|ubuntu)\.(org|com)$/.test(host)) lines.push(`Hit:${index + 1} ${url} ${suite} InRelease`)
      else {
        lines.push(
          `Ign:${index + 1} ${url} ${suite} InRelease`,
          `Err:${index + 1} ${url} ${suite} Release`,
          '  404  Not Found',
        )
        failed.push(`E: The repository '${url} ${suite} Release' does not have a Release file.`)
      }
    } else {
      lines.push(`Err:${index + 1} ${url} ${suite} InRelease`, `  Temporary failure resolving '${host}'`)
      failed.push(`W: Failed to fetch ${address}  Temporary failure resolving '${host}'`)
    }
    if (asked.quiet < 2 && lines.length > 0) await process.stdout.write(`${lines.splice(0).join('\n')}\n`)
  }
  await process.sleep(0.6)
  await prelude(process, asked, 'Reading package lists')
  if (failed.length > 0)
    await process.stderr.write(
      `${failed.join('\n')}\n${failed[0]!.startsWith('W') ? 'W: Some index files failed to download. They have been ignored, or old ones used instead.\n' : ''}`,
    )
  else if (calledAs(process) === 'apt') {
    await prelude(process, asked, 'Building dependency tree', 'Reading state information')
    await process.stdout.write('All packages are up to date.\n')
  }
  return failed.some(text => text.startsWith('E')) ? 100 : 0
}

const counts = (upgraded: number, fresh: number, removed: number): string =>
  `${upgraded} upgraded, ${fresh} newly installed, ${removed} to remove and 0 not upgraded.\n`

const install: Act = async (process, asked) => {
  if (!asked.dry && (await locked(process))) return 100
  await prelude(process, asked, ...state)
  const all = packagesOf(process)
  const wanted: string[] = []
  const newest: string[] = []
  for (const word of asked.words) {
    const name = word.replace(/[=/:].*/, '').replace(/[+-]$/, match => (word.startsWith('g++') ? match : ''))
    const one = all.find(candidate => candidate.name === name)
    if (word.includes('/') && /^[./]/.test(word)) {
      await process.stderr.write(`E: Unsupported file ${word} given on commandline\n`)
      return 100
    }
    if (one && installed(one)) {
      if (asked.quiet < 2) newest.push(`${name} is already the newest version (${one.version}).\n`)
    } else if (archive.has(word.startsWith('g++') ? 'g++' : name)) wanted.push(name)
    else {
      await process.stderr.write(
        `E: Unable to locate package ${name}\n${/[.]/.test(name) ? `E: Couldn't find any package by glob '${name}'\nE: Couldn't find any package by regex '${name}'\n` : ''}`,
      )
      return 100
    }
  }
  if (newest.length > 0) await process.stdout.write(newest.join(''))
  if (wanted.length === 0) return say(process, asked.quiet > 1 ? '' : counts(0, 0, 0))
  return fetchThem(process, asked, [...new Set(wanted)].toSorted())
}

/** `Debian:12/oldstable`: label, version and suite of the archive. */
const vendorOf = ({ host: { persona } }: Process): string => {
  const { os } = persona
  return `${os.id === 'ubuntu' ? 'Ubuntu' : 'Debian'}:${os.version}/${saysOf(persona).suite}`
}

/** Packages that Debian has: found, and not to be had. The lists of a machine that was not updated name files that are gone. */
const fetchThem = async (process: Process, asked: Asked, names: readonly string[]): Promise<number> => {
  const found = names.map(name => ({ name, about: archiveEntry(process, name)! }))
  const size = found.reduce((sum, { about }) => sum + about[2], 0)
  const sized = (kilobytes: number): string =>
    kilobytes >= 1000 ? `${(kilobytes / 1000).toFixed(1)} MB` : `${kilobytes} kB`
  if (asked.quiet < 2)
    await process.stdout.write(
      `The following NEW packages will be installed:\n  ${names.join(' ')}\n${counts(0, names.length, 0)}Need to get ${sized(size)} of archives.\nAfter this operation, ${sized(size * 3)} of additional disk space will be used.\n`,
    )
  if (asked.dry)
    return say(
      process,
      found.map(({ name, about }) => `Inst ${name} (${about[1]} ${vendorOf(process)} [amd64])\n`).join(''),
    )
  if (!asked.yes) {
    const answer = await ask(process, 'Do you want to continue? [Y/n] ')
    if (answer === undefined || !/^([yY]|$)/.test(answer)) {
      await process.stdout.write('Abort.\n')
      return 1
    }
  }
  const { persona } = process.host
  const { mirror } = saysOf(persona)
  const { codename } = persona.os
  // Fastly, and Canonical's own.
  const server = persona.os.id === 'ubuntu' ? '185.125.190.82' : '151.101.2.132'
  const errors: string[] = []
  for (const [index, { name, about }] of found.entries()) {
    const [source, version] = about
    const bare = version.replace(/^\d+:/, '')
    const pool = source.startsWith('lib') ? source.slice(0, 4) : source.charAt(0)
    const url = `${mirror}/pool/main/${pool}/${source}/${name}_${bare}_amd64.deb`
    process.host.witness.download({ url, tool: calledAs(process), argv: process.argv })
    await process.sleep(0.8)
    if (asked.quiet < 2)
      await process.stdout.write(
        `Err:${index + 1} ${mirror} ${codename}/main amd64 ${name} amd64 ${version}\n  404  Not Found [IP: ${server} 80]\n`,
      )
    errors.push(`E: Failed to fetch ${url}  404  Not Found [IP: ${server} 80]`)
  }
  await process.stderr.write(
    `${errors.join('\n')}\nE: Unable to fetch some archives, maybe run apt-get update or try with --fix-missing?\n`,
  )
  return 100
}

const removing =
  (purge: boolean): Act =>
  async (process, asked) => {
    if (!asked.dry && (await locked(process))) return 100
    await prelude(process, asked, ...state)
    const all = packagesOf(process)
    const found: Package[] = []
    for (const word of asked.words) {
      const matching = all.filter(one =>
        word.endsWith('*') ? globMatches(word, one.name) : one.name === word.replace(/[:].*/, ''),
      )
      if (matching.length === 0) {
        if (archive.has(word) || word.endsWith('*')) {
          await process.stdout.write(word.endsWith('*') ? '' : `Package '${word}' is not installed, so not removed\n`)
          continue
        }
        await process.stderr.write(`E: Unable to locate package ${word}\n`)
        return 100
      }
      for (const one of matching)
        if (installed(one) || purge) found.push(one)
        else await process.stdout.write(`Package '${one.name}' is not installed, so not removed\n`)
    }
    if (found.length === 0) return say(process, asked.quiet > 1 ? '' : counts(0, 0, 0))
    const essential = found.find(({ text }) => /^Essential: yes$/m.test(text))
    const size = found.reduce((sum, one) => sum + one.size, 0)
    if (asked.quiet < 2)
      await process.stdout.write(
        `The following packages will be REMOVED:\n  ${found.map(({ name }) => `${name}${purge ? '*' : ''}`).join(' ')}\n${counts(0, 0, found.length)}After this operation, ${size >= 1000 ? `${(size / 1000).toFixed(1)} MB` : `${size} kB`} disk space will be freed.\n`,
      )
    if (essential) {
      await process.stderr.write(
        `E: Essential packages were removed and -y was used without --allow-remove-essential.\n`,
      )
      return 100
    }
    if (asked.dry) return 0
    if (!asked.yes) {
      const answer = await ask(process, 'Do you want to continue? [Y/n] ')
      if (answer === undefined || !/^([yY]|$)/.test(answer)) {
        await process.stdout.write('Abort.\n')
        return 1
      }
    }
    if (asked.quiet < 2)
      await process.stdout.write(
        `(Reading database ... ${29_000 + all.length * 13} files and directories currently installed.)\n`,
      )
    for (const one of found) {
      await process.sleep(0.4)
      if (asked.quiet < 2) await process.stdout.write(`Removing ${shownName(one)} (${one.version}) ...\n`)
      removePackage(process, one, purge)
    }
    return 0
  }

const upgrade: Act = async (process, asked) => {
  if (!asked.dry && (await locked(process))) return 100
  await prelude(process, asked, ...state, 'Calculating upgrade')
  return say(process, asked.quiet > 1 ? '' : counts(0, 0, 0))
}

const idle: Act = async (process, asked) => {
  if (await locked(process)) return 100
  await prelude(process, asked, ...state)
  return say(process, asked.quiet > 1 ? '' : counts(0, 0, 0))
}

const verbs: ReadonlyMap<string, Act> = new Map<string, Act>([
  ['update', update],
  ['install', install],
  ['reinstall', install],
  ['build-dep', install],
  ['remove', removing(false)],
  ['purge', removing(true)],
  ['upgrade', upgrade],
  ['dist-upgrade', upgrade],
  ['full-upgrade', upgrade],
  ['autoremove', idle],
  ['auto-remove', idle],
  ['autopurge', idle],
  ['check', (process, asked) => prelude(process, asked, ...state).then(() => 0)],
  ['clean', async process => ((await locked(process)) ? 100 : 0)],
  [
    'autoclean',
    async (process, asked) => ((await locked(process)) ? 100 : prelude(process, asked, ...state).then(() => 0)),
  ],
  ['list', list],
  ['show', show],
  ['showpkg', show],
  ['search', search],
  ['policy', policy],
  ['madison', policy],
  [
    'pkgnames',
    process =>
      say(
        process,
        packagesOf(process)
          .map(({ name }) => `${name}\n`)
          .join(''),
      ),
  ],
  ['depends', show],
  ['rdepends', show],
  ['stats', process => say(process, 'Total package names: 87923 (2,462 k)\n')],
  ['download', install],
  [
    'source',
    async process => {
      await process.stderr.write("E: You must put some 'deb-src' URIs in your sources.list\n")
      return 100
    },
  ],
  ['edit-sources', async () => 1],
])

/** apt(8), apt-get(8) and apt-cache(8) 2.6.1. Nothing is fetched: what the mirror would have been asked is told. */
export const apt: Program = async process => {
  const program = calledAs(process)
  const asked = read(process.argv.slice(1))
  const { flags } = asked
  if (flags.has('-v') || flags.has('--version')) return say(process, versioned(process, 'apt @apt@ (amd64)\n'))
  const [verb, ...words] = asked.words
  if (verb === undefined || flags.has('-h') || flags.has('--help') || verb === 'help') {
    const usage =
      program === 'apt'
        ? 'Usage: apt [options] command'
        : program === 'apt-get'
          ? 'Usage: apt-get [options] command\n       apt-get [options] install|remove pkg1 [pkg2 ...]\n       apt-get [options] source pkg1 [pkg2 ...]'
          : 'Usage: apt-cache [options] command\n       apt-cache [options] show pkg1 [pkg2 ...]'
    await process.stdout.write(versioned(process, `apt @apt@ (amd64)\n${usage}\n`))
    return 0
  }
  if (program === 'apt' && !process.isatty[1]) await process.stderr.write(unstable)
  const act = verbs.get(verb)
  if (!act) {
    await process.stderr.write(`E: Invalid operation ${verb}\n`)
    return 100
  }
  return act(process, { ...asked, words })
}

/** apt-mark(8). */
export const aptMark: Program = async process => {
  const [verb, ...words] = process.argv.slice(1).filter(word => !word.startsWith('-'))
  const held = process.host.state('apt-mark', () => new Set<string>())
  const all = packagesOf(process)
  if (verb === 'showhold') return say(process, [...held].map(name => `${name}\n`).join(''))
  if (verb === 'showmanual' || verb === 'showauto')
    return say(
      process,
      verb === 'showauto'
        ? ''
        : all
            .filter(installed)
            .map(({ name }) => `${name}\n`)
            .join(''),
    )
  if (verb === undefined) {
    await process.stderr.write('E: No packages found\n')
    return 100
  }
  for (const word of words.slice(0, 100)) {
    if (!all.some(({ name }) => name === word)) {
      await process.stderr.write(`E: Unable to locate package ${word}\nE: No packages found\n`)
      return 100
    }
    if (process.who.uid !== 0) return (await locked(process)) ? 100 : 0
    if (verb === 'hold') held.add(word)
    if (verb === 'unhold') held.delete(word)
    await process.stdout.write(
      verb === 'hold'
        ? `${word} set on hold.\n`
        : verb === 'unhold'
          ? `Canceled hold on ${word}.\n`
          : `${word} set to ${verb === 'auto' ? 'automatically' : 'manually'} installed.\n`,
    )
  }
  return 0
}

/** apt-key(8) 2.6.1. */
export const aptKey: Program = async process => {
  const [verb] = process.argv.slice(1)
  await process.stderr.write(
    'Warning: apt-key is deprecated. Manage keyring files in trusted.gpg.d instead (see apt-key(8)).\n',
  )
  if (verb === 'list' || verb === 'finger') return say(process, '')
  if (verb === 'add' || verb === 'adv' || verb === 'del') return verb === 'del' ? 0 : say(process, 'OK\n')
  return 0
}
