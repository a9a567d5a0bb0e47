import type { Conn } from '#sensor/conn.ts'
import type { DataConn, PassivePort, TcpContext } from '#sensor/service.ts'
import type { Options } from './options.ts'
import { resolve, type Tree } from './tree.ts'
import type { Command } from './wire.ts'
import type { Account } from './world.ts'

/** What one source did here over all its connections. */
export type Attacker = {
  trees: Map<string, Tree>
  failures: number
  /** Data ports held at this moment. */
  ports: number
}

/** Who is logged in; `account` is missing for an anonymous visitor. */
export type Visitor = { name: string; account?: Account }

/** One control connection. */
export type Ftp = {
  conn: Conn
  cx: TcpContext<Options>
  attacker: Attacker
  accounts: readonly Account[]
  /** What USER said, until PASS. */
  user?: string | undefined
  visitor?: Visitor | undefined
  tree: Tree
  cwd: string
  ascii: boolean
  /** Bytes to skip in the next transfer (REST). */
  restart: number
  /** Where the next transfer ends (RANG). */
  rangeEnd?: number | undefined
  renameFrom?: string | undefined
  umask: number
  /** Where the next transfer goes: a port the peer may connect to, or one of its own that we shall not reach. */
  data?: { passive: PassivePort; arrived?: DataConn } | 'active' | undefined
  epsvOnly: boolean
  bufferSizeSet: boolean
  protect: boolean
  failures: number
  transferred: number
  retrieved: number
  /** Facts that OPTS MLST left switched on. */
  facts?: ReadonlySet<string>
  copyFrom?: string | undefined
}

/** What one product says and does. */
export type Dialect = {
  greeting(ftp: Ftp): string
  /** Answers one command; `false` ends the conversation. */
  answer(ftp: Ftp, command: Command): Promise<boolean>
  /** Said to a line that is too long before the connection is closed; without it such a line is passed over. */
  tooLong: string | undefined
  /** Said to silence, before the connection is closed. */
  timeout(ftp: Ftp): string
  /** What a session starts with. */
  ascii: boolean
  umask: number
}

/** The clock of the pretended machine. */
export const clock = (ftp: Ftp) => ftp.cx.now() + ftp.cx.persona.clockSkew
export const whole = (ms: number) => Math.floor(ms / 1000) * 1000

export type Answer = string | undefined | Promise<string | undefined>
/** Answers one command; nothing when it has answered by itself. */
export type Verb = (ftp: Ftp, arg: string, command: Command) => Answer

/** The absolute path of what a command names. */
export const pathOf = (ftp: Ftp, said: string) => resolve(ftp.cwd, said)
