import { Malformed } from '#codec/malformed.ts'
import type { Wire } from './wire.ts'

/** A file as the list of files tells it (flist.c). Names are Latin-1, below the module; times in seconds. */
export type Entry = {
  name: string
  /** With the bits of its type, as stat(2). */
  mode: number
  size: number
  mtime: number
  nanoseconds: number
  uid: number
  gid: number
  target?: string
  /** Of the directories that the client asked for. */
  top?: boolean
  /** A directory of which nothing else is told. */
  empty?: boolean
}
/** What both sides agreed to tell of each file. */
export type Form = {
  owner: boolean
  group: boolean
  links: boolean
  devices: boolean
  times: boolean
  /** Flags are of variable length (CF_VARINT_FLIST_FLAGS). */
  varint: boolean
  /** Directories come one after the other, with names of owners inline. */
  incremental: boolean
  nameOf(kind: 'uid' | 'gid', id: number): string | undefined
  /** A checksum of the content, for `-c`. */
  sum?: (entry: Entry) => Promise<Buffer> | Buffer
}

const Flag = {
  TopDirectory: 1 << 0,
  SameMode: 1 << 1,
  Extended: 1 << 2,
  SameUid: 1 << 3,
  SameGid: 1 << 4,
  SameName: 1 << 5,
  LongName: 1 << 6,
  SameTime: 1 << 7,
  NoContent: 1 << 8,
  HardLinked: 1 << 9,
  UserName: 1 << 10,
  GroupName: 1 << 11,
  EndWithError: 1 << 12,
  Nanoseconds: 1 << 13,
} as const
const TYPE = 0o170000
export const isDirectory = ({ mode }: { mode: number }) => (mode & TYPE) === 0o040000
export const isRegular = ({ mode }: { mode: number }) => (mode & TYPE) === 0o100000
export const isLink = ({ mode }: { mode: number }) => (mode & TYPE) === 0o120000
const isDevice = ({ mode }: { mode: number }) => [0o020000, 0o060000].includes(mode & TYPE)

type Last = { name: string; mode: number; mtime: number; uid: number | undefined; gid: number | undefined }
/** What the entry before was like, over all lists of a conversation. */
export const nothingBefore = (): Last => ({ name: '', mode: 0, mtime: 0, uid: undefined, gid: undefined })

/** Writes one file's entry (send_file_entry). */
export async function putEntry(wire: Wire, form: Form, last: Last, entry: Entry): Promise<void> {
  const sameUid = !form.owner || last.uid === entry.uid
  const sameGid = !form.group || last.gid === entry.gid
  const names = {
    uid: form.incremental && !sameUid ? form.nameOf('uid', entry.uid) : undefined,
    gid: form.incremental && !sameGid ? form.nameOf('gid', entry.gid) : undefined,
  }
  let common = 0
  while (common < 255 && common < entry.name.length && entry.name[common] === last.name[common]) common++
  const rest = entry.name.slice(common)
  let flags =
    (entry.top ? Flag.TopDirectory : 0) |
    (entry.empty ? Flag.NoContent : 0) |
    (entry.mode === last.mode ? Flag.SameMode : 0) |
    (sameUid ? Flag.SameUid : 0) |
    (sameGid ? Flag.SameGid : 0) |
    (names.uid === undefined ? 0 : Flag.UserName) |
    (names.gid === undefined ? 0 : Flag.GroupName) |
    (entry.mtime === last.mtime ? Flag.SameTime : 0) |
    (entry.nanoseconds > 0 ? Flag.Nanoseconds : 0) |
    (common > 0 ? Flag.SameName : 0) |
    (rest.length > 255 ? Flag.LongName : 0)
  if (form.varint) wire.putVarint(flags || Flag.Extended)
  else {
    if (flags === 0 && !isDirectory(entry)) flags = Flag.TopDirectory
    if (flags & 0xff00 || flags === 0) wire.putShort(flags | Flag.Extended)
    else wire.putByte(flags)
  }
  if (common > 0) wire.putByte(common)
  if (rest.length > 255) wire.putVarint(rest.length)
  else wire.putByte(rest.length)
  wire.bytes(rest).putVarlong(entry.size, 3)
  if (entry.mtime !== last.mtime) wire.putVarlong(entry.mtime, 4)
  if (entry.nanoseconds > 0) wire.putVarint(entry.nanoseconds)
  if (entry.mode !== last.mode) wire.putInt(entry.mode)
  if (!sameUid) wire.putVarint(entry.uid)
  if (names.uid !== undefined) wire.putByte(names.uid.length).bytes(names.uid)
  if (!sameGid) wire.putVarint(entry.gid)
  if (names.gid !== undefined) wire.putByte(names.gid.length).bytes(names.gid)
  if (form.links && entry.target !== undefined) wire.putVarint(entry.target.length).bytes(entry.target)
  if (form.sum && isRegular(entry)) wire.bytes(await form.sum(entry))
  Object.assign(last, { name: entry.name, mode: entry.mode, mtime: entry.mtime, uid: entry.uid, gid: entry.gid })
}

/** The end of one list; `failed` where something could not be read (IOERR_GENERAL). */
export function putEnd(wire: Wire, form: Form, failed = false): void {
  wire.putByte(0)
  if (form.varint) wire.putVarint(failed ? 1 : 0)
}

/** Names of the ids in a list, where they were not inline (send_id_lists), with that of root at the end. */
export function putNames(wire: Wire, form: Form, entries: readonly Entry[], withRoot: boolean): void {
  for (const kind of ['uid', 'gid'] as const) {
    if (!form[kind === 'uid' ? 'owner' : 'group']) continue
    const ids = new Set(entries.map(entry => entry[kind]).filter(id => id !== 0))
    for (const id of [...ids].reverse()) {
      const name = form.nameOf(kind, id)
      if (name !== undefined) wire.putVarint(id).putByte(name.length).bytes(name)
    }
    wire.putVarint(0)
    if (withRoot) {
      const root = form.nameOf(kind, 0) ?? ''
      wire.putByte(root.length).bytes(root)
    }
  }
}

const NAME = 4096

/** Reads one entry (recv_file_entry); `undefined` at the end of the list. */
export async function readEntry(wire: Wire, form: Form, last: Last, sumBytes: number): Promise<Entry | undefined> {
  let flags = form.varint ? await wire.varint() : await wire.byte()
  if (!form.varint && flags & Flag.Extended) flags |= (await wire.byte()) << 8
  if (flags === 0) {
    if (form.varint) await wire.varint()
    return undefined
  }
  if (!form.varint && flags === (Flag.Extended | Flag.EndWithError)) {
    await wire.varint()
    return undefined
  }
  const common = flags & Flag.SameName ? await wire.byte() : 0
  const length = flags & Flag.LongName ? await wire.varint() : await wire.byte()
  if (length < 0 || common + length > NAME || common > last.name.length)
    throw new Malformed(`A name of ${common + length} bytes`)
  const name = last.name.slice(0, common) + (await wire.read(length)).toString('latin1')
  const size = await wire.varlong(3)
  if (!(flags & Flag.SameTime)) last.mtime = await wire.varlong(4)
  const nanoseconds = flags & Flag.Nanoseconds ? await wire.varint() : 0
  if (!(flags & Flag.SameMode)) last.mode = await wire.int()
  for (const [kind, wanted, same, named] of [
    ['uid', form.owner, Flag.SameUid, Flag.UserName],
    ['gid', form.group, Flag.SameGid, Flag.GroupName],
  ] as const) {
    if (!wanted || flags & same) continue
    last[kind] = await wire.varint()
    if (flags & named) await wire.read(await wire.byte())
  }
  last.name = name
  const entry: Entry = {
    name,
    mode: last.mode,
    size,
    mtime: last.mtime,
    nanoseconds,
    uid: last.uid ?? 0,
    gid: last.gid ?? 0,
  }
  if (form.devices && isDevice(entry)) {
    if (!(flags & Flag.NoContent)) await wire.varint()
    await wire.varint()
  }
  if (form.links && isLink(entry)) {
    const bytes = await wire.varint()
    if (bytes < 0 || bytes > NAME) throw new Malformed(`A link of ${bytes} bytes`)
    entry.target = (await wire.read(bytes)).toString('latin1')
  }
  if (sumBytes > 0 && isRegular(entry)) await wire.read(sumBytes)
  return entry
}

/** Skips the names of ids behind a list. */
export async function readNames(wire: Wire, form: Form, withRoot: boolean): Promise<void> {
  for (const wanted of [form.owner, form.group]) {
    if (!wanted) continue
    for (let left = 1000; (await wire.varint()) !== 0; left--) {
      if (left === 0) throw new Malformed('Owners without end')
      await wire.read(await wire.byte())
    }
    if (withRoot) await wire.read(await wire.byte())
  }
}

/** The order of files in a list (f_name_cmp): files of a directory, then its directories, each before what is in it. */
export function inOrder(one: Entry, other: Entry): number {
  const [a, b] = [partsOf(one), partsOf(other)]
  for (let i = 0; ; i++) {
    const [x, y] = [a[i], b[i]]
    if (x === undefined || y === undefined) return x === y ? 0 : x === undefined ? -1 : 1
    if (x === y) continue
    const folders = [x.endsWith('/'), y.endsWith('/')] as const
    if (folders[0] !== folders[1]) return folders[0] ? 1 : -1
    return x < y ? -1 : 1
  }
}
const partsOf = (entry: Entry): string[] => {
  if (entry.name === '.') return []
  const parts = entry.name.split('/')
  return parts.map((part, i) => (i < parts.length - 1 || isDirectory(entry) ? `${part}/` : part))
}
