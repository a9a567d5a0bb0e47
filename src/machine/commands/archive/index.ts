import { type Catalogue, inFolder } from '../catalogue.ts'

const gzip = async () => (await import('./gzip.ts')).gzip
const bzip2 = async () => (await import('./squeeze.ts')).bzip2
const xz = async () => (await import('./squeeze.ts')).xz

/** Programs that pack and unpack. */
export const archive: Catalogue = inFolder('/usr/bin', {
  bunzip2: bzip2,
  bzcat: bzip2,
  bzip2,
  cpio: async () => (await import('./cpio.ts')).cpio,
  gunzip: gzip,
  gzip,
  tar: async () => (await import('./tar.ts')).tar,
  uncompress: gzip,
  unxz: xz,
  unzip: async () => (await import('./unzip.ts')).unzip,
  xz,
  xzcat: xz,
  zcat: gzip,
})
