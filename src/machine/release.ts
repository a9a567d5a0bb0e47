import { readFileSync } from 'node:fs'
import type { Persona } from '#persona/persona.ts'

/** What programs say of themselves that does not follow from their package's version. */
export type Says = {
  /** bash(1): `5.2.15`; of which `5.2` is `\v` of the prompt. */
  bash: string
  /** Python's build, as `python3` shows it between brackets, and the compiler of it: `12.2.0`. */
  python: string
  gcc: string
  /** `36 subversion 0 5.36.0`; patches and the last year of the copyright, as `perl -v` shows them. */
  perl: string
  perlPatches: number
  perlYear: number
  screen: string
  /** The release name of nftables. */
  nft: string
  /** `curl --version`, @OPENSSL@ and @PACKAGE@ to be filled in. */
  curl: readonly string[]
  gettext: string
  netTools: string
  /** `service --version`. */
  service: string
  /** Who built the kernel with what: /proc/version. */
  kernelBuilder: string
  /** PATH as log-in sets it for root and for others. */
  path: string
  userPath: string
  /** secure_path of its sudoers. */
  securePath: string
  /** `Debian GLIBC`. */
  glibc: string
  /** lsb_release(1) complains that there are no modules. */
  lsbModules: boolean
  /** Where apt(8) has packages from: the suite by the name apt shows, and the mirror. */
  suite: string
  mirror: string
  sudoGrammar: number
}

/** A package that Debian 12's image has not. `size` in KiB. */
type Added = { version: string; section: string; arch: string; size: number; description: string }
/** Lines of a text file; with its mode in octal where that is not 0644. */
export type TextFile = readonly string[] | { mode: string; lines: readonly string[] }

/** Another release as what sets it apart from the image of Debian 12. Paths are those of the release. */
export type Overlaid = {
  release: string
  /** Where all this is from. */
  sources: readonly string[]
  says: Says
  /** The form of passwords in /etc/shadow (crypt(5)). */
  passwords: 'yescrypt' | 'sha512crypt'
  /** Who maintains packages, where that is not who does so in Debian. */
  maintainer?: string
  /** Of packages, by the name of their source in Debian 12. */
  versions: Readonly<Record<string, string>>
  /** Of packages whose version is not their source's, by their name in Debian 12. */
  binaries: Readonly<Record<string, string>>
  /** Parts of names in the image, and what stands in their place. */
  names: readonly (readonly [from: string, to: string])[]
  /** Packages of the image that this release has not. */
  without: readonly string[]
  /** Packages whose files belong to another one here. */
  into: Readonly<Record<string, string>>
  added: Readonly<Record<string, Added>>
  /** Programs that the image has not. */
  programs: readonly string[]
  links: Readonly<Record<string, string>>
  /** Files and folders that the image has and this release has not. */
  removed: readonly string[]
  directories: readonly string[]
  /** Texts of the image that differ in places. */
  edits: Readonly<Record<string, readonly (readonly [from: string, to: string])[]>>
  /** @PRETTY@, @POINT@, @FQDN@ and so on are the persona's. */
  files: Readonly<Record<string, TextFile>>
  /** Rows of passwd(5) and group(5) before people's. */
  passwd: readonly string[]
  group: readonly string[]
  /** What runs, where it is not what runs on Debian 12: command line, user, MiB resident and in all, seconds of CPU. */
  processes?: readonly (readonly [argv: string, user: string, rss: number, virtual: number, cpu: number])[]
}

type Described = { says: Says } & Partial<Overlaid>

// Read while it can be: a sensor that gave up root may not search the folders above its code any more.
const texts = new Map(
  ['debian-12', 'debian-11', 'ubuntu-22.04', 'ubuntu-20.04'].map(id => [
    id,
    readFileSync(new URL(`../../data/machine/${id}.json`, import.meta.url), 'utf8'),
  ]),
)
const read = new Map<string, Described>()

const described = ({ os }: Persona): Described => {
  const id = `${os.id}-${os.version}`
  const known = read.get(id) ?? (JSON.parse(texts.get(id) ?? texts.get('debian-12')!) as Described)
  read.set(id, known)
  return known
}

/** What programs of this persona's release say of themselves. */
export const saysOf = (persona: Persona): Says => described(persona).says

/** What sets the persona's release apart from the image; `undefined` for the image's own. */
export const overlaidOf = (persona: Persona): Overlaid | undefined => {
  const data = described(persona)
  return data.names ? (data as Overlaid) : undefined
}

/** A path of the image as this release has it. */
export const renamed = ({ names }: Pick<Overlaid, 'names'>, path: string): string =>
  names.reduce((text, [was, is]) => text.replaceAll(was, is), path)
