import type { Persona } from '#persona/persona.ts'
import type { Account } from './accounts.ts'
import { device } from './devices/index.ts'
import type { DiskRecipe } from './fs/disk.ts'
import type { ProcessEntry } from './fs/process-table.ts'
import { server } from './models/server.ts'
import type { FileSystem, Language, Make, Program } from './system.ts'

/** Which computer stands behind a log-in: all that sets a server apart from a router, as data. */
export type Model = {
  /** The persona as this computer shows it: kernel, processor, memory, network card, names, people. */
  persona: Persona
  make: Make
  disk: DiskRecipe
  /** What runs before anybody logs in. */
  running: readonly ProcessEntry[]
  /** Programs by their path behind all links, shells aside. */
  programs: ReadonlyMap<string, Program>
  /** Files that are shells and nothing else. */
  shells: ReadonlyMap<string, Language>
  /** Where programs are kept that nobody wrote for this house: they end well, without a word. */
  installed: RegExp
  /** The language that the account's shell speaks: its path as in passwd(5), and behind all links. */
  language(shell: string, executable: string): Language | undefined
  /**
   * The account for a name that the machine does not know yet, on the disk as it was when that account was made.
   * `undefined` for what cannot be a name.
   */
  account(fs: FileSystem, user: string): Account | undefined
}

/** Names of models, by which services ask for one; `server` is the persona's own machine. */
export const models = { server, dvr: device('dvr'), router: device('router') } as const satisfies Record<
  string,
  (sensor: Persona) => Model
>
export type ModelName = keyof typeof models
