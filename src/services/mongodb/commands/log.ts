import type { Session } from '../state.ts'

/** Lines of /var/log/mongodb/mongod.log that getLog gives: what was said at the start, and warnings of it. */
export function logLines({ cx, server }: Session, which: 'global' | 'startupWarnings'): string[] {
  const { persona } = cx
  let at = server.startedAt
  const line = (severity: string, component: string, id: number, message: string, attr?: object): string => {
    at += 1 + (id % 37)
    const iso = new Date(at).toISOString().replace('Z', '+00:00')
    const fields = {
      t: { $date: iso },
      s: severity,
      c: component,
      id,
      ctx: 'initandlisten',
      msg: message,
      ...(attr ? { attr } : {}),
    }
    return JSON.stringify(fields)
      .replace(`"s":"${severity}",`, `"s":"${severity}",  `)
      .replace(`"c":"${component}",`, `"c":"${component}",${' '.repeat(Math.max(1, 9 - component.length))}`)
      .replace(`"id":${id},`, `"id":${id},${' '.repeat(8 - String(id).length)}`)
  }
  const tags = { tags: ['startupWarnings'] }
  const warning = (component: string, id: number, message: string): string =>
    line('W', component, id, message).replace(/\}$/, `,"tags":${JSON.stringify(tags.tags)}}`)
  const warnings = [
    warning(
      'STORAGE',
      22_297,
      'Using the XFS filesystem is strongly recommended with the WiredTiger storage engine. See http://dochub.mongodb.org/core/prodnotes-filesystem',
    ),
    ...(cx.options.authorization
      ? []
      : [
          warning(
            'CONTROL',
            22_120,
            'Access control is not enabled for the database. Read and write access to data and configuration is unrestricted',
          ),
        ]),
  ]
  if (which === 'startupWarnings') return warnings
  at = server.startedAt
  return [
    line('I', 'CONTROL', 20_698, '***** SERVER RESTARTED *****'),
    line('I', 'STORAGE', 4_615_611, 'MongoDB starting', {
      pid: server.pid,
      port: 27_017,
      dbPath: '/var/lib/mongodb',
      architecture: '64-bit',
      host: persona.hostname,
    }),
    line('I', 'CONTROL', 23_403, 'Build Info', {
      buildInfo: {
        version: server.version,
        gitVersion: persona.software.mongodb.git,
        modules: [],
        allocator: 'tcmalloc',
      },
    }),
    ...warnings,
    line('I', 'NETWORK', 23_015, 'Listening on', { address: '0.0.0.0' }),
    line('I', 'NETWORK', 23_016, 'Waiting for connections', { port: 27_017, ssl: 'off' }),
  ]
}
