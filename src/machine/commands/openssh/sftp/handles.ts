import type { Stat } from '../../../system.ts'

/** An open file or directory. */
export type Handle = {
  /** As the client named it. */
  name: string
  /** Absolute. */
  path: string
} & (
  | {
      kind: 'file'
      ino: number
      reads: boolean
      writes: boolean
      appends: boolean
      /** Bytes given away and taken, for the record. */
      read: number
      written: number
      /** Its last name is gone: what it held then. */
      orphan?: { data: Buffer; stat: Stat }
    }
  | { kind: 'directory'; entries: string[]; at: number }
)
export type FileHandle = Extract<Handle, { kind: 'file' }>

/** RLIMIT_NOFILE of a session without what the server itself needs. */
export const mostHandles = 1024 - 5

/** Handles as sftp-server counts them: from 0, and what was closed last is used again first. */
export type Handles = {
  /** The new handle's number; `undefined` when there are too many. */
  open(handle: Handle): number | undefined
  get(number: number): Handle | undefined
  close(number: number): Handle | undefined
  all(): Iterable<Handle>
}

export const createHandles = (): Handles => {
  const used: (Handle | undefined)[] = []
  const free: number[] = []
  return {
    open(handle) {
      if (free.length === 0 && used.length >= mostHandles) return undefined
      const number = free.pop() ?? used.length
      used[number] = handle
      return number
    },
    get: number => used[number],
    close(number) {
      const handle = used[number]
      if (handle) {
        used[number] = undefined
        free.push(number)
      }
      return handle
    },
    *all() {
      for (const handle of used) if (handle) yield handle
    },
  }
}
