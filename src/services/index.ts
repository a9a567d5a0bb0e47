import type { Service } from '#sensor/service.ts'

// biome-ignore lint/suspicious/noExplicitAny: a list of services of many option types
type Loader = () => Promise<{ default: Service<any> }>

/** Every protocol an attacker can speak here. Loaded when asked for, so that what is switched off costs nothing. */
export const services: ReadonlyMap<string, Loader> = new Map<string, Loader>([
  ['amqp', () => import('./amqp/index.ts')],
  ['catchall', () => import('./catchall/index.ts')],
  ['dns', () => import('./dns/index.ts')],
  ['finger', () => import('./finger/index.ts')],
  ['ftp', () => import('./ftp/index.ts')],
  ['git', () => import('./git/index.ts')],
  ['http', () => import('./http/index.ts')],
  ['imap', () => import('./imap/index.ts')],
  ['inetd', () => import('./inetd/index.ts')],
  ['kafka', () => import('./kafka/index.ts')],
  ['irc', () => import('./irc/index.ts')],
  ['ldap', () => import('./ldap/index.ts')],
  ['memcached', () => import('./memcached/index.ts')],
  ['mqtt', () => import('./mqtt/index.ts')],
  ['mongodb', () => import('./mongodb/index.ts')],
  ['mssql', () => import('./mssql/index.ts')],
  ['mysql', () => import('./mysql/index.ts')],
  ['nntp', () => import('./nntp/index.ts')],
  ['ntp', () => import('./ntp/index.ts')],
  ['pop3', () => import('./pop3/index.ts')],
  ['pptp', () => import('./pptp/index.ts')],
  ['proxy', () => import('./proxy/index.ts')],
  ['rdp', () => import('./rdp/index.ts')],
  ['postgresql', () => import('./postgresql/index.ts')],
  ['redis', () => import('./redis/index.ts')],
  ['sip', () => import('./sip/index.ts')],
  ['rsync', () => import('./rsync/index.ts')],
  ['smtp', () => import('./smtp/index.ts')],
  ['snmp', () => import('./snmp/index.ts')],
  ['socks', () => import('./socks/index.ts')],
  ['ssdp', () => import('./ssdp/index.ts')],
  ['ssh', () => import('./ssh/index.ts')],
  ['telnet', () => import('./telnet/index.ts')],
  ['tftp', () => import('./tftp/index.ts')],
  ['vnc', () => import('./vnc/index.ts')],
  ['x11', () => import('./x11/index.ts')],
])
