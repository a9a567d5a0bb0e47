import path from 'node:path'
import { commandOutput } from '#access/command.ts'
import { text } from '#events/text.ts'
import { RedisError } from './keyspace.ts'
import { type Redis, setting } from './state.ts'
import { array, bulk, integer } from './wire.ts'

/**
 * Modules that attackers bring. What a rogue master would have sent, or SAVE has written, lies where `dir` and
 * `dbfilename` say, so that a load of it can succeed; nothing of it is ever looked into.
 */
export type Module = { name: string; path: string }

const bytes = (latin1: string): Buffer => Buffer.from(latin1, 'latin1')
const FAILED = 'ERR Error loading the extension. Please check the server logs.'

/** MODULE LOAD and LOADEX. */
export function loadModule(file: string, { cx, server }: Redis): void {
  cx.record.exploit({
    id: 'redis-module-load',
    name: 'Redis told to load a module',
    evidence: text(bytes(`MODULE LOAD ${file}`), 512),
  })
  const wanted = path.posix.resolve(setting(server, 'dir'), file)
  const brought = path.posix.join(setting(server, 'dir'), setting(server, 'dbfilename'))
  const replicated = server.master !== undefined || server.formerId !== undefined
  const named = server.config.has('dbfilename')
  if (server.module || !replicated || !named || wanted !== brought) throw new RedisError(FAILED)
  server.module = { name: 'system', path: wanted.slice(0, 256) }
}
export function unloadModule(name: string, { server }: Redis): void {
  if (server.module?.name !== name) throw new RedisError('ERR Error unloading module: no such module with that name')
  server.module = undefined
}
export const listModules = ({ client, server }: Redis): string =>
  array(
    (server.module ? [server.module] : []).map(({ name, path: file }) =>
      client.shape.map([
        [bulk('name'), bulk(name)],
        [bulk('ver'), integer(1)],
        [bulk('path'), bulk(file)],
        [bulk('args'), array([])],
      ]),
    ),
  )

/** Commands of the modules that worms and tools bring (`system.exec COMMAND`, `system.rev HOST PORT`). */
const runs = /^(?:system|shell|sys|cmd|module|redis|do)\.(?:exec|run|cmd|system|execute|do)$/
const calls = /^(?:system|shell|sys)\.(?:rev|reverse|connect)$/

export const isBrought = (name: string, { server }: Redis): boolean =>
  server.module !== undefined && (runs.test(name) || calls.test(name))

/** One of them: a command line runs on the pretended machine, a shell that calls home is told and never called. */
export async function runBrought(args: readonly string[], { cx }: Redis): Promise<string> {
  const [name = '', ...rest] = args
  const { record } = cx
  if (calls.test(name.toLowerCase())) {
    const [host = '', port = ''] = rest
    record.outboundAttempt({
      host: text(bytes(host), 256),
      port: /^\d{1,5}$/.test(port) ? Number(port) : 0,
      tool: 'redis-module',
    })
    return bulk('')
  }
  if (rest.length === 0) throw new RedisError('ERR wrong number of arguments')
  const line = rest.join(' ').slice(0, 16_384)
  const { output } = await commandOutput(cx, 'redis', line, {
    argv: ['/usr/bin/redis-server 0.0.0.0:6379'],
    exe: '/usr/bin/redis-check-rdb',
  })
  return bulk(output)
}
