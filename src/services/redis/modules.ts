import { text } from '#events/text.ts'
import type { Context } from '#sensor/service.ts'
import { RedisError } from './keyspace.ts'
import type { Options } from './options.ts'
import type { Redis } from './state.ts'

/**
 * Modules that attackers bring. None is ever loaded, as on a server whose replication failed: what a rogue master would have sent is not there, what
 * SAVE wrote is no library, and since 7.0 neither may be executed (module.c, moduleLoad).
 */

const bytes = (latin1: string): Buffer => Buffer.from(latin1, 'latin1')

/** MODULE LOAD and LOADEX. */
export function loadModule(file: string, { cx }: Redis): never {
  cx.record.exploit({
    id: 'redis-module-load',
    name: 'Redis told to load a module',
    evidence: text(bytes(`MODULE LOAD ${file}`), 512),
  })
  throw new RedisError('ERR Error loading the extension. Please check the server logs.')
}
export function unloadModule(): never {
  throw new RedisError('ERR Error unloading module: no such module with that name')
}

/** `system.rev HOST PORT` of the module that tools bring: where its shell was to call home, sent blindly after the load. */
export function noteCallHome([name = '', host = '', port = '']: readonly string[], { record }: Context<Options>): void {
  if (!/^(?:system|shell|sys)\.(?:rev|reverse|connect)$/i.test(name)) return
  record.outboundAttempt({
    host: text(bytes(host), 256),
    port: /^\d{1,5}$/.test(port) ? Number(port) : 0,
    tool: 'redis-module',
  })
}
