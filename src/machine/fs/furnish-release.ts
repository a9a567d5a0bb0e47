import type { Persona } from '#persona/persona.ts'
import { quietly } from '../errors.ts'
import { type Overlaid, overlaidOf, type TextFile } from '../release.ts'
import { kernel as root } from '../rights.ts'
import type { FileSystem } from '../system.ts'
import type { Owners } from './base.ts'
import { rootFsUuid } from './furnish-text.ts'
import type { ImageChanges } from './image.ts'
import { numberIn } from './release-rows.ts'

/** Numbers of the image that are a daemon's: the account that Debian 12 gives them to. */
const imageUsers = [[42, '_apt']] as const
const imageGroups = [
  [101, 'crontab'],
  [999, 'systemd-journal'],
] as const

/** What this persona's release has otherwise than the image; `undefined` for Debian 12. */
export const releaseChanges = (persona: Persona): { image: ImageChanges; owners: Owners } | undefined => {
  const data = overlaidOf(persona)
  if (!data) return undefined
  const owner = (rows: readonly string[], pairs: readonly (readonly [number, string])[]): Map<number, number> =>
    new Map(pairs.flatMap(([was, name]) => [[was, numberIn(rows, name) ?? was] as const]))
  return {
    image: { names: data.names, without: new Set(data.without), into: new Map(Object.entries(data.into)) },
    owners: { uids: owner(data.passwd, imageUsers), gids: owner(data.group, imageGroups) },
  }
}

/** A text with what stands for facts of the persona. */
const filledIn = (text: string, persona: Persona): string => {
  const { os, fqdn, hostname, domain, mac } = persona
  const words: readonly (readonly [string, string])[] = [
    ['@PRETTY@', os.pretty],
    ['@POINT@', os.pretty.replace(/^\S+ /, '')],
    ['@FQDN@', fqdn],
    ['@HOSTNAME@', hostname],
    ['@DOMAIN@', domain],
    ['@INTERFACE@', persona.interface],
    ['@MAC@', mac],
    ['@UUID@', rootFsUuid(persona)],
  ]
  return words.reduce((filled, [name, value]) => filled.replaceAll(name, value), text)
}

const linesOf = (file: TextFile): readonly string[] => ('lines' in file ? file.lines : file)

/** Texts of the release: path, content and mode. */
export const releaseTexts = (data: Overlaid, persona: Persona): { path: string; text: string; mode: number }[] =>
  Object.entries(data.files)
    .filter(([path]) => !path.endsWith('/90-cloud-init-users') || persona.users.some(({ name }) => name === 'ubuntu'))
    .map(([path, file]) => ({
      path,
      text: filledIn(`${linesOf(file).join('\n')}\n`, persona),
      mode: 'lines' in file ? Number.parseInt(file.mode, 8) : 0o644,
    }))

/** Takes away what the release has not, and puts links, folders, changed texts and programs where they belong. */
export const settleRelease = (fs: FileSystem, data: Overlaid, persona: Persona): void => {
  for (const path of data.removed) quietly(() => remove(fs, path))
  for (const path of data.directories) folder(fs, path)
  for (const [path, pairs] of Object.entries(data.edits)) {
    quietly(() => {
      const before = fs.readFile(path, root).toString('latin1')
      const after = pairs.reduce((text, [was, is]) => text.replaceAll(was, is), before)
      const { mtime } = fs.stat(path, root)
      fs.writeFile(path, Buffer.from(after, 'latin1'), root)
      fs.utimes(path, mtime, mtime, root)
    })
  }
  for (const [path, target] of Object.entries(data.links)) {
    folder(fs, path.slice(0, path.lastIndexOf('/')))
    quietly(() => fs.unlink(path, root))
    fs.symlink(target, path, root)
  }
  for (const [name, { arch }] of Object.entries(data.added)) noted(fs, name, arch)
  // As a program of the image starts: an ELF header and what belongs to it.
  const head = fs.readFile('/usr/bin/env', root, { max: 1024 })
  for (const path of data.programs) {
    const real = path.replace(/^\/(s?bin|lib)\//, '/usr/$1/')
    folder(fs, real.slice(0, real.lastIndexOf('/')))
    const size = 9000 + persona.derive(`program ${path}`, 2).readUInt16BE() * 2
    fs.writeFile(real, Buffer.alloc(0), root, { mode: 0o755 })
    fs.truncate(real, size, root)
    fs.writeFile(real, head, root, { at: 0 })
  }
}

/** dpkg's note of what a package brought: its documents. */
const noted = (fs: FileSystem, name: string, arch: string): void => {
  const documents = `/usr/share/doc/${name}`
  folder(fs, documents)
  const id = /^lib/.test(name) && arch !== 'all' ? `${name}:${arch}` : name
  const list = ['/.', '/usr', '/usr/share', '/usr/share/doc', documents]
  fs.writeFile(`/var/lib/dpkg/info/${id}.list`, Buffer.from(`${list.join('\n')}\n`), root, { mode: 0o644 })
}

const folder = (fs: FileSystem, path: string): void => {
  let made = ''
  for (const part of path.split('/').slice(1)) {
    made += `/${part}`
    quietly(() => fs.mkdir(made, 0o755, root))
  }
}

const remove = (fs: FileSystem, path: string): void => {
  if (fs.lstat(path, root).type === 'directory') {
    for (const name of fs.readdir(path, root)) remove(fs, `${path}/${name}`)
    fs.rmdir(path, root)
  } else fs.unlink(path, root)
}
