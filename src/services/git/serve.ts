import { text } from '#events/text.ts'
import type { Conn } from '#sensor/conn.ts'
import { Malformed } from '#sensor/endings.ts'
import type { TcpContext } from '#sensor/service.ts'
import type { Options } from './options.ts'
import { packet, readPacket } from './pktline.ts'
import { protocol2 } from './protocol-2.ts'
import { type Repository, repositoriesOf } from './repositories.ts'
import { uploadPack } from './upload-pack.ts'

/** One request of a client, and its service (daemon.c: execute). */
export async function session(conn: Conn, cx: TcpContext<Options>): Promise<void> {
  const first = await readPacket(conn)
  if (typeof first !== 'string') return
  const [command = '', ...extra] = first.split('\0')
  const line = command.replace(/\n$/, '')
  cx.record.command({
    line: text(Buffer.from([line, ...extra.filter(Boolean)].join(' '), 'latin1'), 4096),
    verb: text(Buffer.from(line.split(' ', 1)[0]!.slice(0, 32), 'latin1')),
  })
  const [, service, path = ''] = /^git-(upload-pack|upload-archive|receive-pack) (.*)$/s.exec(line) ?? []
  if (service === undefined) throw new Malformed('Protocol error')
  const found = service === 'upload-pack' ? repository(cx, path) : undefined
  // Taking and archiving are off unless its owner says otherwise; the words are the same for all of it.
  if (!found) return conn.write(packet(`ERR access denied or repository not exported: ${path}`))
  const visit = { conn, cx, repository: found, name: text(Buffer.from(path, 'latin1')) }
  const version = versionOf(extra)
  await (version === 2 ? protocol2(visit) : uploadPack(visit, version))
}

/** `host=…` stands first; behind an empty one is what later versions added (`version=2:…`), the last counts. */
function versionOf(extra: readonly string[]): 0 | 1 | 2 {
  const start = extra.indexOf('')
  const keys = start < 0 ? [] : extra.slice(start).flatMap(one => one.split(':'))
  const versions = keys.flatMap(key => (key === 'version=1' ? [1 as const] : key === 'version=2' ? [2 as const] : []))
  return versions.includes(2) ? 2 : versions.includes(1) ? 1 : 0
}

/** path.c: enter_repo, which tries the path with `.git` behind it too. */
function repository({ persona }: TcpContext<Options>, path: string): Repository | undefined {
  const [, name] = /^\/([\w-]+)(?:\.git)?\/?$/.exec(path) ?? []
  return name === undefined ? undefined : repositoriesOf(persona).get(name)
}
