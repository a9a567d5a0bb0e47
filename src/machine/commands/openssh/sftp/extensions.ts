import { Malformed } from '#codec/malformed.ts'
import { string, uint32, uint64 } from '#codec/ssh-wire.ts'
import { accountOf, groupOf } from '../../../accounts.ts'
import type { FileSystem, Process } from '../../../system.ts'
import { mountOf, spaceOf } from '../../files/mounted.ts'
import { mostHandles } from './handles.ts'
import { pathFrom, realPath } from './names.ts'
import { answer, fileOf, type Handler, handleNumber, namePacket, orFailed, textOf } from './session.ts'
import { dataMax, packet, packetMax, Status, Type } from './wire.ts'

// The extensions of PROTOCOL §4 of OpenSSH 9.2 that are no file operation.

const statvfsReply = (process: Process, id: number, path: string): Buffer => {
  const space = spaceOf(process, mountOf(process, path))
  const { blockSize, blocks, free, available, inodes, inodesFree } = space
  const numbers = [blockSize, blockSize, blocks, free, available, inodes, inodesFree, inodesFree]
  return packet(
    Type.extendedReply,
    uint32(id),
    ...numbers.map(uint64),
    uint64(BigInt(`0x${space.id}`)),
    uint64(0),
    uint64(255),
  )
}

/** `statvfs@openssh.com` */
export const statvfs: Handler = (session, id, request) => {
  const { process } = session
  const path = pathFrom(process, textOf(request))
  return orFailed(session, id, () => statvfsReply(process, id, process.fs.realpath(path, process.who)))
}

/** `fstatvfs@openssh.com` */
export const fstatvfs: Handler = (session, id, request) => {
  const handle = fileOf(session, handleNumber(request))
  if (!handle) return answer(session, id, Status.failure)
  return orFailed(session, id, () => statvfsReply(session.process, id, handle.path))
}

/** `limits@openssh.com` */
export const limits: Handler = (_, id) =>
  packet(Type.extendedReply, uint32(id), ...[packetMax, dataMax, dataMax, mostHandles].map(uint64))

/** `expand-path@openssh.com`: `~` is where the server started, `~user` their home. */
export const expandPath: Handler = (session, id, request) => {
  const { process } = session
  let path = textOf(request)
  if (path === '~') path = process.cwd
  else if (path.startsWith('~/')) path = `${process.cwd}/${path.slice(2)}`
  else if (path.startsWith('~')) {
    const slash = path.indexOf('/')
    const home = accountOf(process.fs, path.slice(1, slash < 0 ? undefined : slash))?.home
    if (home === undefined) return answer(session, id, Status.noSuchFile, 'no such user')
    path = slash < 0 ? home : `${home.replace(/\/$/, '')}/${path.slice(slash + 1)}`
  }
  return orFailed(session, id, () => namePacket(id, realPath(process, path)))
}

/** `home-directory`: whoever is asked about, OpenSSH 9.2 tells the asking user's own. */
export const homeDirectory: Handler = (session, id, request) => {
  const { fs, who } = session.process
  const asked = accountOf(fs, textOf(request))
  return asked ? namePacket(id, accountOf(fs, who.uid)?.home ?? '/') : answer(session, id, Status.failure)
}

/** Ids of one question: a name each is looked up in a file. */
const mostIds = 1024

/** `users-groups-by-id@openssh.com` */
export const usersGroupsById: Handler = (session, id, request) => {
  const { fs } = session.process
  const [uids, gids] = [request.lp32(), request.lp32()]
  if (uids.length % 4 !== 0 || gids.length % 4 !== 0) throw new Malformed('Half an id')
  session.process.step(1 + ((uids.length + gids.length) >> 2))
  return packet(
    Type.extendedReply,
    uint32(id),
    string(namesOf(uids, fs, (files, uid) => accountOf(files, uid)?.name)),
    string(namesOf(gids, fs, (files, gid) => groupOf(files, gid)?.name)),
  )
}

const namesOf = (ids: Buffer, fs: FileSystem, find: (fs: FileSystem, id: number) => string | undefined): Buffer => {
  const known = new Map<number, Buffer>()
  const names: Buffer[] = []
  for (let at = 0; at + 4 <= ids.length && names.length < mostIds; at += 4) {
    const id = ids.readUInt32BE(at)
    const name = known.get(id) ?? string(find(fs, id) ?? '')
    known.set(id, name)
    names.push(name)
  }
  return Buffer.concat(names)
}
