import { SystemError } from '../system.ts'
import type { Inode } from './inode.ts'

/** What a device without an end gives to who does not say how much. */
export const endless = 65_536

/** mem(4), by minor number of major 1. */
const memory = new Map<number, 'null' | 'zero' | 'full' | 'random' | 'denied'>([
  [1, 'denied'],
  [3, 'null'],
  [4, 'denied'],
  [5, 'zero'],
  [7, 'full'],
  [8, 'random'],
  [9, 'random'],
  [11, 'denied'],
])

const nameOf = ({ type, rdev }: Readonly<Inode>): string => {
  if (type === 'block') return 'disk'
  // mtdchar: flash, erased.
  if (rdev?.major === 90) return 'flash'
  if (rdev?.major === 1) return memory.get(rdev.minor) ?? 'none'
  return rdev?.major === 4 || rdev?.major === 5 || rdev?.major === 136 ? 'terminal' : 'none'
}

/** At most `max` bytes of a device. A terminal is the session's own, whose reading is the shell's business. */
export const deviceRead = (
  inode: Readonly<Inode>,
  max: number,
  random: (bytes: number) => Buffer,
  path: string,
): Buffer => {
  switch (nameOf(inode)) {
    case 'null':
      return Buffer.alloc(0)
    case 'zero':
    case 'full':
    case 'disk':
      return Buffer.alloc(max)
    case 'flash':
      return Buffer.alloc(max, 0xff)
    case 'random':
      return random(max)
    case 'denied':
      throw new SystemError('EPERM', path)
    default:
      throw new SystemError('ENXIO', path)
  }
}

/** What is written to a device is gone; `full` has no room, ever. */
export const deviceWrite = (inode: Readonly<Inode>, path: string): void => {
  switch (nameOf(inode)) {
    case 'null':
    case 'zero':
    case 'random':
    case 'disk':
    case 'flash':
      return
    case 'full':
      throw new SystemError('ENOSPC', path)
    case 'denied':
      throw new SystemError('EPERM', path)
    default:
      throw new SystemError('ENXIO', path)
  }
}
