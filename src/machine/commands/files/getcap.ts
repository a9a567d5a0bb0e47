import { kernel } from '../../rights.ts'
import { type Process, type Program, SystemError } from '../../system.ts'
import { getopt } from '../getopt.ts'

/** What packages' scripts give with setcap(8), by path behind all links: iputils-ping's. */
const given: ReadonlyMap<string, string> = new Map([['/usr/bin/ping', 'cap_net_raw=ep']])

const usage =
  'usage: getcap [-h] [-l] [-n] [-r] [-v] <filename> [<filename> ...]\n\n\tdisplays the capabilities on the queried file(s).\n'

/** The capabilities of a file as it was installed; a copy and what took its place have none. */
const capabilitiesOf = (process: Process, path: string): string | undefined => {
  const found = given.get(path)
  if (found === undefined || process.host.brought(path)) return undefined
  return process.fs.lstat(path, kernel).type === 'file' ? found : undefined
}

/** Files with capabilities below a folder, under the name that it was asked for by. */
const below = (process: Process, asked: string, folder: string): string[] =>
  [...given.keys()].flatMap(path => {
    const above = folder === '/' ? '/' : `${folder}/`
    if (!path.startsWith(above)) return []
    try {
      const capabilities = capabilitiesOf(process, path)
      return capabilities === undefined
        ? []
        : [`${asked.replace(/\/+$/, '')}/${path.slice(above.length)} ${capabilities}\n`]
    } catch (error) {
      if (error instanceof SystemError) return []
      throw error
    }
  })

/** getcap(8) of libcap 2.66. */
export const getcap: Program = async process => {
  const parsed = getopt(
    process.argv,
    ['h', 'l', 'n', 'r', 'v'].map(short => ({ short })),
    { posix: true },
  )
  if (typeof parsed === 'string' || parsed.has('h') || parsed.operands.length === 0) {
    await process.stderr.write(typeof parsed === 'string' ? `${parsed}\n${usage}` : usage)
    return typeof parsed !== 'string' && parsed.has('h') ? 0 : 1
  }
  for (const asked of parsed.operands) {
    try {
      const full = asked.startsWith('/') ? asked : `${process.cwd}/${asked}`
      const { type } = process.fs.lstat(full, process.who)
      // It follows no link, but those on the way.
      if (type === 'symlink') continue
      const path = process.fs.realpath(full, process.who)
      if (type === 'directory') {
        if (parsed.has('r')) await process.stdout.write(below(process, asked, path).join(''))
        continue
      }
      const capabilities = capabilitiesOf(process, path)
      if (capabilities !== undefined) await process.stdout.write(`${asked} ${capabilities}\n`)
      else if (parsed.has('v')) await process.stdout.write(`${asked}\n`)
    } catch (error) {
      if (!(error instanceof SystemError)) throw error
      await process.stderr.write(`${asked} (No such file or directory)\n`)
    }
  }
  return 0
}
