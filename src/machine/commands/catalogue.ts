import type { Process, Program } from '../system.ts'

/** Programs by absolute path, loaded when first run. Paths are those of the image, behind all links. */
export type Catalogue = Readonly<Record<string, () => Promise<Program>>>

/** A program that is loaded when somebody first runs it. */
export const lazily = (load: () => Promise<Program>): Program => {
  let loaded: Promise<Program> | undefined
  return async (process: Process) => {
    loaded ??= load()
    return (await loaded)(process)
  }
}

/** `/usr/bin/x` for each name. */
export const inFolder = (folder: string, names: Catalogue): Catalogue =>
  Object.fromEntries(Object.entries(names).map(([name, load]) => [`${folder}/${name}`, load]))
