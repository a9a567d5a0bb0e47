import { prepared, service, tcp, udp } from '#sensor/service.ts'
import { options } from './options.ts'

const mssql = prepared(() => import('./serve.ts'))

/** SQL Server on Linux, open to the world: `sa` guessed, xp_cmdshell turned on, assemblies loaded, jobs left behind. */
export default service({
  name: 'mssql',
  title: 'Microsoft SQL Server on Linux',
  replaces: ['dionaea mssql', 'heralding mssql', 'qeeqbox mssql', 'opencanary mssql', 'honeypy mssql'],
  listen: [tcp(1433), udp(1434)],
  options,
  limits: { idle: 300, lifetime: 6 * 3600, total: 96 << 20 },
  // TLS 1.2 is the newest that SQL Server speaks inside of TDS; `tds/8.0` is what strict clients ask for.
  tls: persona => ({ ...persona.certificate('other'), maxVersion: 'TLSv1.2', ALPNProtocols: ['tds/8.0'] }),
  load: mssql.load,
  session: async (conn, cx) => (await mssql.load()).session(conn, cx),
  datagram: (packet, cx) => mssql.code.datagram(packet, cx),
})
