import { text } from '#events/text.ts'
import type { Context, Withheld } from '#sensor/service.ts'
import type { Options } from './options.ts'
import { serverName } from './state.ts'

/** SQL Server Resolution Protocol (MS-SQLR 2.2): which instances there are, and at which ports. */
const ask = { broadcast: 2, all: 3, instance: 4, administrator: 15 } as const
const ANSWER = 5

/**
 * The list of instances is many times the question, so it is never sent: what would have been is counted. The port of the
 * administrator's connection is six bytes, which a question with an instance's name has too.
 */
export function datagram(packet: Buffer, cx: Context<Options>): Buffer | Withheld | undefined {
  const kind = packet[0]
  if (kind === undefined) return undefined
  const name = packet.toString('latin1', kind === ask.administrator ? 2 : 1).split('\0')[0]!
  const known = kind === ask.broadcast || kind === ask.all || kind === ask.instance || kind === ask.administrator
  if (!known) return undefined
  cx.record.command({ line: text(packet, 64), verb: `SSRP ${kind}` })
  if (kind === ask.administrator) {
    if (!/^mssqlserver$/i.test(name)) return undefined
    return Buffer.of(ANSWER, 6, 0, 1, 1434 & 255, 1434 >> 8)
  }
  if (kind === ask.instance && !/^mssqlserver$/i.test(name)) return undefined
  const list = `ServerName;${serverName(cx)};InstanceName;MSSQLSERVER;IsClustered;No;Version;${cx.persona.software.mssql.version};tcp;1433;;`
  return { withheld: 3 + list.length }
}
