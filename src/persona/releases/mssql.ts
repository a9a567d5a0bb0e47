import type { History } from './release.ts'

/** A build of SQL Server for Linux as `@@VERSION` tells it: `RTM-CU12`, `KB5033663`, `16.0.4115.5`, `Mar  4 2024 08:56:10`. */
export type SqlServerBuild = { update: string; kb?: string; version: string; built: string }

const build = (update: string, kb: string, version: string, built: string): SqlServerBuild => ({
  update,
  ...(kb === '' ? {} : { kb: `KB${kb}` }),
  version,
  built,
})

/** Microsoft's own repository of SQL Server 2019 for Ubuntu 20.04, which is put on Debian 11 as well. Days are of publication. */
export const sqlServer2019: History<SqlServerBuild> = [
  ['2021-11-22', build('RTM-CU14', '5007182', '15.0.4188.2', 'Nov  3 2021 19:19:51')],
  ['2022-01-27', build('RTM-CU15', '5008996', '15.0.4198.2', 'Jan 12 2022 22:30:08')],
  ['2023-08-14', build('RTM-CU22', '5027702', '15.0.4322.2', 'Jul 27 2023 18:11:00')],
  ['2024-06-14', build('RTM-CU27', '5037331', '15.0.4375.4', 'Jun 10 2024 18:00:07')],
  ['2024-07-09', build('RTM-CU27-GDR', '5040948', '15.0.4382.1', 'Jul  1 2024 20:03:23')],
  ['2025-11-11', build('RTM-CU32-GDR', '5068404', '15.0.4455.2', 'Oct  7 2025 21:10:15')],
]

/** SQL Server 2022 for Ubuntu 20.04 and 22.04, which is put on Debian 12 as well. */
export const sqlServer2022: History<SqlServerBuild> = [
  ['2022-11-16', build('RTM', '', '16.0.1000.6', 'Oct  8 2022 05:58:25')],
  ['2023-06-15', build('RTM-CU5', '5026806', '16.0.4045.3', 'May 26 2023 12:52:08')],
  ['2024-03-14', build('RTM-CU12', '5033663', '16.0.4115.5', 'Mar  4 2024 08:56:10')],
  ['2024-10-08', build('RTM-CU15-GDR', '5046059', '16.0.4150.1', 'Sep 25 2024 17:34:41')],
  ['2024-11-14', build('RTM-CU16', '5048033', '16.0.4165.4', 'Nov  6 2024 19:24:49')],
  ['2025-01-16', build('RTM-CU17', '5048038', '16.0.4175.1', 'Dec 13 2024 09:01:53')],
  ['2025-08-12', build('RTM-CU20-GDR', '5063814', '16.0.4210.1', 'Jul 11 2025 13:04:02')],
  ['2026-03-12', build('RTM-CU24', '5080999', '16.0.4245.2', 'Feb 25 2026 15:01:38')],
  ['2026-05-28', build('RTM-CU25-GDR', '5095580', '16.0.4260.1', 'May 14 2026 21:25:59')],
  ['2026-07-16', build('RTM-CU26', '5093420', '16.0.4265.3', 'Jul  7 2026 14:37:25')],
  ['2026-09-10', build('RTM-CU27', '5104824', '16.0.4295.3', 'Aug 26 2026 11:02:22')],
]
