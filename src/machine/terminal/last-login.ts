import { type FileSystem, SystemError } from '../system.ts'

const kernel = { uid: 0, gid: 0, groups: [] }
const path = '/var/log/lastlog'
/** struct lastlog of Linux on 64 bits: int32 time, 32 bytes of line, 256 of host; the n-th is of uid n. */
const recordSize = 292
/** Uids beyond have no record here: the file would be as long as the highest of them. */
const mostUid = 65_536

/** lastlog(5): when, from where and where an account was last logged in, before this time. Time in milliseconds. */
export const lastLogin = (fs: FileSystem, uid: number): { at: number; host: string; line: string } | undefined => {
  if (uid >= mostUid) return undefined
  try {
    const record = fs.readFile(path, kernel, { at: uid * recordSize, max: recordSize })
    if (record.length < recordSize || record.readInt32LE(0) === 0) return undefined
    const text = (from: number, to: number) => record.toString('latin1', from, to).split('\0', 1)[0]!
    return { at: record.readInt32LE(0) * 1000, host: text(36, 292), line: text(4, 36) }
  } catch (error) {
    if (error instanceof SystemError) return undefined
    throw error
  }
}

/** Notes a log-in for the next time. `line` is `pts/0`. */
export const noteLogin = (
  fs: FileSystem,
  { uid, at, line, host }: { uid: number; at: number; line: string; host: string },
): void => {
  if (uid >= mostUid) return
  const record = Buffer.alloc(recordSize)
  record.writeInt32LE(Math.floor(at / 1000), 0)
  record.write(line.slice(0, 31), 4, 'latin1')
  record.write(host.slice(0, 255), 36, 'latin1')
  try {
    fs.writeFile(path, record, kernel, { at: uid * recordSize, mode: 0o664 })
  } catch (error) {
    // An attacker may have put anything in its place, or filled the disk.
    if (!(error instanceof SystemError)) throw error
  }
}
