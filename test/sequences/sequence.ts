import type { Witness } from '#machine/system.ts'

/** What a family of malware does on a machine that it got into, retold from public write-ups with inert payloads. */
export type Sequence = {
  name: string
  /**
   * `exec`: each line is a command of its own, as `ssh host 'line'` runs it, one after the other on one machine. `shell`:
   * all lines go to one shell's standard input.
   */
  how: 'exec' | 'shell'
  lines: readonly string[]
  /** URLs that it makes the machine fetch, as witnessed. */
  urls?: readonly string[]
  /** Contents that it leaves or runs. */
  samples?: readonly (Buffer | string)[]
  accounts?: readonly Partial<Parameters<Witness['account']>[0]>[]
  connections?: readonly { host: string; port: number }[]
  /** Paths of what it runs. */
  runs?: readonly string[]
  /** What it looks for in the answers before it goes on. */
  output?: readonly RegExp[]
  /** Seconds after which the bot gives a line up, where it waits for ever. */
  patience?: number
  /** Messages that a real Debian 12 gives to these lines as well. */
  errors?: readonly RegExp[]
}

/** What wget(1) and curl(1) say of their progress where standard error is no terminal. */
export const progress: readonly RegExp[] = [
  /^--20\d\d-|^Connecting to |^HTTP request sent|^Length: |^Saving to: |^ +\d+K |saved \[\d+/,
  /^ +% Total|^ +Dload|^[ \d]+ .*--:--:--/,
]

/** A Linux executable of no use to anybody: an ELF header with one segment, for Intel with 32 or AMD with 64 bits. */
export const tinyElf = (machine: 'i386' | 'x86-64', mark: number): Buffer => {
  const file = Buffer.alloc(machine === 'i386' ? 84 : 120)
  file.set([0x7f, 0x45, 0x4c, 0x46, machine === 'i386' ? 1 : 2, 1, 1])
  file.writeUInt16LE(2, 16)
  file.writeUInt16LE(machine === 'i386' ? 3 : 62, 18)
  file.writeUInt32LE(1, 20)
  if (machine === 'i386') {
    file.writeUInt32LE(0x08048054, 24)
    file.writeUInt32LE(52, 28)
    file.set([52, 0, 32, 0, 1, 0], 40)
    file.writeUInt32LE(1, 52)
    file.writeUInt32LE(0x08048000, 60)
    file.set([84, 0, 0, 0, 84, 0, 0, 0, 5, 0, 0, 0], 68)
  } else {
    file.writeUInt32LE(0x400078, 24)
    file.writeUInt32LE(64, 32)
    file.set([64, 0, 56, 0, 1, 0], 52)
    file.set([1, 0, 0, 0, 5, 0, 0, 0], 64)
    file.writeUInt32LE(0x400000, 80)
    file.set([120], 96)
    file.set([120], 104)
  }
  file.writeUInt32LE(mark, file.length - 4)
  return file
}

/** `\x7f\x45…`, as echo loaders send a file, in pieces. */
export const hexPieces = (data: Buffer, size: number): string[] => {
  const pieces: string[] = []
  for (let at = 0; at < data.length; at += size)
    pieces.push([...data.subarray(at, at + size)].map(byte => `\\x${byte.toString(16).padStart(2, '0')}`).join(''))
  return pieces
}

/** The industry's harmless test file, in two parts so that no scanner takes this one for it. */
export const eicar = ['X5O!P%@AP[4\\PZX54(P^)7CC)7}$EICAR', '-STANDARD-ANTIVIRUS-TEST-FILE!$H+H*'].join('')
