export type Member = { name: string; mode: number; data: Buffer }

/** An archive in the ustar format (POSIX.1-1988). `modified` in seconds since the epoch. */
export const tarOf = (members: readonly Member[], modified: number): Buffer => {
  const blocks: Buffer[] = []
  for (const { name, mode, data } of members) {
    const header = Buffer.alloc(512)
    const octal = (value: number, at: number, length: number) =>
      header.write(`${value.toString(8).padStart(length - 1, '0')}\0`, at, 'latin1')
    header.write(name.slice(0, 100), 0, 'latin1')
    octal(mode, 100, 8)
    octal(0, 108, 8)
    octal(0, 116, 8)
    octal(data.length, 124, 12)
    octal(modified, 136, 12)
    header.write('        0', 148, 'latin1')
    header.write('ustar\x0000root', 257, 'latin1')
    header.write('root', 297, 'latin1')
    const sum = header.reduce((total, byte) => total + byte, 0)
    header.write(`${sum.toString(8).padStart(6, '0')}\0 `, 148, 'latin1')
    blocks.push(header, data, Buffer.alloc((512 - (data.length % 512)) % 512))
  }
  const size = blocks.reduce((sum, block) => sum + block.length, 0)
  // Two empty blocks end it, and tar writes whole records of twenty.
  return Buffer.concat([...blocks, Buffer.alloc(10_240 - (size % 10_240) + (size % 10_240 > 9216 ? 10_240 : 0))])
}
