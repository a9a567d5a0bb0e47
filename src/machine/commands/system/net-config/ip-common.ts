import type { Process } from '../../../system.ts'
import { type Link, networkOf } from './network.ts'

/** A message, and the status that goes with it. */
export const complain = async (process: Process, text: string, status: number): Promise<number> => {
  await process.stderr.write(`${text}\n`)
  return status
}

/** What changes the kernel's tables is for root. */
export const permitted = async (process: Process): Promise<boolean> => {
  if (process.who.uid === 0) return true
  await process.stderr.write('RTNETLINK answers: Operation not permitted\n')
  return false
}

/** `add`, `a`, `ad` mean add; nothing at all means show. */
export const verbOf = (word: string | undefined, verbs: readonly string[]): string | undefined =>
  word === undefined ? 'show' : (verbs.find(verb => verb.startsWith(word)) ?? undefined)

/** A link by its name or its other name. */
export const linkNamed = (process: Process, name: string): Link | undefined =>
  networkOf(process).links.find(one => one.name === name || (name === 'enp0s3' && one.index === 2))
