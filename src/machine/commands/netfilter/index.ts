import type { Catalogue } from '../catalogue.ts'

/** The packet filter's own programs: one binary, called by many names. */
export const netfilter: Catalogue = {
  '/usr/sbin/xtables-nft-multi': async () => (await import('./iptables.ts')).iptables,
}
