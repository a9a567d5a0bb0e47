import type { Cursor } from '#codec/cursor.ts'
import { string, uint32 } from '#codec/ssh-wire.ts'
import type { Process } from '../../../system.ts'
import * as extensions from './extensions.ts'
import * as files from './files.ts'
import * as folders from './folders.ts'
import { answer, type Handler, type Permitted, type Session, textOf } from './session.ts'
import { packet, Status, Type, version } from './wire.ts'

/** A request as `-Q requests` names it. */
type Request = { name: string; writes: boolean; handler: Handler }
const request = (name: string, writes: boolean, handler: Handler): Request => ({ name, writes, handler })

const requests = new Map<number, Request>([
  [Type.open, request('open', false, files.open)],
  [Type.close, request('close', false, files.close)],
  [Type.read, request('read', false, files.read)],
  [Type.write, request('write', true, files.write)],
  [Type.lstat, request('lstat', false, files.lstat)],
  [Type.fstat, request('fstat', false, files.fstat)],
  [Type.setstat, request('setstat', true, files.setstat)],
  [Type.fsetstat, request('fsetstat', true, files.fsetstat)],
  [Type.opendir, request('opendir', false, folders.opendir)],
  [Type.readdir, request('readdir', false, folders.readdir)],
  [Type.remove, request('remove', true, folders.remove)],
  [Type.mkdir, request('mkdir', true, folders.mkdir)],
  [Type.rmdir, request('rmdir', true, folders.rmdir)],
  [Type.realpath, request('realpath', false, folders.realpath)],
  [Type.stat, request('stat', false, files.stat)],
  [Type.rename, request('rename', true, folders.rename)],
  [Type.readlink, request('readlink', false, folders.readlink)],
  [Type.symlink, request('symlink', true, folders.symlink)],
])

/** In the order in which they are announced: each's version, and the release of OpenSSH that brought it. */
const extended = new Map<string, Request & { version: string; since: number }>(
  (
    [
      ['posix-rename@openssh.com', '1', 5, request('posix-rename', true, folders.posixRename)],
      ['statvfs@openssh.com', '2', 5, request('statvfs', false, extensions.statvfs)],
      ['fstatvfs@openssh.com', '2', 5, request('fstatvfs', false, extensions.fstatvfs)],
      ['hardlink@openssh.com', '1', 5.7, request('hardlink', true, folders.hardlink)],
      ['fsync@openssh.com', '1', 6.5, request('fsync', true, files.fsync)],
      ['lsetstat@openssh.com', '1', 8, request('lsetstat', true, files.lsetstat)],
      ['limits@openssh.com', '1', 8.5, request('limits', false, extensions.limits)],
      ['expand-path@openssh.com', '1', 8.7, request('expand-path', false, extensions.expandPath)],
      ['copy-data', '1', 9, request('copy-data', true, files.copyData)],
      ['home-directory', '1', 9.1, request('home-directory', false, extensions.homeDirectory)],
      ['users-groups-by-id@openssh.com', '1', 9.1, request('users-groups-by-id', false, extensions.usersGroupsById)],
    ] as const
  ).map(([name, version, since, entry]) => [name, { ...entry, version, since }]),
)

/** What the machine's release of OpenSSH has of them. */
const known = ({ host }: Process) => {
  const release = Number.parseFloat(host.persona.software.ssh.version)
  return [...extended].filter(([, { since }]) => since <= release)
}

export const requestNames = (process: Process): string[] =>
  [...requests.values(), ...known(process).map(([, entry]) => entry)].map(({ name }) => name)

/** The server ends here and now, with this status; `text` goes to the log. */
export class Fatal extends Error {
  readonly status: number
  constructor(status: number, text: string) {
    super(text)
    this.status = status
  }
}

/** The answer to one packet; none to what the server does not know, and `log` hears of that. */
export const answerTo = (
  session: Session,
  packetBody: Cursor,
  permitted: Permitted,
  log: (text: string) => void,
): Buffer | undefined => {
  const type = packetBody.u8()
  session.process.step()
  if (type === Type.init) {
    session.clientVersion = packetBody.u32be()
    const announced = known(session.process)
      .filter(([, found]) => isPermitted(found, permitted))
      .flatMap(([name, { version }]) => [string(name), string(version)])
    return packet(Type.version, uint32(version), ...announced)
  }
  if (session.clientVersion === undefined)
    throw new Fatal(255, `Received ${type === Type.extended ? 'extended request' : `${type} request`} before init`)
  const id = packetBody.u32be()
  let found = requests.get(type)
  if (type === Type.extended) {
    const name = textOf(packetBody)
    found = known(session.process).find(([one]) => one === name)?.[1]
    if (!found) {
      log(`Unknown extended request "${name}"`)
      return answer(session, id, Status.unsupported)
    }
  }
  if (!found) {
    log(`Unknown message ${type}`)
    return undefined
  }
  if (!isPermitted(found, permitted)) return answer(session, id, Status.permissionDenied)
  return found.handler(session, id, packetBody, permitted)
}

const isPermitted = ({ name, writes }: Request, { readOnly, denied, allowed }: Permitted): boolean =>
  !(readOnly && writes) && !denied.has(name) && (allowed === undefined || allowed.has(name))
