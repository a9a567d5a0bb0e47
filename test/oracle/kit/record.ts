import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import fs from 'node:fs'
import net from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import { converse, type Recorded, type Script } from './dialogue.ts'

/** A daemon in the foreground, and how to be rid of what it needed. */
export type Daemon = { command: string; args: readonly string[]; env?: NodeJS.ProcessEnv; clean?: () => void }

/**
 * Records what a real daemon says: every dialogue meets one of its own on `port` of loopback. `quiet`: milliseconds of
 * silence after which an answer is over.
 */
export async function recordDialogues(
  script: Script,
  port: number,
  daemon: (dialogue: string) => Daemon,
  file: URL,
  quiet = 60,
): Promise<void> {
  const recorded: Recorded = {}
  for (const [name, steps] of Object.entries(script)) {
    const { command, args, env, clean } = daemon(name)
    const server = spawn(command, args, { stdio: 'ignore', ...(env ? { env } : {}) })
    const gone = once(server, 'exit')
    try {
      recorded[name] = await converse(await connect(port, server), steps, () => sleep(quiet))
    } finally {
      server.kill('SIGKILL')
      await gone
      clean?.()
    }
  }
  fs.mkdirSync(new URL('.', file), { recursive: true })
  fs.writeFileSync(file, `${JSON.stringify(recorded, undefined, 1)}\n`)
  const count = Object.values(recorded).reduce((sum, exchanges) => sum + exchanges.length, 0)
  console.log(`${Object.keys(recorded).length} dialogues, ${count} exchanges`)
}

/** Connects once the daemon listens. */
export async function connect(port: number, server?: ChildProcess): Promise<net.Socket> {
  for (let left = 200; ; left--) {
    const socket = net.connect(port, '127.0.0.1')
    try {
      await once(socket, 'connect')
      return socket
    } catch (error) {
      if (left === 0 || (server && server.exitCode !== null)) throw error
      await sleep(50)
    }
  }
}
