/**
 * Checks data/machine/*.json, the releases that are laid over Debian 12's image, against that image: `sh bin/skep-node
 * tools/image/releases.ts`. Says what is wrong, and ends with 1 then. To be run when the image was made anew.
 */
import { readdirSync, readFileSync } from 'node:fs'
import { loadImage } from '#machine/fs/image.ts'
import { type Overlaid, renamed } from '#machine/release.ts'

const folder = new URL('../../data/machine/', import.meta.url)
const image = loadImage(readFileSync(new URL('debian-12.img', folder)), '6.1.0-40-amd64')

const nodeAt = (path: string): number | undefined =>
  path
    .split('/')
    .filter(Boolean)
    .reduce<number | undefined>((node, name) => (node === undefined ? undefined : image.find(node, name)), 0)
const textAt = (path: string): string => {
  const node = nodeAt(path)
  return (node === undefined ? undefined : image.content(node))?.toString('latin1') ?? ''
}
const fieldOf = (entry: string, name: string): string =>
  entry
    .split('\n')
    .find(line => line.startsWith(`${name}: `))
    ?.slice(name.length + 2) ?? ''
const packages = textAt('/var/lib/dpkg/status')
  .split('\n\n')
  .filter(entry => entry.includes('Package: '))
  .map(entry => {
    const name = fieldOf(entry, 'Package')
    return { name, source: (fieldOf(entry, 'Source') || name).replace(/ .*/, '') }
  })
const names = new Set(packages.map(({ name }) => name))
/** Versions that are the persona's. */
const ownVersions = new Set(['openssh', 'openssl', 'nginx', 'linux-signed-amd64', 'libnginx-mod-http-echo'])

const mistakesIn = (data: Overlaid): string[] => {
  const mistakes: string[] = []
  const hold = (fact: boolean, sentence: string): void => void (fact || mistakes.push(sentence))
  for (const { name, source } of packages) {
    const target = data.into[name]
    const gone = data.without.includes(name) || (target !== undefined && names.has(target))
    const known = data.binaries[name] ?? data.versions[source]
    hold(gone || known !== undefined || ownVersions.has(source), `No version of ${name} (source ${source})`)
  }
  const sources = new Set([...packages.map(({ source }) => source)])
  for (const source of Object.keys(data.versions))
    hold(sources.has(source), `No package of the image is from ${source}`)
  for (const name of [...data.without, ...Object.keys(data.into), ...Object.keys(data.binaries)])
    hold(names.has(name), `The image has no package ${name}`)
  for (const name of Object.keys(data.added)) hold(!names.has(name), `The image has ${name} already`)
  const used = new Set<string>()
  for (let node = 1; node < image.count; node++) {
    const name = image.name(node)
    for (const [was] of data.names) if (name.includes(was)) used.add(was)
  }
  for (const [was] of data.names) hold(used.has(was), `Nothing in the image is called ${was}`)
  for (let node = 0; node < image.count; node++) {
    if (image.mode(node) >> 12 !== 4) continue
    const seen = new Map<string, string>()
    for (const { name } of image.entries(node)) {
      const here = renamed(data, name)
      // Completions of all interpreters stand side by side.
      if (here !== name || seen.has(here))
        hold(!seen.has(here) || image.name(node) === 'completions', `${seen.get(here)} and ${name} are both ${here}`)
      seen.set(here, name)
    }
  }
  for (const [path, pairs] of Object.entries(data.edits)) {
    const text = textAt(path)
    for (const [was] of pairs) hold(text.includes(was), `${path} does not say ${JSON.stringify(was.slice(0, 50))}`)
  }
  for (const path of data.removed) hold(nodeAt(path) !== undefined, `The image has no ${path}`)
  for (const rows of [data.passwd, data.group]) {
    const ids = rows.map(row => row.split(':')[0])
    hold(new Set(ids).size === ids.length, 'An account twice')
  }
  for (const [, user] of data.processes ?? [])
    hold(
      data.passwd.some(row => row.startsWith(`${user}:`)),
      `A process of ${user}, who is nobody`,
    )
  hold(data.sources.length > 0, 'No sources')
  return mistakes
}

let wrong = 0
for (const file of readdirSync(folder).filter(name => name.endsWith('.json'))) {
  const data = JSON.parse(readFileSync(new URL(file, folder), 'utf8')) as Overlaid
  const mistakes = data.names ? mistakesIn(data) : []
  wrong += mistakes.length
  for (const mistake of mistakes) console.log(`${file}: ${mistake}`)
}
console.log(wrong === 0 ? 'All is well' : `${wrong} mistakes`)
process.exitCode = wrong === 0 ? 0 : 1
