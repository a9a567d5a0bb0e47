import type { MachineDisk } from './fs/disk.ts'
import { kernel } from './rights.ts'
import { SystemError } from './system.ts'

/** As much of a program's head as tells it from the others. */
const headBytes = 4096

/** Recognises the programs at `paths` by content, wherever they were copied to: `cp /bin/busybox /tmp/x; /tmp/x wget …`. */
export const createIdentities = (
  disk: () => MachineDisk,
  paths: readonly string[],
): {
  /** The path of the program whose copy this is, as far as size and head tell. */
  of(data: Buffer): string | undefined
  /** A copy of an installed program to the last byte: nobody brought that. */
  installed(data: Buffer): boolean
} => {
  let known: Map<string, string> | undefined
  const keyOf = (size: number, head: Buffer): string => `${size} ${head.toString('latin1')}`
  const learn = (): Map<string, string> => {
    const machine = disk()
    const { fs } = machine.view(machine.layer(), { list: () => [], self: () => 1 })
    const found = new Map<string, string>()
    for (const path of paths) {
      try {
        found.set(keyOf(fs.stat(path, kernel).size, fs.readFile(path, kernel, { max: headBytes })), path)
      } catch (error) {
        // A program that this release does not have.
        if (!(error instanceof SystemError)) throw error
      }
    }
    return found
  }
  const of = (data: Buffer): string | undefined => {
    known ??= learn()
    return known.get(keyOf(data.length, data.subarray(0, headBytes)))
  }
  return {
    of,
    installed(data) {
      const path = of(data)
      if (path === undefined) return false
      const machine = disk()
      const { fs } = machine.view(machine.layer(), { list: () => [], self: () => 1 })
      return fs.readFile(path, kernel).equals(data)
    },
  }
}
