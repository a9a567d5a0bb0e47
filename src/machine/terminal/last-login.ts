import { kernel } from '../rights.ts'
import { type FileSystem, type Host, SystemError } from '../system.ts'

const path = '/var/log/lastlog'
/** struct lastlog of Linux on 64 bits: int32 time, 32 bytes of line, 256 of host; the n-th is of uid n. */
const recordSize = 292
/** Uids beyond have no record. */
const mostUid = 65_536

/** One log-in: when (milliseconds since the epoch), where (`pts/0`), from where (an address). */
export type LastLogin = { at: number; line: string; host: string }

/**
 * Log-ins of this attacker by uid. They are kept beside the file: it is as long as the highest uid wants it, and would be
 * copied whole for each attacker.
 */
export const ownLogins = (host: Host): Map<number, LastLogin> =>
  host.state('lastlog', () => new Map<number, LastLogin>())

/** lastlog(5): an account's log-in before this one. */
export const lastLogin = (fs: FileSystem, host: Host, uid: number): LastLogin | undefined => {
  const own = ownLogins(host).get(uid)
  if (own || uid >= mostUid) return own
  try {
    const record = fs.readFile(path, kernel, { at: uid * recordSize, max: recordSize })
    if (record.length < recordSize || record.readInt32LE(0) === 0) return undefined
    const text = (from: number, to: number): string => record.toString('latin1', from, to).replace(/\0[\s\S]*/, '')
    return { at: record.readInt32LE(0) * 1000, line: text(4, 36), host: text(36, recordSize) }
  } catch (error) {
    if (error instanceof SystemError) return undefined
    throw error
  }
}

/** Notes a log-in for the next time. */
export const noteLogin = (host: Host, uid: number, login: LastLogin): void => {
  const own = ownLogins(host)
  if (own.size < 100 || own.has(uid)) own.set(uid, login)
}
