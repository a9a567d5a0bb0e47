import type { Make } from '../system.ts'

/** What the head of an ELF file says (elf(5)), as far as the kernel looks at it before it starts a program. */
export type Elf = {
  bits: 32 | 64
  big: boolean
  machine: number
  type: number
  /** The interpreter of PT_INTERP; `undefined` when it is linked statically. */
  interpreter: string | undefined
  /** A segment reaches beyond the end of the file, or there is none that can be loaded. */
  truncated: boolean
}

const machines: ReadonlyMap<number, string> = new Map([
  [2, 'SPARC'],
  [3, 'Intel 80386'],
  [4, 'Motorola m68k'],
  [8, 'MIPS'],
  [15, 'HPPA'],
  [20, 'PowerPC'],
  [21, '64-bit PowerPC'],
  [22, 'IBM S/390'],
  [40, 'ARM'],
  [42, 'Renesas SH'],
  [43, 'SPARC V9'],
  [50, 'IA-64'],
  [62, 'x86-64'],
  [93, 'ARC'],
  [94, 'Xtensa'],
  [183, 'ARM aarch64'],
  [195, 'ARCv2'],
  [243, 'RISC-V'],
  [258, 'LoongArch'],
])

/** Program headers that are looked at; the kernel takes no more than 64 KiB of them. */
const mostSegments = 256

/** Reads the header and program headers; `undefined` where the kernel would not take them for an ELF file. */
export const elfIn = (data: Buffer): Elf | undefined => {
  if (data.length < 52 || data.toString('latin1', 0, 4) !== '\x7fELF') return undefined
  const wide = data[4] === 2
  if ((!wide && data[4] !== 1) || (data[5] !== 1 && data[5] !== 2) || (wide && data.length < 64)) return undefined
  const big = data[5] === 2
  const u16 = (at: number) => (big ? data.readUInt16BE(at) : data.readUInt16LE(at))
  const u32 = (at: number) => (big ? data.readUInt32BE(at) : data.readUInt32LE(at))
  const word = (at: number) => {
    if (!wide) return u32(at)
    return Number(big ? data.readBigUInt64BE(at) : data.readBigUInt64LE(at))
  }
  const elf: Elf = {
    bits: wide ? 64 : 32,
    big,
    machine: u16(18),
    type: u16(16),
    interpreter: undefined,
    truncated: false,
  }
  const at = word(wide ? 32 : 28)
  const size = u16(wide ? 54 : 42)
  const count = Math.min(u16(wide ? 56 : 44), mostSegments)
  if (size !== (wide ? 56 : 32) || count === 0 || !Number.isSafeInteger(at) || at + size * count > data.length) {
    elf.truncated = true
    return elf
  }
  let loads = 0
  for (let index = 0; index < count; index++) {
    const head = at + index * size
    const type = u32(head)
    const offset = word(head + (wide ? 8 : 4))
    const length = word(head + (wide ? 32 : 16))
    const whole = Number.isSafeInteger(offset + length) && offset + length <= data.length
    if (type === 1) {
      loads++
      if (!whole) elf.truncated = true
    }
    if (type === 3 && whole && length > 1 && length <= 4096)
      elf.interpreter = data.toString('latin1', offset, offset + length).replace(/\0.*$/s, '')
  }
  if (loads === 0) elf.truncated = true
  return elf
}

/** `ELF 64-bit LSB x86-64`, as file(1) begins. */
export const elfFormat = (elf: Elf): string =>
  `ELF ${elf.bits}-bit ${elf.big ? 'MSB' : 'LSB'} ${machines.get(elf.machine) ?? `machine ${elf.machine}`}`

/** What a 64-bit Linux for Intel and AMD starts: programs of 32 bits too. */
export const onX86: Pick<Make, 'runs'> = {
  runs: [
    { machine: 62, bits: 64, big: false },
    { machine: 3, bits: 32, big: false },
    { machine: 6, bits: 32, big: false },
  ],
}

/** What execve(2) makes of it on such a machine. `exists` tells whether an interpreter is there. */
export const verdictOn = (
  elf: Elf | undefined,
  { runs }: Pick<Make, 'runs'>,
  exists: (path: string) => boolean,
): 'runs' | 'ENOEXEC' | 'ENOENT' | 'SIGSEGV' => {
  if (!elf) return 'ENOEXEC'
  const native = runs.some(({ machine, bits, big }) => elf.machine === machine && elf.bits === bits && elf.big === big)
  if (!native || (elf.type !== 2 && elf.type !== 3)) return 'ENOEXEC'
  if (elf.interpreter !== undefined && !exists(elf.interpreter)) return 'ENOENT'
  // Its first segments are mapped; what lies beyond the end of the file is no memory that can be touched.
  return elf.truncated ? 'SIGSEGV' : 'runs'
}
