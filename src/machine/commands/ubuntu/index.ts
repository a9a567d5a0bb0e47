import type { Catalogue } from '../catalogue.ts'

/** What Ubuntu's servers have beyond Debian's programs; on a Debian none of these files is there. */
export const ubuntu: Catalogue = {
  '/usr/bin/landscape-sysinfo': async () => (await import('./landscape.ts')).landscapeSysinfo,
  '/usr/bin/ubuntu-advantage': async () => (await import('./pro.ts')).pro,
  '/usr/bin/do-release-upgrade': async () => (await import('./pro.ts')).doReleaseUpgrade,
  '/usr/bin/snap': async () => (await import('./snap.ts')).snap,
  '/usr/bin/resolvectl': async () => (await import('./network.ts')).resolvectl,
  '/usr/sbin/netplan': async () => (await import('./network.ts')).netplan,
  '/usr/sbin/ufw': async () => (await import('./network.ts')).ufw,
  '/usr/lib/command-not-found': async () => (await import('./not-found.ts')).commandNotFound,
}
