import type { Cursor } from '#codec/cursor.ts'
import { Malformed } from '#codec/malformed.ts'
import { string, uint32, uint64 } from '#codec/ssh-wire.ts'
import type { Errno, Stat } from '../../../system.ts'
import { fullMode } from '../../files/modes.ts'

/** The version of the protocol (draft-ietf-secsh-filexfer-02) that OpenSSH speaks. */
export const version = 3
/** A packet without its length, as sftp-server(8) takes and sends it. */
export const packetMax = 256 * 1024
/** What one read or write carries at most. */
export const dataMax = packetMax - 1024

/** §3: types of packets. */
export const Type = {
  init: 1,
  version: 2,
  open: 3,
  close: 4,
  read: 5,
  write: 6,
  lstat: 7,
  fstat: 8,
  setstat: 9,
  fsetstat: 10,
  opendir: 11,
  readdir: 12,
  remove: 13,
  mkdir: 14,
  rmdir: 15,
  realpath: 16,
  stat: 17,
  rename: 18,
  readlink: 19,
  symlink: 20,
  status: 101,
  handle: 102,
  data: 103,
  name: 104,
  attrs: 105,
  extended: 200,
  extendedReply: 201,
} as const

/** §7: codes of SSH_FXP_STATUS. */
export const Status = {
  ok: 0,
  eof: 1,
  noSuchFile: 2,
  permissionDenied: 3,
  failure: 4,
  badMessage: 5,
  unsupported: 8,
} as const
export type StatusCode = (typeof Status)[keyof typeof Status]

const texts: Record<StatusCode, string> = {
  0: 'Success',
  1: 'End of file',
  2: 'No such file',
  3: 'Permission denied',
  4: 'Failure',
  5: 'Bad message',
  8: 'Operation unsupported',
}

const codes: Partial<Record<Errno, StatusCode>> = {
  ENOENT: Status.noSuchFile,
  ENOTDIR: Status.noSuchFile,
  EBADF: Status.noSuchFile,
  ELOOP: Status.noSuchFile,
  EPERM: Status.permissionDenied,
  EACCES: Status.permissionDenied,
  ENAMETOOLONG: Status.badMessage,
  EINVAL: Status.badMessage,
}
/** errno_to_portable of OpenSSH's sftp-server. */
export const statusOf = (errno: Errno): StatusCode => codes[errno] ?? Status.failure

/** §6.3: flags of SSH_FXP_OPEN. */
export const Flag = { read: 1, write: 2, append: 4, create: 8, truncate: 16, exclusive: 32 } as const

/** §5: a file's attributes; times in seconds. What is absent is not told, or not to be changed. */
export type Attributes = {
  size?: bigint
  owner?: { uid: number; gid: number }
  /** st_mode, type included. */
  permissions?: number
  times?: { atime: number; mtime: number }
}
const Has = { size: 1, owner: 2, permissions: 4, times: 8, extended: 0x80000000 } as const
const mostExtended = 0x100000

export const readAttributes = (from: Cursor): Attributes => {
  const flags = from.u32be()
  const attributes: Attributes = {
    ...(flags & Has.size ? { size: from.u64be() } : {}),
    ...(flags & Has.owner ? { owner: { uid: from.u32be(), gid: from.u32be() } } : {}),
    ...(flags & Has.permissions ? { permissions: from.u32be() } : {}),
    ...(flags & Has.times ? { times: { atime: from.u32be(), mtime: from.u32be() } } : {}),
  }
  if (flags & Has.extended) {
    const count = from.u32be()
    if (count > mostExtended) throw new Malformed(`${count} extended attributes`)
    for (let pair = 0; pair < count; pair++) {
      from.lp32()
      from.lp32()
    }
  }
  return attributes
}

/** SSH_FXP_ATTRS from what stat(2) said. */
export const attributesOf = (stat: Stat): Buffer => {
  const { size, uid, gid, atime, mtime } = stat
  return Buffer.concat([
    uint32(Has.size | Has.owner | Has.permissions | Has.times),
    uint64(size),
    uint32(uid),
    uint32(gid),
    uint32(fullMode(stat)),
    uint32(Math.floor(atime / 1000)),
    uint32(Math.floor(mtime / 1000)),
  ])
}
/** None are told. */
export const noAttributes = uint32(0)

/** An answer: its type, whose it is, and the rest. */
export const packet = (type: number, ...fields: Buffer[]): Buffer => string(Buffer.concat([Buffer.of(type), ...fields]))

/** Clients of versions before 3 get no words. */
export const statusPacket = (id: number, code: StatusCode, clientVersion: number, text: string = texts[code]): Buffer =>
  packet(Type.status, uint32(id), uint32(code), ...(clientVersion >= 3 ? [string(text), string('')] : []))
