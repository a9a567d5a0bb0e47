import type { Process } from '../../system.ts'

const done = new WeakMap<Process, number>()
/** Files looked at before others get their turn. */
const turn = 500

/** Counts work that goes through many files, and lets other sessions have the processor now and then. */
export const breathe = async (process: Process, files = 1): Promise<void> => {
  const count = (done.get(process) ?? 0) + files
  done.set(process, count % turn)
  if (count >= turn) await new Promise(resolve => setImmediate(resolve))
}
