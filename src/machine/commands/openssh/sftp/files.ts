import { string, uint32 } from '#codec/ssh-wire.ts'
import { type FileSystem, type Process, type Stat, SystemError } from '../../../system.ts'
import type { FileHandle } from './handles.ts'
import { pathFrom } from './names.ts'
import {
  answer,
  closing,
  done,
  failed,
  fileOf,
  type Handler,
  handleNumber,
  newHandle,
  opened,
  orFailed,
  orphanRoom,
  textOf,
} from './session.ts'
import { type Attributes, attributesOf, dataMax, Flag, packet, readAttributes, Status, Type } from './wire.ts'

/** Offsets from here on are negative to lseek(2). */
const negative = 2n ** 63n
/** ext4 with blocks of 4 KiB. */
const largest = 2n ** 44n - 4096n

export const open: Handler = (session, id, request, { readOnly }) => {
  const name = textOf(request)
  const flags = request.u32be()
  const { permissions = 0o666 } = readAttributes(request)
  const { process } = session
  if (readOnly && flags & (Flag.write | Flag.create | Flag.truncate))
    return answer(session, id, Status.permissionDenied)
  return orFailed(session, id, () => newHandle(session, id, openFile(process, name, flags, permissions)))
}

const openFile = (process: Process, name: string, flags: number, permissions: number): FileHandle => {
  const { fs, who } = process
  const path = pathFrom(process, name)
  const writes = (flags & Flag.write) !== 0
  const reads = (flags & Flag.read) !== 0 || !writes
  const creates = (flags & Flag.create) !== 0
  const mode = permissions & 0o7777 & ~process.umask
  const exclusive = creates && (flags & Flag.exclusive) !== 0 ? { exclusive: true as const } : {}
  let found = creates ? present(fs, path, process) : fs.stat(path, who)
  const isNew = found === undefined || 'exclusive' in exclusive
  if (isNew) {
    fs.writeFile(path, Buffer.alloc(0), who, { at: 0, mode, ...exclusive })
    found = fs.stat(path, opened)
  }
  const stat = found!
  if (stat.type === 'directory' && (writes || creates || flags & Flag.truncate)) throw new SystemError('EISDIR', path)
  if (stat.type === 'socket' || stat.type === 'fifo') throw new SystemError('ENXIO', path)
  if (!isNew) {
    if (reads && !fs.access(path, 4, who)) throw new SystemError('EACCES', path)
    if ((writes || flags & Flag.truncate) && !fs.access(path, 2, who)) throw new SystemError('EACCES', path)
    if (flags & Flag.truncate && stat.type === 'file' && stat.size > 0) fs.writeFile(path, Buffer.alloc(0), who)
  }
  return {
    kind: 'file',
    name,
    path: fs.realpath(path, opened),
    ino: stat.ino,
    reads,
    writes,
    appends: (flags & Flag.append) !== 0,
    read: 0,
    written: 0,
  }
}

const present = (fs: FileSystem, path: string, { who }: Process): Stat | undefined => {
  try {
    return fs.stat(path, who)
  } catch (error) {
    if (error instanceof SystemError && error.errno === 'ENOENT') return undefined
    throw error
  }
}

export const close: Handler = (session, id, request) => {
  const handle = session.handles.close(handleNumber(request))
  if (!handle) return answer(session, id, Status.noSuchFile)
  closing(session, handle)
  return answer(session, id, Status.ok)
}

/** fstat(2), which also shows whether the file is still where it was. */
const statOpen = (process: Process, handle: FileHandle): Stat => {
  if (handle.orphan) return { ...handle.orphan.stat, size: handle.orphan.data.length }
  const stat = process.fs.stat(handle.path, opened)
  if (stat.ino !== handle.ino) throw new SystemError('EIO', handle.path)
  return stat
}

export const read: Handler = (session, id, request) => {
  const handle = fileOf(session, handleNumber(request))
  const offset = request.u64be()
  const length = Math.min(request.u32be(), dataMax)
  if (!handle) return answer(session, id, Status.failure)
  if (offset >= negative) return answer(session, id, Status.badMessage)
  if (length === 0) return packet(Type.data, uint32(id), string(''))
  if (!handle.reads) return answer(session, id, Status.noSuchFile)
  return orFailed(session, id, () => {
    const { fs } = session.process
    const { type, size } = statOpen(session.process, handle)
    if (type === 'file' && size > 0 && offset >= BigInt(size)) return answer(session, id, Status.eof)
    if (offset > largest && type === 'file') return answer(session, id, Status.eof)
    const at = type === 'file' ? Number(offset) : 0
    const data = handle.orphan?.data.subarray(at, at + length) ?? fs.readFile(handle.path, opened, { at, max: length })
    if (data.length === 0) return answer(session, id, Status.eof)
    handle.read += data.length
    session.process.step(1 + (data.length >> 10))
    return packet(Type.data, uint32(id), string(data))
  })
}

export const write: Handler = (session, id, request) => {
  const handle = fileOf(session, handleNumber(request))
  const offset = request.u64be()
  const data = request.lp32()
  if (!handle) return answer(session, id, Status.failure)
  if (!handle.appends && offset >= negative) return answer(session, id, Status.badMessage)
  if (!handle.writes) return answer(session, id, Status.noSuchFile)
  if (data.length === 0) return answer(session, id, Status.ok)
  if (!handle.appends && offset + BigInt(data.length) > largest) return answer(session, id, Status.failure)
  session.process.step(1 + (data.length >> 10))
  return done(session, id, () => {
    // What is written into a file without a name is read by nobody but this client.
    if (handle.orphan)
      handle.orphan.data = overwritten(handle.orphan.data, data, {
        at: handle.appends ? handle.orphan.data.length : Number(offset),
        room: orphanRoom(session),
      })
    else {
      statOpen(session.process, handle)
      writeOpen(session.process, handle, data, Number(offset))
    }
    handle.written += data.length
  })
}

const writeOpen = ({ fs, who }: Process, { path, appends }: FileHandle, data: Buffer, at: number): void =>
  fs.writeFile(path, data, who, { ...(appends ? { append: true } : { at }), held: true })

const overwritten = (present: Buffer, data: Buffer, { at, room }: { at: number; room: number }): Buffer => {
  if (at + data.length - present.length > room) throw new SystemError('ENOSPC')
  const grown = Buffer.alloc(Math.max(present.length, at + data.length))
  present.copy(grown)
  data.copy(grown, at)
  return grown
}

const statWith =
  (call: 'stat' | 'lstat'): Handler =>
  (session, id, request) => {
    const path = pathFrom(session.process, textOf(request))
    const { fs, who } = session.process
    return orFailed(session, id, () => packet(Type.attrs, uint32(id), attributesOf(fs[call](path, who))))
  }
export const stat = statWith('stat')
export const lstat = statWith('lstat')

export const fstat: Handler = (session, id, request) => {
  const handle = fileOf(session, handleNumber(request))
  if (!handle) return answer(session, id, Status.failure)
  return orFailed(session, id, () => packet(Type.attrs, uint32(id), attributesOf(statOpen(session.process, handle))))
}

/** -1 leaves an id alone (chown(2)). */
const signed = (id: number): number => id | 0

/** Each attribute that is given; the last failure is the answer, as OpenSSH does it. */
const setAll = (
  process: Process,
  path: string,
  given: Attributes,
  how: { follow: boolean; open?: FileHandle },
): void => {
  const { fs, who } = process
  let failure: unknown
  const each = (what: () => void): void => {
    try {
      what()
    } catch (error) {
      failure = error
    }
  }
  const { size, owner, permissions, times } = given
  if (size !== undefined)
    each(() => {
      if (how.open && !how.open.writes) throw new SystemError('EINVAL', path)
      if (size > largest) throw new SystemError(size >= negative ? 'EINVAL' : 'ENOSPC', path)
      fs.truncate(path, Number(size), how.open ? opened : who)
    })
  if (permissions !== undefined) each(() => fs.chmod(path, permissions & 0o7777, who))
  if (times) each(() => fs.utimes(path, times.atime * 1000, times.mtime * 1000, who, how.follow))
  if (owner) each(() => fs.chown(path, signed(owner.uid), signed(owner.gid), who, how.follow))
  if (failure !== undefined) throw failure
}

export const setstat: Handler = (session, id, request) => {
  const path = pathFrom(session.process, textOf(request))
  const given = readAttributes(request)
  return done(session, id, () => setAll(session.process, path, given, { follow: true }))
}

export const fsetstat: Handler = (session, id, request) => {
  const handle = fileOf(session, handleNumber(request))
  const given = readAttributes(request)
  if (!handle) return answer(session, id, Status.failure)
  if (handle.orphan) return answer(session, id, Status.ok)
  return done(session, id, () => setAll(session.process, handle.path, given, { follow: true, open: handle }))
}

/** `lsetstat@openssh.com`: links themselves, whose mode and size cannot be set. */
export const lsetstat: Handler = (session, id, request) => {
  const { process } = session
  const path = pathFrom(process, textOf(request))
  const given = readAttributes(request)
  if (given.size !== undefined) return answer(session, id, Status.badMessage)
  const { permissions, ...others } = given
  let refused: Buffer | undefined
  if (permissions !== undefined) {
    try {
      // fchmodat(AT_SYMLINK_NOFOLLOW) of glibc 2.36: EOPNOTSUPP for a link.
      if (process.fs.lstat(path, process.who).type === 'symlink') refused = answer(session, id, Status.failure)
      else process.fs.chmod(path, permissions & 0o7777, process.who)
    } catch (error) {
      refused = failed(session, id, error)
    }
  }
  const rest = done(session, id, () => setAll(process, path, others, { follow: false }))
  return refused ?? rest
}

/** `fsync@openssh.com` */
export const fsync: Handler = (session, id, request) =>
  answer(session, id, fileOf(session, handleNumber(request)) ? Status.ok : Status.noSuchFile)

/** `copy-data`: from one open file into another, all of it when the length is 0. */
export const copyData: Handler = (session, id, request) => {
  const [from, readAt, length] = [handleNumber(request), request.u64be(), request.u64be()]
  const [to, writeAt] = [handleNumber(request), request.u64be()]
  const [source, target] = [fileOf(session, from), fileOf(session, to)]
  if (!source || !target || from === to || source.name === target.name) return answer(session, id, Status.failure)
  if (readAt >= negative || writeAt >= negative) return answer(session, id, Status.badMessage)
  if (!source.reads || !target.writes) return answer(session, id, Status.noSuchFile)
  return orFailed(session, id, () => {
    const { process } = session
    const { size } = statOpen(process, source)
    if (readAt >= BigInt(size)) return answer(session, id, Status.ok)
    const max = length === 0n || length > BigInt(size) ? size : Number(length)
    const data = source.orphan?.data ?? process.fs.readFile(source.path, opened, { at: Number(readAt), max })
    process.step(1 + (data.length >> 10))
    if (writeAt + BigInt(data.length) > largest || target.orphan) return answer(session, id, Status.failure)
    statOpen(process, target)
    if (data.length > 0) {
      writeOpen(process, target, data, Number(writeAt))
      target.written += data.length
    }
    return answer(session, id, Status.ok)
  })
}
