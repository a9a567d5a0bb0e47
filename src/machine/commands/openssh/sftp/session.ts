import type { Cursor } from '#codec/cursor.ts'
import { Malformed } from '#codec/malformed.ts'
import { string, uint32 } from '#codec/ssh-wire.ts'
import { kernel } from '../../../rights.ts'
import { type Credentials, type Process, SystemError } from '../../../system.ts'
import { createHandles, type FileHandle, type Handle, type Handles } from './handles.ts'
import { type NameCache, nameCache, pathFrom } from './names.ts'
import { noAttributes, packet, Status, type StatusCode, statusOf, statusPacket, Type } from './wire.ts'

/** One client at the server. */
export type Session = {
  process: Process
  handles: Handles
  names: NameCache
  /** What the client said it speaks; `undefined` before SSH_FXP_INIT. */
  clientVersion: number | undefined
}

export const createSession = (process: Process): Session => ({
  process,
  handles: createHandles(),
  names: nameCache(process),
  clientVersion: undefined,
})

/** What an open file allows was settled when it was opened. */
export const opened: Credentials = kernel

/** Does what one request asks, and gives the answer. */
export type Handler = (session: Session, id: number, request: Cursor, permitted: Permitted) => Buffer

/** What the command line forbids: all that writes (`-R`), a list (`-P`), or all but a list (`-p`). */
export type Permitted = { readOnly: boolean; denied: ReadonlySet<string>; allowed: ReadonlySet<string> | undefined }

/** A `string` that must be text: a NUL may only end it. Latin-1. */
export const textOf = (request: Cursor): string => {
  const bytes = request.lp32()
  const nul = bytes.indexOf(0)
  if (nul >= 0 && nul < bytes.length - 1) throw new Malformed('A NUL inside a string')
  return bytes.toString('latin1', 0, nul < 0 ? undefined : nul)
}

/** The number behind a handle's bytes; -1 for what no handle looks like. */
export const handleNumber = (request: Cursor): number => {
  const bytes = request.lp32()
  return bytes.length === 4 ? bytes.readInt32BE() : -1
}

export const fileOf = ({ handles }: Session, number: number): FileHandle | undefined => {
  const handle = handles.get(number)
  return handle?.kind === 'file' ? handle : undefined
}

export const answer = (session: Session, id: number, code: StatusCode, text?: string): Buffer =>
  statusPacket(id, code, session.clientVersion ?? 0, text)

/** Does it, and tells whether it went well. */
export const done = (session: Session, id: number, what: () => void): Buffer => {
  try {
    what()
    return answer(session, id, Status.ok)
  } catch (error) {
    return failed(session, id, error)
  }
}

/** How it failed; what is no `SystemError` is thrown on. */
export const failed = (session: Session, id: number, error: unknown): Buffer => {
  if (!(error instanceof SystemError)) throw error
  return answer(session, id, statusOf(error.errno))
}

/** Does it and gives its answer, or how it failed. */
export const orFailed = (session: Session, id: number, what: () => Buffer): Buffer => {
  try {
    return what()
  } catch (error) {
    return failed(session, id, error)
  }
}

/** SSH_FXP_NAME with one path and no attributes. */
export const namePacket = (id: number, path: string): Buffer =>
  packet(Type.name, uint32(id), uint32(1), string(path), string(path), noAttributes)

export const newHandle = (session: Session, id: number, handle: Handle): Buffer => {
  const number = session.handles.open(handle)
  if (number === undefined) return answer(session, id, Status.failure)
  return packet(Type.handle, uint32(id), string(uint32(number)))
}

/** The entry's own path, its folder free of links. */
const entryPath = (process: Process, path: string): string => {
  const slash = path.lastIndexOf('/')
  const folder = process.fs.realpath(slash <= 0 ? '/' : path.slice(0, slash), process.who)
  return `${folder === '/' ? '' : folder}/${path.slice(slash + 1)}`
}

/** What files without a name may hold in all: they count against no quota any more. */
const orphanMax = 16 << 20

/** How much more that may be. */
export const orphanRoom = ({ handles }: Session): number => {
  const held = new Set<{ data: Buffer }>()
  for (const handle of handles.all()) if (handle.kind === 'file' && handle.orphan) held.add(handle.orphan)
  let room = orphanMax
  for (const { data } of held) room -= data.length
  return room
}

/** Removes a name (`remove`); a file that is still open lives on without it. */
export const losing = (session: Session, path: string, remove: () => void): void => {
  const { handles } = session
  const open: FileHandle[] = []
  for (const handle of handles.all()) if (handle.kind === 'file' && !handle.orphan) open.push(handle)
  const held = open.length > 0 ? heldUnder(session, path, open) : undefined
  remove()
  if (held) for (const handle of held.handles) handle.orphan = held.content
}

const heldUnder = (session: Session, path: string, open: FileHandle[]) => {
  const { process } = session
  try {
    const real = entryPath(process, path)
    const handles = open.filter(handle => handle.path === real)
    if (handles.length === 0) return undefined
    const stat = process.fs.lstat(real, opened)
    if (stat.nlink > 1 || stat.type !== 'file') return undefined
    const data = stat.size > orphanRoom(session) ? Buffer.alloc(0) : process.fs.readFile(real, opened)
    return { handles, content: { data, stat: { ...stat, nlink: 0 } } }
  } catch (error) {
    if (error instanceof SystemError) return undefined
    throw error
  }
}

/** rename(2), after which open files are where they were moved to. */
export const moving = (session: Session, from: string, to: string): void => {
  const { process, handles } = session
  const [old, next] = [pathFrom(process, from), pathFrom(process, to)]
  const oldReal = [...handles.all()].length > 0 ? tryEntryPath(process, old) : undefined
  losing(session, next, () => process.fs.rename(old, next, process.who))
  if (oldReal === undefined) return
  const nextReal = entryPath(process, next)
  for (const handle of handles.all()) {
    if (handle.path === oldReal || handle.path.startsWith(`${oldReal}/`))
      handle.path = nextReal + handle.path.slice(oldReal.length)
  }
}

const tryEntryPath = (process: Process, path: string): string | undefined => {
  try {
    return entryPath(process, path)
  } catch (error) {
    if (error instanceof SystemError) return undefined
    throw error
  }
}

/** Tells the witness what went through a file that is closed now. */
export const closing = ({ process }: Session, handle: Handle): void => {
  if (handle.kind !== 'file') return
  const { path, read, written, orphan } = handle
  const { witness } = process.host
  if (read > 0) witness.read({ path, size: read })
  if (written === 0) return
  try {
    witness.file({ path, data: orphan?.data ?? process.fs.readFile(path, opened), fate: 'sent' })
  } catch (error) {
    // Somebody else removed it meanwhile, and that was witnessed.
    if (!(error instanceof SystemError)) throw error
  }
}
