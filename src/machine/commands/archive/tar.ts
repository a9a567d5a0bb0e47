import { compilePattern, matches } from '../../shell/pattern.ts'
import type { Program } from '../../system.ts'
import { versioned } from '../package-version.ts'
import { absolute, attempt, readAll } from '../paths.ts'
import { quote } from '../quoting.ts'
import { type Codec, codecFor, codecs } from './codecs.ts'
import { Corrupt } from './corrupt.ts'
import { createArchive } from './tar-create.ts'
import { extractMember, finishFolders, placeOf } from './tar-extract.ts'
import { type Member, readMember, trailer } from './tar-format.ts'
import { memberLine } from './tar-list.ts'
import { tarSettings } from './tar-options.ts'
import { Fatal, failed, fatal, isExcluded, say, shownName, type Tar, writeWhole } from './tar-run.ts'

/** What an archive that is read may unpack to. */
const most = 48 << 20

/** tar(1), GNU tar 1.34. */
export const tar: Program = async process => {
  const settings = tarSettings(process)
  if (settings === 'help') {
    await process.stdout.write(`Usage: ${process.argv[0]} [OPTION...] [FILE]...\n`)
    return 0
  }
  if (settings === 'version') {
    await process.stdout.write(versioned(process, 'tar (GNU tar) @tar@\n'))
    return 0
  }
  const hint = `Try '${process.argv[0]} --help' or '${process.argv[0]} --usage' for more information.\n`
  if ('message' in settings) {
    await process.stderr.write(`${settings.message}\n${hint}`)
    return settings.status
  }
  const run: Tar = { process, settings, status: 0, told: new Set(), widest: 19, folders: [] }
  try {
    if (settings.filesFrom !== undefined) await readNames(run)
    if (settings.action === 'create') {
      if (settings.names.length === 0 && settings.filesFrom === undefined) {
        await process.stderr.write(`${process.argv[0]}: Cowardly refusing to create an empty archive\n${hint}`)
        return 2
      }
      if (settings.late.length > 0) {
        await say(
          run,
          'The following options were used after any non-optional arguments in archive create or update mode.  These options are positional and affect only arguments that follow them.  Please, rearrange them properly.',
        )
        for (const pattern of settings.late) await failed(run, `--exclude ${quote(process, pattern)} has no effect`)
      }
      await createArchive(run)
    } else if (
      settings.action === 'list' ||
      settings.action === 'extract' ||
      settings.action === 'diff' ||
      settings.action === 'test-label'
    )
      await readArchive(run)
    else await changeArchive(run)
  } catch (error) {
    if (!(error instanceof Fatal)) throw error
    return 2
  }
  if (run.status !== 0) await say(run, 'Exiting with failure status due to previous errors')
  return run.status
}

/** -T: names from a file, one a line. */
const readNames = async (run: Tar): Promise<void> => {
  const { process, settings } = run
  const path = settings.filesFrom!
  const found =
    path === '-'
      ? { value: await readAll(process.stdin, 1 << 20) }
      : attempt(() => process.fs.readFile(absolute(process, path), process.who))
  if ('error' in found) return fatal(run, `${path}: Cannot open: ${found.error}`)
  for (const name of found.value.toString('latin1').split(settings.null ? '\0' : '\n', 20_000)) {
    if (name !== '') settings.names.push({ name, folder: settings.folder })
  }
}

/** The archive's bytes, unpacked; what is told of one that cannot be is as if a child of tar had done it. */
/** What is not recognised is tried as what its name says. */
const suffixes: readonly (readonly [RegExp, Codec])[] = [
  [/\.(t?gz|taz)$/, codecs.gzip],
  [/\.(bz2|tbz2?)$/, codecs.bzip2],
  [/\.(xz|txz)$/, codecs.xz],
]

const contentOf = async (run: Tar): Promise<Buffer> => {
  const { process, settings } = run
  const { archive, compression } = settings
  let data: Buffer
  if (archive === '-') {
    if (process.isatty[0]) return fatal(run, 'Refusing to read archive contents from terminal (missing -f option?)')
    data = await readAll(process.stdin, 16 << 20)
  } else {
    const full = absolute(process, archive)
    const found = attempt(() => process.fs.readFile(full, process.who))
    if ('error' in found) {
      const inChild = compression !== undefined && compression !== 'auto'
      if (found.error === 'Is a directory') {
        await say(run, `${archive}: Cannot read: Is a directory`)
        await say(run, 'At beginning of tape, quitting now')
        await say(run, 'Error is not recoverable: exiting now')
        throw new Fatal()
      }
      if (!inChild) return fatal(run, `${archive}: Cannot open: ${found.error}`)
      await process.stderr.write(
        `tar (child): ${archive}: Cannot open: ${found.error}\ntar (child): Error is not recoverable: exiting now\n`,
      )
      return childFailed(run, 2)
    }
    data = found.value
  }
  process.step(data.length >> 10)
  const wanted =
    compression === 'gzip' || compression === 'bzip2' || compression === 'xz' ? codecs[compression] : undefined
  const bySuffix = compression === undefined ? suffixes.find(([ending]) => ending.test(archive))?.[1] : undefined
  const known = wanted ?? codecFor(data)
  if (!known && bySuffix) await say(run, 'This does not look like a tar archive')
  const codec = known ?? bySuffix
  if (!codec) {
    if (compression === undefined || compression === 'auto') return data
    await process.stderr.write(
      `tar (child): ${compression}: Cannot exec: No such file or directory\ntar (child): Error is not recoverable: exiting now\n`,
    )
    return childFailed(run, 2)
  }
  const pieces: Buffer[] = []
  let size = 0
  try {
    for await (const piece of codec.decode(data, cost => process.step(cost))) {
      pieces.push(piece)
      size += piece.length
      if (size > most) break
    }
  } catch (error) {
    if (!(error instanceof Corrupt)) throw error
    const source = '(stdin)'
    if (error.fault !== 'garbage') {
      const texts: Record<string, string> = {
        gzip: `\ngzip: stdin: ${error.fault === 'format' ? 'not in gzip format' : error.fault === 'end' ? 'unexpected end of file' : error.fault === 'check' ? 'invalid compressed data--crc error' : 'invalid compressed data--format violated'}`,
        bzip2:
          error.fault === 'format'
            ? `bzip2: ${source} is not a bzip2 file.`
            : `\nbzip2: Compressed file ends unexpectedly;\n\tperhaps it is corrupted?  *Possible* reason follows.\nbzip2: Inappropriate ioctl for device\n\tInput file = ${source}, output file = (stdout)`,
        xz: `xz: ${source}: ${error.fault === 'format' ? 'File format not recognized' : error.fault === 'end' ? 'Unexpected end of input' : 'Compressed data is corrupt'}`,
      }
      await process.stderr.write(`${texts[codec.name]}\n`)
      if (pieces.length === 0) return childFailed(run, codec.name === 'bzip2' ? 2 : 1)
      run.status = 2
    }
  }
  return Buffer.concat(pieces)
}

const childFailed = async (run: Tar, status: number): Promise<never> => {
  await say(run, `Child returned status ${status}`)
  await say(run, 'Error is not recoverable: exiting now')
  throw new Fatal()
}

/** Which members were asked for, and which of those were there. */
const chooser = (run: Tar): { wants(name: string): boolean; missing(): string[] } => {
  const { settings, process } = run
  const step = (cost?: number): void => process.step(cost)
  const wanted = settings.names.map(({ name }) => ({
    name,
    bare: name.replace(/(?<=.)\/+$/, ''),
    pattern: settings.wildcards ? compilePattern(name) : undefined,
    found: false,
  }))
  const excluded = settings.exclude.map(pattern => compilePattern(pattern.replace(/(?<=.)\/+$/, '')))
  return {
    wants(name) {
      const bare = name.replace(/(?<=.)\/+$/, '')
      if (isExcluded(excluded, bare, step)) return false
      if (wanted.length === 0) return true
      let any = false
      for (const one of wanted) {
        const fits = one.pattern
          ? matches(one.pattern, bare, step)
          : bare === one.bare || bare.startsWith(`${one.bare}/`)
        if (fits) any = one.found = true
      }
      return any
    },
    missing: () => wanted.filter(({ found }) => !found).map(({ name }) => name),
  }
}

const readArchive = async (run: Tar): Promise<void> => {
  const { process, settings } = run
  const data = await contentOf(run)
  const folder =
    settings.action === 'extract' && !settings.toOutput
      ? attempt(() => process.fs.stat(settings.folder, process.who))
      : undefined
  if (settings.folder !== process.cwd && folder && ('error' in folder || folder.value.type !== 'directory')) {
    const shown = process.argv.includes(settings.folder)
      ? settings.folder
      : settings.folder.slice(process.cwd.length + 1)
    return fatal(run, `${shown}: Cannot open: ${'error' in folder ? folder.error : 'Not a directory'}`)
  }
  const { wants, missing } = chooser(run)
  for await (const { member, content } of members(run, data)) {
    process.step()
    if (!wants(member.name)) continue
    if (
      settings.action === 'list' &&
      member.name.startsWith('/') &&
      !settings.absoluteNames &&
      !run.told.has('member names')
    ) {
      run.told.add('member names')
      await say(run, "Removing leading `/' from member names")
    }
    const place = settings.action === 'extract' ? await placeOf(run, member.name, 'member names') : member.name
    if (place === undefined) continue
    if (settings.verbose > 0 || settings.action === 'list') {
      const detailed = settings.verbose > (settings.action === 'list' ? 0 : 1)
      const line = detailed ? memberLine(run, member) : `${shownName(member.name)}\n`
      await (settings.toOutput ? process.stderr : process.stdout).write(line)
    }
    if (settings.action === 'extract') await extractMember(run, member, place, content)
  }
  await finishFolders(run)
  for (const name of missing()) await failed(run, `${name}: Not found in archive`)
}

const mostMembers = 50_000

async function* members(
  run: Tar,
  data: Buffer,
): AsyncGenerator<{ member: Member; content: Buffer; start: number; next: number }> {
  let at = 0
  let skipping = false
  for (let count = 0; count < mostMembers; count++) {
    const read = readMember(data, at)
    if ('end' in read) {
      if (at === 0 && read.end === 'nothing') await failed(run, 'This does not look like a tar archive')
      return
    }
    if ('wrong' in read) {
      if (read.wrong === 'cut') {
        // What is less than a block at the end is nothing.
        if (at === 0) await failed(run, 'This does not look like a tar archive')
        return
      }
      if (!skipping) {
        if (at === 0) await failed(run, 'This does not look like a tar archive')
        await failed(run, 'Skipping to next header')
        skipping = true
      }
      at = read.next
      continue
    }
    skipping = false
    const { member } = read
    const content = data.subarray(read.at, read.at + member.size)
    yield { member, content, start: at, next: read.next }
    if (read.at + member.size > data.length) {
      if (run.settings.action === 'extract') await failed(run, 'Unexpected EOF in archive')
      await fatal(run, 'Unexpected EOF in archive')
    }
    at = read.next
  }
}

/** -r, -u, -A and --delete: a plain archive is read, changed and written again. */
const changeArchive = async (run: Tar): Promise<void> => {
  const { process, settings } = run
  const { fs, who } = process
  const full = absolute(process, settings.archive)
  const found = attempt(() => fs.readFile(full, who))
  if ('error' in found && (settings.action === 'delete' || found.error !== 'No such file or directory'))
    return fatal(run, `${settings.archive}: Cannot open: ${found.error}`)
  const data = 'value' in found ? found.value : Buffer.alloc(0)
  if (settings.compression !== undefined && settings.compression !== 'auto') {
    await say(run, 'Cannot update compressed archives')
    await process.stderr.write(
      `Try '${process.argv[0]} --help' or '${process.argv[0]} --usage' for more information.\n`,
    )
    throw new Fatal()
  }
  if (codecFor(data)) return fatal(run, 'Cannot update compressed archives')
  const kept: Buffer[] = []
  const newest = new Map<string, number>()
  const { wants, missing } = chooser(run)
  for await (const { member, start, next } of members(run, data)) {
    if (settings.action === 'delete' && wants(member.name)) continue
    newest.set(member.name, member.mtime)
    kept.push(data.subarray(start, next))
  }
  if (settings.action === 'concatenate') {
    for (const { name, folder } of settings.names) {
      const other = attempt(() => fs.readFile(name.startsWith('/') ? name : `${folder}/${name}`, who))
      if ('error' in other) {
        await failed(run, `${name}: Cannot open: ${other.error}`)
        continue
      }
      for await (const { start, next } of members(run, other.value)) kept.push(other.value.subarray(start, next))
    }
  } else if (settings.action === 'delete')
    for (const name of missing()) await failed(run, `${name}: Not found in archive`)
  else await createArchive(run, { before: kept, newest: settings.action === 'update' ? newest : undefined })
  if (settings.action !== 'delete' && settings.action !== 'concatenate') return
  const body = Buffer.concat(kept)
  await writeWhole(run, Buffer.concat([body, trailer(body.length)]))
}
