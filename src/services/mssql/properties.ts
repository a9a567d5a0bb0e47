import type { Value } from '#sql/value.ts'
import { type Session, serverName } from './state.ts'

/** SERVERPROPERTY: "SERVERPROPERTY (Transact-SQL)". */
export function serverProperty({ cx, server }: Session, name: string): Value {
  const { version, update, kb } = cx.persona.software.mssql
  const [major = '16', minor = '0', build = '0'] = version.split('.')
  const all = new Map<string, Value>([
    ['productversion', version],
    ['productlevel', 'RTM'],
    ['productupdatelevel', /CU\d+/.exec(update)?.[0] ?? null],
    ['productupdatereference', kb ?? null],
    ['productmajorversion', major],
    ['productminorversion', minor],
    ['productbuild', build],
    ['productbuildtype', update.includes('GDR') ? 'GDR' : null],
    ['edition', `${server.edition} Edition (64-bit)`],
    [
      'editionid',
      server.edition === 'Express'
        ? -1_592_396_055n
        : server.edition === 'Standard'
          ? -1_534_726_760n
          : -2_117_995_310n,
    ],
    ['engineedition', server.edition === 'Express' ? 4n : server.edition === 'Standard' ? 2n : 3n],
    ['servername', serverName(cx)],
    ['machinename', serverName(cx)],
    ['computernamephysicalnetbios', serverName(cx)],
    ['instancename', null],
    ['instancedefaultdatapath', '/var/opt/mssql/data/'],
    ['instancedefaultlogpath', '/var/opt/mssql/data/'],
    ['instancedefaultbackuppath', '/var/opt/mssql/data'],
    ['errorlogfilename', '/var/opt/mssql/log/errorlog'],
    ['pathseparator', '/'],
    ['collation', 'SQL_Latin1_General_CP1_CI_AS'],
    ['collationid', 872_468_488n],
    ['comparisonstyle', 196_609n],
    ['lcid', 1033n],
    ['sqlcharset', 1n],
    ['sqlcharsetname', 'iso_1'],
    ['sqlsortorder', 52n],
    ['sqlsortordername', 'nocase_iso'],
    ['buildclrversion', 'v4.0.30319'],
    ['isclustered', 0n],
    ['ishadrenabled', 0n],
    ['hadrmanagerstatus', 2n],
    ['isadvancedanalyticsinstalled', 0n],
    ['isfulltextinstalled', 0n],
    ['isintegratedsecurityonly', 0n],
    ['islocaldb', 0n],
    ['ispolybaseinstalled', 0n],
    ['issingleuser', 0n],
    ['isxtpsupported', 1n],
    ['istempdbmetadatamemoryoptimized', 0n],
    ['filestreamconfiguredlevel', 0n],
    ['filestreameffectivelevel', 0n],
    ['filestreamsharename', 'MSSQLSERVER'],
    ['licensetype', 'DISABLED'],
    ['numlicenses', null],
    ['processid', BigInt(380 + (cx.persona.derive('mssql process', 2).readUInt16BE() % 700))],
    ['resourceversion', version],
    ['resourcelastupdatedatetime', cx.persona.software.mssql.built],
  ])
  return all.get(name.trim().toLowerCase()) ?? null
}
