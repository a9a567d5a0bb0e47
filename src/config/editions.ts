/**
 * Which services run when skep.yaml does not say, and whether store and page do. A machine on which everything is open
 * meets everybody and is believed by programs; one that has what machines of one trade have is believed by people too.
 */
export const editions = {
  standard: { services: 'all', hive: true },
  mini: { services: ['ssh', 'telnet', 'http'], hive: true },
  web: { services: ['ssh', 'ftp', 'http', 'mysql'], hive: true },
  mail: { services: ['ssh', 'smtp', 'pop3', 'imap', 'http'], hive: true },
  database: { services: ['ssh', 'postgresql', 'redis'], hive: true },
  telephony: { services: ['ssh', 'http', 'sip', 'tftp'], hive: true },
  sensor: { services: 'all', hive: false },
  passive: { services: [], hive: true },
} as const satisfies Record<string, { services: 'all' | readonly string[]; hive: boolean }>
