import { bunzip2 } from './bzip2.ts'
import { bzip2 } from './bzip2-encode.ts'
import { gunzip, gzip } from './gzip-stream.ts'
import { storeXz, unxz } from './xz.ts'

export type Codec = {
  name: 'gzip' | 'bzip2' | 'xz'
  decode(data: Buffer, step: (cost: number) => void): AsyncIterable<Buffer> | Iterable<Buffer>
  encode(data: Buffer, step: (cost: number) => void): Buffer
}

export const codecs: Record<Codec['name'], Codec> = {
  gzip: { name: 'gzip', decode: gunzip, encode: data => gzip(data) },
  bzip2: { name: 'bzip2', decode: bunzip2, encode: bzip2 },
  xz: { name: 'xz', decode: unxz, encode: storeXz },
}

/** By the first bytes. */
export const codecFor = (data: Buffer): Codec | undefined => {
  const head = data.toString('latin1', 0, 6)
  if (head.startsWith('\x1f\x8b')) return codecs.gzip
  if (head.startsWith('BZh')) return codecs.bzip2
  return head === '\xfd7zXZ\0' ? codecs.xz : undefined
}
