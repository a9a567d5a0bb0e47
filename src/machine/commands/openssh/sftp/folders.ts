import { string, uint32 } from '#codec/ssh-wire.ts'
import { type Stat, SystemError } from '../../../system.ts'
import { longName, pathFrom, realPath } from './names.ts'
import {
  answer,
  done,
  type Handler,
  handleNumber,
  losing,
  moving,
  namePacket,
  newHandle,
  orFailed,
  textOf,
} from './session.ts'
import { attributesOf, packet, readAttributes, Status, Type } from './wire.ts'

/** Entries of all folders that one client has open. */
const mostOpen = 100_000
/** Entries of one SSH_FXP_NAME. */
const entriesMax = 100

export const opendir: Handler = (session, id, request) => {
  const name = textOf(request)
  const { process } = session
  const path = pathFrom(process, name)
  return orFailed(session, id, () => {
    const entries = ['.', '..', ...process.fs.readdir(path, process.who)]
    process.step(entries.length >> 4)
    let open = entries.length
    for (const handle of session.handles.all()) if (handle.kind === 'directory') open += handle.entries.length
    if (open > mostOpen) return answer(session, id, Status.failure)
    return newHandle(session, id, { kind: 'directory', name, path, entries, at: 0 })
  })
}

export const readdir: Handler = (session, id, request) => {
  const { process, names } = session
  const handle = session.handles.get(handleNumber(request))
  if (handle?.kind !== 'directory') return answer(session, id, Status.failure)
  const found: Buffer[] = []
  while (handle.at < handle.entries.length && found.length < entriesMax) {
    const name = handle.entries[handle.at++]!
    process.step()
    let stat: Stat
    try {
      stat = process.fs.lstat(`${handle.path === '/' ? '' : handle.path}/${name}`, process.who)
    } catch (error) {
      if (error instanceof SystemError) continue
      throw error
    }
    const line = longName(name, stat, names, process.now())
    found.push(Buffer.concat([string(name), string(line), attributesOf(stat)]))
  }
  if (found.length === 0) return answer(session, id, Status.eof)
  return packet(Type.name, uint32(id), uint32(found.length), ...found)
}

export const remove: Handler = (session, id, request) => {
  const { process } = session
  const path = pathFrom(process, textOf(request))
  return done(session, id, () => losing(session, path, () => process.fs.unlink(path, process.who)))
}

export const mkdir: Handler = (session, id, request) => {
  const { process } = session
  const path = pathFrom(process, textOf(request))
  const { permissions = 0o777 } = readAttributes(request)
  return done(session, id, () => process.fs.mkdir(path, permissions & 0o7777 & ~process.umask, process.who))
}

export const rmdir: Handler = (session, id, request) => {
  const { process } = session
  const path = pathFrom(process, textOf(request))
  return done(session, id, () => process.fs.rmdir(path, process.who))
}

export const realpath: Handler = (session, id, request) => {
  const path = textOf(request)
  return orFailed(session, id, () => namePacket(id, realPath(session.process, path)))
}

/** Never over something that is there: for files OpenSSH links and unlinks, for all else it looks first. */
export const rename: Handler = (session, id, request) => {
  const [from, to] = [textOf(request), textOf(request)]
  const { fs, who } = session.process
  const [old, next] = [pathFrom(session.process, from), pathFrom(session.process, to)]
  return orFailed(session, id, () => {
    const isFile = fs.lstat(old, who).type === 'file'
    try {
      fs[isFile ? 'lstat' : 'stat'](next, who)
      return answer(session, id, Status.failure)
    } catch (error) {
      if (!(error instanceof SystemError)) throw error
    }
    return done(session, id, () => moving(session, from, to))
  })
}

/** `posix-rename@openssh.com` */
export const posixRename: Handler = (session, id, request) => {
  const [from, to] = [textOf(request), textOf(request)]
  return done(session, id, () => moving(session, from, to))
}

export const readlink: Handler = (session, id, request) => {
  const { process } = session
  const path = pathFrom(process, textOf(request))
  return orFailed(session, id, () => namePacket(id, process.fs.readlink(path, process.who)))
}

/** OpenSSH takes the target first, the other way round than the draft. */
export const symlink: Handler = (session, id, request) => {
  const { process } = session
  const [target, path] = [textOf(request), pathFrom(process, textOf(request))]
  return done(session, id, () => process.fs.symlink(target, path, process.who))
}

/** `hardlink@openssh.com` */
export const hardlink: Handler = (session, id, request) => {
  const { process } = session
  const [from, to] = [pathFrom(process, textOf(request)), pathFrom(process, textOf(request))]
  return done(session, id, () => process.fs.link(from, to, process.who))
}
