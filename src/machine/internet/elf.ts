/** Kinds of processors that loaders bring binaries for, as the ELF header names them (ELF specification, e_machine). */
export type Architecture = { machine: number; bits: 32 | 64; big: boolean; flags: number; base: number }

const architectures: readonly (readonly [name: RegExp, architecture: Architecture])[] = [
  [/(^|[^a-z0-9])(x86[_-]?64|x64|amd64|64bit)/, { machine: 62, bits: 64, big: false, flags: 0, base: 0x400000 }],
  [/(^|[^a-z])(mipsel|mpsl|mipsl|mips[_-]?el)/, { machine: 8, bits: 32, big: false, flags: 0x1007, base: 0x400000 }],
  [/(^|[^a-z])mips64/, { machine: 8, bits: 64, big: true, flags: 0x20000007, base: 0x120000000 }],
  [/(^|[^a-z])mips/, { machine: 8, bits: 32, big: true, flags: 0x1007, base: 0x400000 }],
  [/aarch64|arm64|armv8|arm8/, { machine: 183, bits: 64, big: false, flags: 0, base: 0x400000 }],
  [/armv?7|armhf|armv?6/, { machine: 40, bits: 32, big: false, flags: 0x4000002, base: 0x8000 }],
  [/(^|[^a-z])arm/, { machine: 40, bits: 32, big: false, flags: 0x202, base: 0x8000 }],
  [/(^|[^a-z])(ppc|powerpc)/, { machine: 20, bits: 32, big: true, flags: 0, base: 0x10000000 }],
  [/(^|[^a-z])(spc|sparc)/, { machine: 2, bits: 32, big: true, flags: 0, base: 0x10000 }],
  [/(^|[^a-z])(m68k|68k)/, { machine: 4, bits: 32, big: true, flags: 0, base: 0x80000000 }],
  [/(^|[^a-z])(sh4|superh|renesas)/, { machine: 42, bits: 32, big: false, flags: 9, base: 0x400000 }],
  [/(^|[^a-z])arc([^h]|$)/, { machine: 93, bits: 32, big: false, flags: 0x300, base: 0x10000 }],
  [/(^|[^a-z])riscv/, { machine: 243, bits: 64, big: false, flags: 5, base: 0x10000 }],
  [/(^|[^a-z])(x86|x32|i[3-6]86|386|586|686)/, { machine: 3, bits: 32, big: false, flags: 0, base: 0x8048000 }],
]
const native = architectures[0]![1]

/** The processor that a file's name promises. */
export const architectureIn = (name: string): Architecture | undefined =>
  architectures.find(([pattern]) => pattern.test(name.toLowerCase()))?.[1]

/**
 * A statically linked executable of `size` bytes without section headers: a header and segments that every tool reads,
 * around `filling`, which is noise and no code.
 */
export const elfOf = (architecture: Architecture = native, filling: Buffer): Buffer => {
  const { machine, bits, big, flags, base } = architecture
  const wide = bits === 64
  const headerSize = wide ? 64 : 52
  const segmentSize = wide ? 56 : 32
  const file = Buffer.from(filling)
  const u16 = (value: number, at: number) => (big ? file.writeUInt16BE(value, at) : file.writeUInt16LE(value, at))
  const u32 = (value: number, at: number) => (big ? file.writeUInt32BE(value, at) : file.writeUInt32LE(value, at))
  const word = (value: number, at: number) => {
    if (!wide) u32(value, at)
    else if (big) file.writeBigUInt64BE(BigInt(value), at)
    else file.writeBigUInt64LE(BigInt(value), at)
  }
  const step = wide ? 8 : 4
  file.fill(0, 0, headerSize + 3 * segmentSize)
  file.write('\x7fELF', 0, 'latin1')
  file[4] = wide ? 2 : 1
  file[5] = big ? 2 : 1
  file[6] = 1
  // Debian's and most cross compilers' binaries say System V; ARM's old ABI said ARM.
  file[7] = machine === 40 && flags === 0x202 ? 97 : 0
  u16(2, 16)
  u16(machine, 18)
  u32(1, 20)
  const fields = 24
  word(base + 0x1a0, fields)
  word(headerSize, fields + step)
  word(0, fields + 2 * step)
  const rest = fields + 3 * step
  u32(flags, rest)
  u16(headerSize, rest + 4)
  u16(segmentSize, rest + 6)
  u16(3, rest + 8)
  u16(wide ? 64 : 40, rest + 10)
  const split = Math.floor((file.length * 0.93) / 4096) * 4096
  const dataAt = base + split + (machine === 8 ? 0x40000 : 0x1000)
  const segments = [
    { type: 1, flags: 5, offset: 0, address: base, size: split, memory: split, align: 0x1000 },
    {
      type: 1,
      flags: 6,
      offset: split,
      address: dataAt,
      size: file.length - split,
      memory: file.length - split + 0x4a0,
      align: 0x1000,
    },
    { type: 0x6474e551, flags: 6, offset: 0, address: 0, size: 0, memory: 0, align: 16 },
  ]
  segments.forEach((segment, index) => {
    const at = headerSize + index * segmentSize
    u32(segment.type, at)
    const words = [segment.offset, segment.address, segment.address, segment.size, segment.memory]
    if (wide) {
      u32(segment.flags, at + 4)
      ;[...words, segment.align].forEach((value, i) => void word(value, at + 8 + i * 8))
    } else {
      words.forEach((value, i) => void word(value, at + 4 + i * 4))
      u32(segment.flags, at + 24)
      u32(segment.align, at + 28)
    }
  })
  return file
}
