import type { Program } from '../system.ts'
import { archive } from './archive/index.ts'
import { busybox } from './busybox/index.ts'
import { type Catalogue, lazily } from './catalogue.ts'
import { files } from './files/index.ts'
import { interpreters } from './interpreters/index.ts'
import { netfilter } from './netfilter/index.ts'
import { network } from './network/index.ts'
import { openssh } from './openssh/index.ts'
import { openssl } from './openssl/index.ts'
import { system } from './system/index.ts'
import { terminal } from './terminal/index.ts'
import { text } from './text/index.ts'
import { ubuntu } from './ubuntu/index.ts'

const catalogues: readonly Catalogue[] = [
  files,
  archive,
  text,
  system,
  network,
  netfilter,
  busybox,
  openssh,
  openssl,
  interpreters,
  terminal,
  ubuntu,
]

/** Every program of the machine but its shells, by absolute path behind all links. */
export const programs: ReadonlyMap<string, Program> = new Map(
  catalogues.flatMap(catalogue => Object.entries(catalogue).map(([path, load]) => [path, lazily(load)] as const)),
)

/** Loads every program now; until then each waits for its first run. */
export const loadPrograms = (): Promise<unknown> =>
  Promise.all(catalogues.flatMap(catalogue => Object.values(catalogue).map(load => load())))
