import fs from 'node:fs'

const { O_WRONLY, O_CREAT, O_EXCL, O_APPEND, O_DSYNC } = fs.constants

/**
 * Flags for a new file whose every write is on disk when it returns. Under the permission model Node refuses fsync and
 * fdatasync, so durability is asked for at open (open(2), "Synchronized I/O").
 */
export const durableFlags = O_WRONLY | O_CREAT | O_EXCL | O_APPEND | O_DSYNC

/** The owner writes, the group reads: the trusted side runs as another user of the same group. */
export const fileMode = 0o640

/**
 * Makes a directory that both sides of the wall may list and delete in, whatever the umask; new files take its group. One
 * that is there already stays as it is.
 */
export function shareDirectory(path: string): void {
  if (fs.mkdirSync(path, { recursive: true }) !== undefined) fs.chmodSync(path, 0o2770)
}

/** Bytes of the files that lie directly in a directory. */
export function directoryBytes(directory: string): number {
  let bytes = 0
  for (const file of fs.readdirSync(directory)) {
    // A file may go while we count.
    const stat = fs.statSync(`${directory}/${file}`, { throwIfNoEntry: false })
    if (stat?.isFile()) bytes += stat.size
  }
  return bytes
}

/** Bytes that an unprivileged user may still fill on the file system of a directory. */
export function freeBytes(directory: string): number {
  const { bavail, bsize } = fs.statfsSync(directory)
  return bavail * bsize
}

export type Bounds = {
  /** Bytes that all files may take together. */
  quotaBytes: number
  /** Bytes of the file system left to everybody else. */
  floorBytes: number
}

/** Why `used` bytes of ours, and `free` bytes of the disk, are too much and too little; `undefined`: they are not. */
export function beyond({ quotaBytes, floorBytes }: Bounds, used: number, free: number): string | undefined {
  if (used > quotaBytes) return `quota of ${quotaBytes} bytes reached`
  return free < floorBytes ? `free space under ${floorBytes} bytes` : undefined
}

/** What keeps us from writing into a directory; measures it when what is known is stale. */
export type Room = {
  /** Why `bytes` more must not be written; `undefined`: they may. */
  obstacle(bytes: number): string | undefined
  /** Tells of bytes written since. */
  took(bytes: number): void
  /** Measures anew at the next question. */
  forget(): void
}

/**
 * Other processes use the room too, so a measurement is trusted for ten seconds and an eighth of what it found free:
 * several writers together stay within it, and far from the bounds measuring costs nothing.
 */
export function openRoom(directory: string, bounds: Bounds, now: () => number): Room {
  let used = 0
  let free = 0
  let since = 0
  let trust = 0
  let measuredAt = Number.NEGATIVE_INFINITY
  return {
    obstacle(bytes) {
      if (since > trust || Math.abs(now() - measuredAt) > 10_000) {
        used = directoryBytes(directory)
        free = freeBytes(directory)
        since = 0
        trust = Math.min(bounds.quotaBytes - used, free - bounds.floorBytes) / 8
        measuredAt = now()
      }
      return beyond(bounds, used + since + bytes, free - since - bytes)
    },
    took(bytes) {
      since += bytes
    },
    forget() {
      measuredAt = Number.NEGATIVE_INFINITY
    },
  }
}
