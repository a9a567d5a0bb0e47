import type { SampleWriter } from '#artifacts/samples.ts'
import { Malformed } from '#codec/malformed.ts'
import { text } from '#events/text.ts'
import { errorText } from '#machine/errors.ts'
import { kernel } from '#machine/rights.ts'
import { type Stat, SystemError } from '#machine/system.ts'
import { fail } from './failure.ts'
import { type Entry, inOrder, isDirectory, isLink, isRegular, nothingBefore, readEntry, readNames } from './flist.ts'
import { contentOf } from './tokens.ts'
import { Item, readFilters, type Transfer, within } from './transfer.ts'
import { DONE, Message } from './wire.ts'

/** Files of one run; bytes of a file that get a place on the disk (all become a sample). */
const MOST = 5000
const ON_DISK = 4 << 20

/** The daemon takes files in (do_server_recv). */
export async function receive(transfer: Transfer): Promise<void> {
  const { wire, request, module, cx } = transfer
  // Without deleting, the rules stay with the client.
  if (request.deletes) await readFilters(wire)
  const entries = await readList(transfer)
  const said = request.paths[0] ?? ''
  const target = said.includes('/') ? said.slice(said.indexOf('/') + 1) : ''
  const place = await destination(transfer, target, entries)
  if (place === undefined) return
  if (request.deletes && !request.dryRun) deleteOthers(transfer, entries, place)
  const wanted = request.dryRun ? [] : prepare(transfer, entries, place)
  for (const number of wanted) {
    wire.putIndex(number).putShort(Item.Transfer | Item.IsNew)
    for (const word of [0, 0, 0, 0]) wire.putInt(word)
  }
  await wire.push()
  wire.putIndex(DONE)
  await takeFiles(transfer, entries, place)
  if (request.times && !request.dryRun) timeDirectories(transfer, entries, place)
  if (transfer.protocol >= 31) {
    if ((await wire.index()) !== DONE) throw new Malformed(`No good-bye after ${entries.length} files`)
    wire.putIndex(DONE)
  }
  cx.record.command({
    line: `received ${entries.length} names into ${module.name}/${text(Buffer.from(target, 'latin1'))}`,
    verb: 'received',
  })
}

async function readList({ wire, form, request, sum, rootNamed }: Transfer): Promise<Entry[]> {
  const last = nothingBefore()
  const entries: Entry[] = []
  for (;;) {
    const entry = await readEntry(wire, form, last, request.checksum ? sum.bytes : 0)
    if (!entry) break
    if (entries.length >= MOST) throw new Malformed(`More than ${MOST} files`)
    entries.push(entry)
  }
  if (!request.numericIds) await readNames(wire, form, rootNamed)
  return entries.sort(inOrder)
}

/** Where an entry goes: below a directory, or to the one name that a single file was given. */
type Place = (entry: Entry) => string

/** main.c: get_local_name, with the directory made where it is not there yet. */
async function destination(transfer: Transfer, target: string, entries: readonly Entry[]): Promise<Place | undefined> {
  const { module, login, request } = transfer
  const { fs } = login.process
  const path = within(module, target)
  const inside: Place = entry => (entry.name === '.' ? path : within(module, `${target}/${entry.name}`))
  let stat: Stat | undefined
  try {
    stat = fs.stat(path, kernel)
  } catch (error) {
    if (!(error instanceof SystemError)) throw error
  }
  if (stat?.type === 'directory') return inside
  if (entries.length === 1 && !target.endsWith('/') && !isDirectory(entries[0]!)) return () => path
  if (request.dryRun) return inside
  try {
    fs.mkdir(path, 0o755, kernel)
    return inside
  } catch (error) {
    const name = target.replace(/\/+$/, '')
    const code = error instanceof SystemError && error.errno === 'EEXIST' ? 17 : 2
    const why = `rsync: [Receiver] mkdir "${name}" (in ${module.name}) failed: ${errorText(error)} (${code})\n`
    await fail(transfer, why, 11)
    return undefined
  }
}

/** Makes directories and links; the numbers of the files that are to be sent. */
function prepare({ login, request }: Transfer, entries: readonly Entry[], place: Place): number[] {
  const { fs } = login.process
  return entries.flatMap((entry, number) => {
    if (isRegular(entry)) return [number]
    quietly(() => {
      if (isDirectory(entry) && entry.name !== '.') fs.mkdir(place(entry), entry.mode & 0o7777, kernel)
      if (isLink(entry) && request.links && entry.target !== undefined) fs.symlink(entry.target, place(entry), kernel)
    })
    return []
  })
}

/** What was put into directories has changed their times. */
function timeDirectories({ login }: Transfer, entries: readonly Entry[], place: Place): void {
  for (const entry of entries.filter(isDirectory))
    quietly(() => login.process.fs.utimes(place(entry), entry.mtime * 1000, entry.mtime * 1000, kernel))
}

/** `--delete`: what the client has not, in directories that it has. */
function deleteOthers({ login, cx }: Transfer, entries: readonly Entry[], place: Place): void {
  const { fs } = login.process
  const kept = new Set(entries.map(place))
  let left = MOST
  const remove = (path: string): void => {
    if (left-- <= 0) return
    quietly(() => {
      if (fs.lstat(path, kernel).type === 'directory') {
        for (const name of fs.readdir(path, kernel)) remove(`${path}/${name}`)
        fs.rmdir(path, kernel)
      } else fs.unlink(path, kernel)
      cx.record.command({ line: `delete ${text(Buffer.from(path, 'latin1'))}`, verb: 'delete' })
    })
  }
  for (const directory of entries.filter(isDirectory).map(place))
    quietly(() => {
      for (const name of fs.readdir(directory, kernel))
        if (!kept.has(`${directory}/${name}`)) remove(`${directory}/${name}`)
    })
}

function quietly(act: () => void): void {
  try {
    act()
  } catch (error) {
    if (!(error instanceof SystemError)) throw error
  }
}

/** Files as they come, until the client ends its third phase (receiver.c: recv_files). */
async function takeFiles(transfer: Transfer, entries: readonly Entry[], place: Place): Promise<void> {
  const { wire } = transfer
  for (let phase = 0; ; ) {
    const number = await wire.index()
    if (number === DONE) {
      // With nothing to be asked for again, the later phases and the good-bye come at once.
      if (++phase === 1) wire.putIndex(DONE).putIndex(DONE).putIndex(DONE)
      if (phase > 2) return
      continue
    }
    const flags = await wire.short()
    if (flags & Item.BasisFollows) await wire.byte()
    if (flags & Item.NameFollows) await wire.vstring(4096)
    if (!(flags & Item.Transfer)) continue
    const entry = entries[number]
    if (!entry || !isRegular(entry)) throw new Malformed(`No file has the number ${number}`)
    for (let word = 0; word < 4; word++) await wire.int()
    await takeFile(transfer, entry, place(entry))
  }
}

async function takeFile(transfer: Transfer, entry: Entry, path: string): Promise<void> {
  const { wire, login, cx, sum, request, module } = transfer
  const { fs } = login.process
  const pieces: Buffer[] = []
  let held = 0
  /** Of a file that is too large for the disk. */
  let sample: SampleWriter | undefined
  const lost = () => login.process.host.witness.file({ path, data: Buffer.concat(pieces), fate: 'lost' })
  try {
    for await (const piece of contentOf(transfer)) {
      held += piece.length
      if (!sample && held > ON_DISK) {
        sample = cx.sample()
        for (const earlier of pieces.splice(0)) await sample.write(earlier)
      }
      if (sample) await sample.write(piece)
      else pieces.push(Buffer.from(piece))
    }
    await wire.read(sum.bytes)
  } catch (error) {
    if (sample)
      cx.record.fileUpload({ path: text(Buffer.from(path, 'latin1')), sample: await sample.close(), fate: 'lost' })
    else if (held > 0) lost()
    throw error
  }
  if (sample) {
    cx.record.fileUpload({ path: text(Buffer.from(path, 'latin1')), sample: await sample.close(), fate: 'sent' })
    return noRoom(transfer, entry)
  }
  try {
    fs.writeFile(path, Buffer.concat(pieces), kernel, { mode: entry.mode & 0o7777 })
    if (request.times) fs.utimes(path, entry.mtime * 1000, entry.mtime * 1000, kernel)
  } catch (error) {
    lost()
    const why = `rsync: [receiver] open "${entry.name}" (in ${module.name}) failed: ${errorText(error)} (13)\n`
    await wire.message(Message.ErrorXfer, why)
  }
}

const noRoom = ({ wire, module }: Transfer, { name }: Entry): Promise<void> =>
  wire.message(
    Message.ErrorXfer,
    `rsync: [receiver] write failed on "${name}" (in ${module.name}): No space left on device (28)\n`,
  )
