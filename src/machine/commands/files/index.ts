import { type Catalogue, inFolder } from '../catalogue.ts'

/** Programs that make, move, show and change files. */
export const files: Catalogue = inFolder('/usr/bin', {
  basename: async () => (await import('./basename.ts')).basename,
})
