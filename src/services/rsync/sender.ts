import { constants, deflateRawSync, zstdCompressSync } from 'node:zlib'
import { Malformed } from '#codec/malformed.ts'
import { text } from '#events/text.ts'
import { errorText } from '#machine/errors.ts'
import { kernel } from '#machine/rights.ts'
import { type FileSystem, type Stat, SystemError } from '#machine/system.ts'
import { nameOwners } from './compat.ts'
import { fail } from './failure.ts'
import {
  type Entry,
  inOrder,
  isDirectory,
  isLink,
  isRegular,
  nothingBefore,
  putEnd,
  putEntry,
  putNames,
} from './flist.ts'
import { Item, readFilters, type Transfer, within } from './transfer.ts'
import { DONE, FLIST_EOF, Message } from './wire.ts'

/** Files of one run. */
const MOST = 20_000

/** A list of files, and the number of its first (flist.c: ndx_start). */
type List = { start: number; files: { entry: Entry; path: string }[] }

/** The daemon gives files away (do_server_sender). */
export async function send(transfer: Transfer): Promise<void> {
  const { wire, request } = transfer
  nameOwners(transfer)
  for (const rule of await readFilters(wire))
    transfer.cx.record.command({ line: `filter ${text(Buffer.from(rule, 'latin1'))}`, verb: 'filter' })
  const lists = await sendLists(transfer)
  // Where there is nothing to give, there is nothing to ask for.
  if (lists[0]?.files.length === 0 || !(await answerRequests(transfer, lists))) return
  await wire.push()
  const size = lists
    .flatMap(({ files }) => files)
    .reduce((sum, { entry }) => sum + (isRegular(entry) || isLink(entry) ? entry.size : 0), 0)
  const { received, sent } = wire
  for (const number of [received, sent, size, 1, 0]) wire.putVarlong(number, 3)
  if ((await wire.index()) !== DONE) throw new Malformed('No good-bye')
  if (transfer.protocol < 31) return
  wire.putIndex(DONE)
  if ((await wire.index()) !== DONE) throw new Malformed(`No last good-bye of ${request.paths.join(' ')}`)
}

/** All lists, as the client is to number them. */
async function sendLists(transfer: Transfer): Promise<List[]> {
  const { wire, form, request, sum, login } = transfer
  const { fs } = login.process
  const last = nothingBefore()
  const top: List['files'] = []
  for (const said of request.paths.slice(0, 100)) top.push(...(await listed(transfer, said)))
  const paths = new Map<Entry, string>()
  if (request.checksum) form.sum = entry => sum.of(fs.readFile(paths.get(entry)!, kernel))
  const lists: List[] = []
  const put = async (files: List['files']): Promise<void> => {
    const before = lists.at(-1)
    lists.push({ start: before ? before.start + before.files.length + 1 : form.incremental ? 1 : 0, files })
    for (const { entry, path } of files) {
      paths.set(entry, path)
      await putEntry(wire, form, last, entry)
    }
    putEnd(wire, form)
  }
  top.sort((a, b) => inOrder(a.entry, b.entry))
  if (!form.incremental) {
    const all = request.recursive ? top.flatMap(one => [one, ...below(fs, one, true)]) : top
    all.sort((a, b) => inOrder(a.entry, b.entry))
    await put(all.slice(0, MOST))
    if (!request.numericIds)
      putNames(
        wire,
        form,
        all.map(({ entry }) => entry),
        transfer.rootNamed,
      )
    return lists
  }
  let directories = 0
  let total = 0
  const visit = async (files: List['files']): Promise<void> => {
    const numbered = files.filter(({ entry }) => isDirectory(entry)).map(file => ({ file, number: directories++ }))
    total += files.length
    await put(files)
    for (const { file, number } of numbered) {
      if (file.entry.name === '.') continue
      const inside = below(fs, file, false)
      if (total + inside.length > MOST) continue
      wire.putDirectory(number)
      await visit(inside)
    }
  }
  await visit(top)
  wire.putIndex(FLIST_EOF)
  return lists
}

/** What one of the client's paths stands for: a directory with a slash behind it is `.` and what is in it. */
async function listed(transfer: Transfer, said: string): Promise<List['files']> {
  const { wire, request, module, login } = transfer
  const { fs } = login.process
  const inside = said.includes('/') ? said.slice(said.indexOf('/') + 1) : ''
  const path = within(module, inside)
  let stat: Stat
  try {
    stat = fs.lstat(path, kernel)
  } catch (error) {
    const why = `rsync: [sender] link_stat "${inside.replace(/^\/+/, '')}" (in ${module.name}) failed: ${errorText(error)} (2)\n`
    await wire.message(Message.ErrorXfer, why)
    return []
  }
  const whole = inside === '' || inside.endsWith('/')
  if (!request.recursive && !request.directories && stat.type === 'directory') {
    await wire.message(Message.Info, `skipping directory ${whole ? '.' : nameOf(path)}\n`)
    return []
  }
  const entry = entryOf(fs, path, whole ? '.' : nameOf(path), stat)
  if (!entry) return []
  const self = { entry: { ...entry, ...(stat.type === 'directory' ? { top: true } : {}) }, path }
  return whole && stat.type === 'directory' && (request.directories || request.recursive)
    ? [self, ...below(fs, self, false)]
    : [self]
}
const nameOf = (path: string) => path.slice(path.lastIndexOf('/') + 1)

/** What is in a directory, in order; `deep`: and in those below it, which `.` has been asked for already. */
function below(fs: FileSystem, { entry, path }: List['files'][number], deep: boolean, left = 40): List['files'] {
  if (!isDirectory(entry) || (deep && entry.name === '.')) return []
  const files = namesIn(fs, path).flatMap(name => {
    const found = entryOf(fs, `${path}/${name}`, entry.name === '.' ? name : `${entry.name}/${name}`)
    return found ? [{ entry: found, path: `${path}/${name}` }] : []
  })
  files.sort((a, b) => inOrder(a.entry, b.entry))
  if (!deep || left === 0) return files
  return files.flatMap(file => [file, ...below(fs, file, true, left - 1)])
}

function namesIn(fs: FileSystem, path: string): string[] {
  try {
    return fs.readdir(path, kernel).slice(0, MOST)
  } catch (error) {
    if (error instanceof SystemError) return []
    throw error
  }
}

const types = { file: 0o100000, directory: 0o040000, symlink: 0o120000 } as const

/** `undefined` for what was not asked for or is none of the three usual types. */
function entryOf(fs: FileSystem, path: string, name: string, known?: Stat): Entry | undefined {
  const stat = known ?? fs.lstat(path, kernel)
  const type = types[stat.type as keyof typeof types] as number | undefined
  if (type === undefined || name.length > 4000) return undefined
  const milliseconds = stat.mtime % 1000
  return {
    name,
    mode: type | stat.mode,
    size: stat.size,
    mtime: Math.floor(stat.mtime / 1000),
    nanoseconds: Math.max(0, Math.floor(milliseconds * 1e6)),
    uid: stat.uid,
    gid: stat.gid,
    ...(stat.type === 'symlink' ? { target: fs.readlink(path, kernel) } : {}),
  }
}

/** Files as they are asked for, in three phases, each ended by the client (sender.c: send_files); false when it failed. */
async function answerRequests(transfer: Transfer, lists: readonly List[]): Promise<boolean> {
  const { wire, form } = transfer
  let open = form.incremental ? lists.length : 0
  for (let phase = 0; ; ) {
    const number = await wire.index()
    if (number === DONE) {
      if (open > 1) open--
      else {
        open = 0
        if (++phase > 2) break
      }
      wire.putIndex(DONE)
      continue
    }
    const list = lists.findLast(({ start }) => number >= start)
    const flags = await wire.short()
    const basis = flags & Item.BasisFollows ? await wire.byte() : undefined
    const name = flags & Item.NameFollows ? await wire.vstring(4096) : undefined
    const echo = () => {
      wire.putIndex(number).putShort(flags)
      if (basis !== undefined) wire.putByte(basis)
      if (name !== undefined) wire.putVstring(name)
    }
    // Of a file that is only to be listed, or that has other owners or rights, nothing more is said.
    if (!(flags & Item.Transfer) || transfer.request.dryRun) {
      echo()
      continue
    }
    const file = list?.files[number - list.start]
    if (!file) throw new Malformed(`No file has the number ${number}`)
    if (!isRegular(file.entry)) {
      await fail(transfer, `received request to transfer non-regular file: ${number} [sender]\n`, 2)
      return false
    }
    echo()
    await skipSums(transfer)
    await putContent(transfer, file.path)
  }
  wire.putIndex(DONE)
  return true
}

/** What the client has of the file already: its shape is sent back, and the file whole. */
async function skipSums({ wire }: Transfer): Promise<void> {
  const [count, block, bytes, rest] = [await wire.int(), await wire.int(), await wire.int(), await wire.int()]
  if (count < 0 || count > 1 << 17 || bytes < 0 || bytes > 64) throw new Malformed(`${count} sums of ${bytes} bytes`)
  for (let left = count * (4 + bytes); left > 0; left -= Math.min(left, 32 << 10))
    await wire.read(Math.min(left, 32 << 10))
  wire.putInt(count).putInt(block).putInt(bytes).putInt(rest)
}

const CHUNK = 32 << 10

async function putContent({ wire, login, cx, sum, compression }: Transfer, path: string): Promise<void> {
  const content = login.process.fs.readFile(path, kernel)
  cx.record.fileRead({ path, size: content.length })
  if (compression === 'none')
    for (let at = 0; at < content.length; at += CHUNK) {
      const piece = content.subarray(at, at + CHUNK)
      wire.putInt(piece.length).bytes(piece)
      if (wire.held > 2 * CHUNK) await wire.push()
    }
  else if (content.length > 0) {
    const packed = compression === 'zstd' ? zstdCompressSync(content) : flushed(content)
    for (let at = 0; at < packed.length; at += 16_383) {
      const piece = packed.subarray(at, at + 16_383)
      wire
        .putByte(0x40 | (piece.length >> 8))
        .putByte(piece.length)
        .bytes(piece)
    }
  }
  if (compression === 'none') wire.putInt(0)
  else wire.putByte(0)
  wire.bytes(await sum.of(content))
}

/** Deflated up to a flush, whose four last bytes the other side adds again. */
const flushed = (content: Buffer): Buffer =>
  deflateRawSync(content, { finishFlush: constants.Z_SYNC_FLUSH }).subarray(0, -4)
