import type { Type, Value } from '#sql/value.ts'
import { failed } from './errors.ts'
import { now, type Session, serverName, versionText } from './state.ts'

const int: Type = { name: 'int', notNull: true }
const text = (length: number): Type => ({ name: 'nvarchar', length })

/** `@@NAME`. */
export function globalOf(session: Session, name: string): { value: Value; type: Type } {
  const { server, cx } = session
  const number = (value: number | bigint, type: Type = int) => ({ value: BigInt(value), type })
  const ticks = () => Math.floor((now(session) - server.startedAt) / 32)
  switch (name.toLowerCase()) {
    case 'version':
      return { value: versionText(session), type: text(300) }
    case 'servername':
      return { value: serverName(cx), type: text(128) }
    case 'servicename':
      return { value: 'MSSQLSERVER', type: text(128) }
    case 'language':
      return { value: 'us_english', type: text(128) }
    case 'spid':
      return number(session.id, { name: 'smallint', notNull: true })
    case 'rowcount':
      return number(session.count)
    case 'error':
      return number(session.error)
    case 'trancount':
      return number(session.transactions)
    case 'identity':
      return { value: session.identity ?? null, type: { name: 'numeric', length: 38, scale: 0 } }
    case 'fetch_status':
      return number(session.fetch)
    case 'nestlevel':
    case 'options':
    case 'langid':
    case 'cursor_rows':
    case 'procid':
    case 'total_errors':
    case 'packet_errors':
    case 'remserver':
      return number(name.toLowerCase() === 'options' ? 5432 : 0)
    case 'datefirst':
      return number(7, { name: 'tinyint', notNull: true })
    case 'lock_timeout':
      return number(-1)
    case 'textsize':
      return number(2_147_483_647)
    case 'max_connections':
      return number(32_767)
    case 'max_precision':
      return number(38, { name: 'tinyint', notNull: true })
    case 'microsoftversion':
      return number((Number(server.version.split('.')[0]) << 24) | Number(server.version.split('.')[2]))
    case 'dbts':
      return { value: '\0\0\0\0\0\0\x07\xd0', type: { name: 'varbinary', length: 8 } }
    case 'connections':
      return number(server.session * 7)
    case 'cpu_busy':
    case 'io_busy':
      return number(Math.floor(ticks() / 400))
    case 'idle':
      return number(ticks() % 2_000_000_000)
    case 'timeticks':
      return number(31_250)
    case 'total_read':
    case 'total_write':
    case 'pack_received':
    case 'pack_sent':
      return number(1200 + (Math.floor(ticks() / 900) % 1_000_000))
    default:
      throw failed(137, `Must declare the scalar variable "@@${name}".`, { class: 15, state: 2, ends: true })
  }
}
