import { type Catalogue, inFolder } from '../catalogue.ts'

const ls = async () => (await import('./ls.ts')).ls

/** Programs that make, move, show and change files. */
export const files: Catalogue = inFolder('/usr/bin', {
  basename: async () => (await import('./basename.ts')).basename,
  dir: ls,
  ls,
  vdir: ls,
})
