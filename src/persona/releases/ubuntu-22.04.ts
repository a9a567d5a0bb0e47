import type { Dated, Kernel, Release } from './release.ts'

/** Ubuntu's kernels carry the build's minute; the archive has them some days later. */
const kernel = (since: string, abi: number, upload: number, built: string): Dated<Kernel> => [
  since,
  { release: `5.15.0-${abi}-generic`, version: `#${upload}-Ubuntu SMP ${built}` },
]

/** Jammy. Without 5.15.0-91, 8.9p1-3ubuntu0.1 and -3ubuntu0.10: the favourites of imitations. */
export const ubuntu2204: Release = {
  id: 'ubuntu-22.04',
  os: { id: 'ubuntu', version: '22.04', codename: 'jammy' },
  pretty: [
    ['2022-04-21', 'Ubuntu 22.04 LTS'],
    ['2022-08-11', 'Ubuntu 22.04.1 LTS'],
    ['2023-02-23', 'Ubuntu 22.04.2 LTS'],
    ['2023-08-10', 'Ubuntu 22.04.3 LTS'],
    ['2024-02-22', 'Ubuntu 22.04.4 LTS'],
    ['2024-09-12', 'Ubuntu 22.04.5 LTS'],
  ],
  installable: ['2022-05-01', '2026-12-31'],
  kernels: [
    kernel('2022-04-21', 25, 25, 'Wed Mar 30 15:54:22 UTC 2022'),
    kernel('2022-08-10', 46, 49, 'Thu Aug 4 18:03:25 UTC 2022'),
    kernel('2022-11-30', 56, 62, 'Tue Nov 22 19:54:14 UTC 2022'),
    kernel('2023-02-02', 60, 66, 'Fri Jan 20 14:29:49 UTC 2023'),
    kernel('2023-04-27', 71, 78, 'Tue Apr 18 09:00:29 UTC 2023'),
    kernel('2023-06-22', 76, 83, 'Thu Jun 15 19:16:32 UTC 2023'),
    kernel('2024-02-14', 97, 107, 'Wed Feb 7 13:26:48 UTC 2024'),
    kernel('2024-04-26', 105, 115, 'Mon Apr 15 09:52:04 UTC 2024'),
    kernel('2024-06-18', 113, 123, 'Mon Jun 10 08:16:17 UTC 2024'),
    kernel('2024-08-12', 119, 129, 'Fri Aug 2 19:25:20 UTC 2024'),
    kernel('2024-09-12', 122, 132, 'Thu Aug 29 13:45:52 UTC 2024'),
    kernel('2025-01-09', 130, 140, 'Wed Dec 18 17:59:53 UTC 2024'),
    kernel('2025-05-05', 139, 149, 'Fri Apr 11 22:06:13 UTC 2025'),
    kernel('2025-08-04', 151, 161, 'Tue Jul 22 14:25:40 UTC 2025'),
    kernel('2025-10-20', 160, 170, 'Wed Oct 1 10:06:56 UTC 2025'),
  ],
  packages: {
    openssh: [
      ['2022-03-09', '1:8.9p1-3'],
      ['2023-07-24', '1:8.9p1-3ubuntu0.3'],
      ['2023-08-24', '1:8.9p1-3ubuntu0.4'],
      ['2024-01-03', '1:8.9p1-3ubuntu0.6'],
      ['2024-04-30', '1:8.9p1-3ubuntu0.7'],
      ['2025-02-18', '1:8.9p1-3ubuntu0.11'],
      ['2025-04-22', '1:8.9p1-3ubuntu0.13'],
      // Seen in 2026; the days are taken from Debian's uploads for the same flaws.
      ['2026-04-20', '1:8.9p1-3ubuntu0.15'],
      ['2026-08-01', '1:8.9p1-3ubuntu0.17'],
    ],
    nginx: [
      ['2022-04-01', '1.18.0-6ubuntu14'],
      ['2022-11-15', '1.18.0-6ubuntu14.3'],
      ['2023-07-05', '1.18.0-6ubuntu14.4'],
      ['2024-09-16', '1.18.0-6ubuntu14.5'],
      ['2025-02-18', '1.18.0-6ubuntu14.6'],
    ],
    apache: [
      ['2022-03-29', '2.4.52-1ubuntu4'],
      ['2022-06-21', '2.4.52-1ubuntu4.1'],
      ['2023-02-01', '2.4.52-1ubuntu4.3'],
      ['2023-03-09', '2.4.52-1ubuntu4.4'],
      ['2023-05-03', '2.4.52-1ubuntu4.5'],
      ['2023-07-27', '2.4.52-1ubuntu4.6'],
      ['2023-11-22', '2.4.52-1ubuntu4.7'],
      ['2024-04-11', '2.4.52-1ubuntu4.9'],
      ['2024-07-08', '2.4.52-1ubuntu4.10'],
      ['2024-07-18', '2.4.52-1ubuntu4.12'],
      ['2025-01-08', '2.4.52-1ubuntu4.13'],
    ],
    vsftpd: [['2022-01-31', '3.0.5-0ubuntu1']],
    proftpd: [['2022-02-28', '1.3.7c+dfsg-1build1']],
    telnetd: [['2022-03-24', '0.17-44build1']],
    openssl: [
      ['2022-04-13', '3.0.2-0ubuntu1'],
      ['2022-07-05', '3.0.2-0ubuntu1.6'],
      ['2023-02-07', '3.0.2-0ubuntu1.8'],
      ['2023-05-30', '3.0.2-0ubuntu1.10'],
      ['2024-01-31', '3.0.2-0ubuntu1.14'],
      ['2024-09-03', '3.0.2-0ubuntu1.18'],
      ['2025-02-11', '3.0.2-0ubuntu1.19'],
    ],
    redis: [
      ['2022-03-04', { package: '5:6.0.16-1ubuntu1', buildId: 'a3fdef44459b3ad6', gcc: '11.2.0', jemalloc: '5.2.1' }],
    ],
  },
  index: { nginx: 612, apache: 10671 },
  addsSubjectKeyIdentifier: true,
}
