import { drawFrom } from '#persona/draw.ts'
import type { Credentials, FileSystem } from '../system.ts'
import type { Layer } from './inode.ts'
import type { Mount } from './mount.ts'
import { type Overlay, overlayOn, type Quota } from './overlay.ts'
import type { DiskParts } from './rules.ts'
import { createFileSystem } from './tree.ts'

export const root: Credentials = { uid: 0, gid: 0, groups: [0] }
export const alice: Credentials = { uid: 1000, gid: 1000, groups: [1000, 50] }
export const mallory: Credentials = { uid: 1001, gid: 1001, groups: [1001] }

const time = Date.UTC(2026, 0, 2)

/** A disk with nothing but its root. */
export const emptyLayer: Layer = {
  version: 'empty',
  next: 1,
  get: ino =>
    ino === 0
      ? {
          ino,
          type: 'directory',
          mode: 0o755,
          uid: 0,
          gid: 0,
          nlink: 2,
          size: 4096,
          atime: time + 1,
          mtime: time,
          ctime: time,
        }
      : undefined,
  lookup: () => undefined,
  list: () => new Map(),
  read: () => Buffer.alloc(0),
}

export const rootMount: Mount = {
  path: '/',
  source: '/dev/sda1',
  type: 'ext4',
  options: 'rw,relatime,errors=remount-ro',
  dev: 2049,
  mountedAt: time,
}

export type TestDisk = { fs: FileSystem; tree: Overlay; clock: { now: number } }

/** A disk on `lower`, with a clock that only the test moves. */
export const testDisk = (
  lower: Layer = emptyLayer,
  quota: Quota = { bytes: 1 << 24, inodes: 10_000 },
  more: Partial<DiskParts> = {},
): TestDisk => {
  const tree = overlayOn(lower, quota)
  const clock = { now: time + 1000 }
  const fs = createFileSystem({
    tree,
    mounts: [rootMount],
    now: () => clock.now,
    random: bytes => Buffer.alloc(bytes, 7),
    ...more,
  })
  return { fs, tree, clock }
}

/** The errno of a call that has to fail; `''` when it does not. */
export const errnoOf = (call: () => unknown): string => {
  try {
    call()
    return ''
  } catch (error) {
    return (error as { errno?: string }).errno ?? String(error)
  }
}

export type Operation = { who: Credentials; call: string; path: string; to: string; number: number; data: string }

const names = [
  [8, 'a'],
  [8, 'b'],
  [8, 'c'],
  [6, 'd'],
  [4, 'e'],
  [1, '.'],
  [2, '..'],
  [1, 'n'.repeat(255)],
  [0.3, 'x'.repeat(256)],
] as const
const modes = [0o755, 0o777, 0o700, 0o644, 0o1777, 0o2775, 0o4755, 0o6755, 0o2755, 0o111, 0o444, 0o222, 0, 0o2644]
const calls = [
  [10, 'mkdir'],
  [4, 'rmdir'],
  [6, 'unlink'],
  [10, 'rename'],
  [6, 'link'],
  [6, 'symlink'],
  [2, 'readlink'],
  [12, 'write'],
  [5, 'append'],
  [3, 'exclusive'],
  [5, 'read'],
  [4, 'truncate'],
  [7, 'chmod'],
  [6, 'chown'],
  [2, 'lchown'],
  [2, 'utimes'],
  [3, 'readdir'],
  [4, 'stat'],
  [4, 'lstat'],
  [3, 'realpath'],
] as const
const depths = [
  [3, 1],
  [4, 2],
  [3, 3],
  [1, 4],
] as const

/** A random sequence of calls below `base`; the same seed gives the same one. */
export const operations = (seed: string, count: number, base: string, users: readonly Credentials[]): Operation[] => {
  const draw = drawFrom(Buffer.from(seed), 'operations')
  const path = (): string => {
    if (draw.chance(0.005)) return `${base}${'/./a'.repeat(1030)}`
    if (draw.chance(0.003)) return ''
    const parts = Array.from({ length: draw.weighted(depths) }, () => draw.weighted(names))
    return `${base}/${parts.join(draw.chance(0.05) ? '//' : '/')}${draw.chance(0.12) ? '/' : ''}`
  }
  const target = (): string => {
    const relative = path().slice(base.length + 1)
    return draw.chance(0.3) ? `${base}/${relative}` : relative
  }
  const owners = [0, 1000, 1001, 50, -1]
  return Array.from({ length: count }, () => {
    const call = draw.weighted(calls)
    return {
      who: draw.pick(users),
      call,
      path: call === 'symlink' ? target() : path(),
      to: call === 'chown' || call === 'lchown' ? `${draw.pick(owners)}:${draw.pick(owners)}` : path(),
      number: call === 'truncate' ? draw.pick([0, 3, 10, 5000]) : draw.pick(modes),
      data: 'data\n'.repeat(draw.below(4)),
    }
  })
}
